import type { Reader } from '../../src/protocol/check';
import { connectHost, type Host } from '../../webviews/kit/host';

let endLast = (): void => undefined;

/**
 * The line of a page to an editor that keeps what is posted. Messages come as events of the window, as in VS Code, and
 * what a listener throws is thrown by `send`. The page before this one hears nothing any more.
 */
export function openLine<Incoming, Outgoing>(read: Reader<Incoming>, saved?: unknown) {
  endLast();
  const posted: Outgoing[] = [];
  const refused: string[] = [];
  let state = saved;
  const connected = connectHost<Incoming, Outgoing>(read, {
    postMessage: (message) => void (isRefusal(message) ? refused.push(message.reason) : posted.push(message as Outgoing)),
    getState: () => state,
    setState: (next) => (state = next),
  });
  const host: Host<Incoming, Outgoing> = { ...connected, listen: (receive, onRefused) => (endLast = connected.listen(receive, onRefused)) };
  const send = (data: unknown): void => {
    const thrown: unknown[] = [];
    const keep = (event: ErrorEvent): void => {
      event.preventDefault();
      thrown.push(event.error);
    };
    window.addEventListener('error', keep);
    window.dispatchEvent(new MessageEvent('message', { data }));
    window.removeEventListener('error', keep);
    if (thrown.length > 0) throw thrown[0] as Error;
  };
  return {
    host,
    posted,
    /** reasons why messages were refused, as the host is told them */
    refused,
    state: () => state,
    send,
  };
}

function isRefusal(message: unknown): message is { readonly reason: string } {
  return (message as { readonly type?: unknown }).type === 'refused';
}
