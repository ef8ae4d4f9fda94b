import { parentPort } from 'node:worker_threads';
import { SoupError } from '../../errors';
import { openCheckpoint } from '../checkpoint';
import { differenceByTensor, taskVectorsByTensor } from '../difference';
import { checkpointSha256 } from '../digest';
import { missingTensor } from '../errors';
import { tensorHistogram, tensorStatistics, type StreamOptions } from '../statistics';
import type { FromWorker, ResultOf, ToWorker, Work } from './work';

const progressIntervalMs = 100;
const port = parentPort;
if (!port) throw new Error('This file runs as a worker thread.');

const underWay = new Map<number, AbortController>();

async function carryOut(work: Work, options: StreamOptions): Promise<ResultOf[Work['kind']]> {
  const checkpoint = await openCheckpoint(work.checkpoint);
  switch (work.kind) {
    case 'sha256':
      return checkpointSha256(checkpoint, options.signal);
    case 'difference': {
      const reference = await openCheckpoint(work.reference);
      return work.base === null ? differenceByTensor(checkpoint, reference, options) : taskVectorsByTensor(checkpoint, reference, await openCheckpoint(work.base), options);
    }
    default: {
      const tensor = checkpoint.tensors.get(work.tensor);
      if (!tensor) throw missingTensor(work.checkpoint, work.tensor);
      return work.kind === 'statistics' ? tensorStatistics(tensor, options) : tensorHistogram(tensor, work.bins, options);
    }
  }
}

async function start(id: number, work: Work): Promise<void> {
  const abort = new AbortController();
  underWay.set(id, abort);
  const post = (message: FromWorker): void => port!.postMessage(message);
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
}

port.on('message', (message: ToWorker) => {
  if (message.type === 'start') void start(message.id, message.work);
  else underWay.get(message.id)?.abort();
});
