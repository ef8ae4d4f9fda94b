import type { Reader } from '../../src/protocol/check';
import { wholeMessages } from '../../src/protocol/pieces';

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
  /**
   * Calls back for each message of the host that is as the protocol says; returns what ends it. Others go no further: the
   * host is told, for its log.
   * @param onRefused called for those others
   */
  listen(receive: (message: Incoming) => void, onRefused?: () => void): () => void;
  /** State saved by an earlier life of this webview, undefined at first. */
  savedState(): unknown;
  saveState(state: unknown): void;
}

/** Connects the page to the extension. */
export function connectHost<Incoming, Outgoing>(read: Reader<Incoming>, api: VsCodeApi = acquireVsCodeApi()): Host<Incoming, Outgoing> {
  const whole = wholeMessages();
  return {
    post: (message) => api.postMessage(message),
    listen(receive, onRefused) {
      const onMessage = ({ data }: MessageEvent<unknown>): void => {
        for (const received of whole(data)) {
          const message = read(received, (reason) => api.postMessage({ type: 'refused', reason }));
          if (message === null) onRefused?.();
          else receive(message);
        }
      };
      window.addEventListener('message', onMessage);
      return () => window.removeEventListener('message', onMessage);
    },
    savedState: () => api.getState(),
    saveState: (state) => api.setState(state),
  };
}
