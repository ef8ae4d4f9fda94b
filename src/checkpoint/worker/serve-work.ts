import { parentPort } from 'node:worker_threads';
import { SoupError } from '../../errors';
import type { StreamOptions } from '../statistics';
import type { FromWorker, ToWorker } from './messages';

const progressIntervalMs = 100;

/** Does what a `WorkerThread` asks of this thread, and answers with progress, a result or a failure. */
export function serveWork<Work>(carryOut: (work: Work, options: StreamOptions) => Promise<unknown>): void {
  const port = parentPort;
  if (!port) throw new Error('This file runs as a worker thread.');
  const underWay = new Map<number, AbortController>();
  const post = (message: FromWorker): void => port.postMessage(message);

  const start = async (id: number, work: Work): Promise<void> => {
    const abort = new AbortController();
    underWay.set(id, abort);
    let last = 0;
    const onProgress = (fraction: number): void => {
      if (Date.now() - last < progressIntervalMs) return;
      last = Date.now();
      post({ type: 'progress', id, fraction });
    };
    try {
      post({ type: 'result', id, result: await carryOut(work, { signal: abort.signal, onProgress }) });
    } catch (error) {
      const { name, message } = error instanceof Error ? error : new Error(String(error));
      post({ type: 'failure', id, name, message, isInput: error instanceof SoupError && error.isInput });
    } finally {
      underWay.delete(id);
    }
  };

  port.on('message', (message: ToWorker) => {
    if (message.type === 'start') void start(message.id, message.work as Work);
    else underWay.get(message.id)?.abort();
  });
}
