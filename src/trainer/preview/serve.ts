import { readToPreview, type FromPreview } from '../../protocol/preview';
import { SoupError } from '../../errors';
import { openPreviewer, type Opening } from './open';
import { pointsOf, type PreviewRequest, type Previewer } from './previewer';

/** The process at the other end of the messages. */
export interface Port {
  onMessage(hear: (message: unknown) => void): void;
  onClose(hear: () => void): void;
  /** resolves when the message is on its way */
  post(message: FromPreview): Promise<void>;
}

/** Node's channel to the process that started this one. @throws SoupError where nobody did */
export function parentPort(): Port {
  const send = process.send?.bind(process);
  if (!send) throw new SoupError('UsageError', '--preview answers messages of the process that started it: it is no command of its own (see `soup try`).');
  return {
    onMessage: (hear) => process.on('message', hear),
    onClose: (hear) => process.on('disconnect', hear),
    // whoever listened may be gone: then `disconnect` ends this process
    post: (message) => new Promise((resolve) => send(message, () => resolve())),
  };
}

/** Answers a host's messages until the channel closes, or the opening fails. Returns the exit code. */
export async function servePreview(port: Port): Promise<number> {
  let opening: Promise<Previewer | null> = Promise.resolve(null);
  let latest: { readonly abort: AbortController; readonly done: Promise<void> } | null = null;
  const start = (request: PreviewRequest) => {
    const abort = new AbortController();
    const before = latest?.done;
    const work = async () => {
      await before; // it uses the same models, and ends at its next token
      await answer(await opening, request, port, abort.signal);
    };
    latest = { abort, done: work() };
  };
  return new Promise<number>((resolve) => {
    port.onClose(() => resolve(0));
    port.onMessage((value) => {
      const message = readToPreview(value);
      if (message?.type === 'open') {
        opening = open(message, port);
        void opening.then((previewer) => previewer ?? resolve(2));
      } else if (message) {
        latest?.abort.abort();
        if (message.type !== 'cancel') start(message);
      }
    });
  });
}

async function open(opening: Opening, port: Port): Promise<Previewer | null> {
  try {
    const { previewer, opened } = await openPreviewer(opening);
    await port.post(opened);
    return previewer;
  } catch (error) {
    await port.post({ type: 'failure', id: null, ...describe(error) });
    return null;
  }
}

async function answer(previewer: Previewer | null, request: PreviewRequest, port: Port, signal: AbortSignal): Promise<void> {
  const { id } = request;
  try {
    if (!previewer) throw new SoupError('PreviewRequestError', 'nothing is open: send `open` first');
    const points = pointsOf(request.weights, previewer.experts, previewer.base !== null);
    await port.post({ type: 'started', id, points });
    for (const [point, which] of points.entries()) {
      if (signal.aborted) break;
      await previewer.answer(which, request, (part) => void port.post({ ...part, id, point }), signal);
    }
    await port.post(signal.aborted ? { type: 'cancelled', id } : { type: 'done', id });
  } catch (error) {
    await port.post(signal.aborted ? { type: 'cancelled', id } : { type: 'failure', id, ...describe(error) });
  }
}

function describe(error: unknown): { readonly name: string; readonly message: string; readonly isInput: boolean } {
  if (process.env.SOUP_DEBUG && error instanceof Error) process.stderr.write(`${error.stack}\n`);
  if (error instanceof Error) return { name: error.name, message: error.message, isInput: error instanceof SoupError && error.isInput };
  return { name: 'Error', message: String(error), isInput: false };
}
