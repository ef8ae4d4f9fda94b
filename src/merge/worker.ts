// Entry point of a merge's threads: dist/merge-worker.js.
import { parentPort, workerData } from 'node:worker_threads';
import { SimdKernel } from './kernels/simd';
import { threadError, type ThreadMessage, type ThreadStart } from './thread-messages';
import { controlFlag, Work } from './work';

const { job, kernels, thread } = workerData as ThreadStart;
const post = (message: ThreadMessage): void => parentPort?.postMessage(message);

try {
  const steps = new Work(job, new SimdKernel(kernels), thread).run(() => post({ kind: 'merged' }));
  let step = steps.next();
  while (!step.done && Atomics.load(job.control.flags, controlFlag.stop) === 0) step = steps.next();
  if (step.done) post({ kind: 'report', report: step.value });
} catch (error) {
  post({ kind: 'error', error: threadError(error) });
}
