/** What VS Code puts into every webview; `acquireVsCodeApi` may be called once. */
export interface VsCodeApi {
  postMessage(message: unknown): void;
  getState(): unknown;
  setState(state: unknown): void;
}

declare global {
  function acquireVsCodeApi(): VsCodeApi;
}

/** A typed line to the extension: `Incoming` and `Outgoing` are message unions of src/protocol. */
export interface Host<Incoming, Outgoing> {
  post(message: Outgoing): void;
  /** Calls back for each message of the host; returns what ends it. */
  listen(receive: (message: Incoming) => void): () => void;
  /** State saved by an earlier life of this webview, undefined at first. */
  savedState(): unknown;
  saveState(state: unknown): void;
}

/**
 * Connects the page to the extension. Messages without a string `type` are not ours (VS Code's own, browser extensions)
 * and are left alone.
 * @param api VS Code's handle; taken from the page where absent
 * @param read gives null for a message that is not as the protocol says; such a message is dropped
 */
export function connectHost<Incoming extends { readonly type: string }, Outgoing>(
  api: VsCodeApi = acquireVsCodeApi(),
  read: (message: unknown) => Incoming | null = (message) => (isMessage<Incoming>(message) ? message : null),
): Host<Incoming, Outgoing> {
  return {
    post: (message) => api.postMessage(message),
    listen(receive) {
      const onMessage = (event: MessageEvent<unknown>): void => {
        const message = read(event.data);
        if (message !== null) receive(message);
      };
      window.addEventListener('message', onMessage);
      return () => window.removeEventListener('message', onMessage);
    },
    savedState: () => api.getState(),
    saveState: (state) => api.setState(state),
  };
}

function isMessage<M extends { readonly type: string }>(data: unknown): data is M {
  return typeof data === 'object' && data !== null && 'type' in data && typeof data.type === 'string';
}
