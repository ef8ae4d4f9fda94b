import { setImmediate } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { assetPath } from '../assets';
import { throwIfAborted } from '../checkpoint/errors';
import { compileKernels, SimdKernel } from './kernels/simd';
import { errorOfThread, threadError, type ThreadMessage, type ThreadStart } from './thread-messages';
import { controlFlag, Work, type MergeJob, type WorkReport } from './work';

/** Threads at work on one job. */
export interface RunningThreads {
  /** every tensor is written; files may still be hashed */
  readonly merged: Promise<void>;
  /** what each thread has seen; rejects with the first error, after all have stopped */
  readonly reports: Promise<WorkReport[]>;
}

let compiled: WebAssembly.Module | null = null;

function kernels(): WebAssembly.Module {
  compiled ??= compileKernels();
  return compiled;
}

/** Starts `count` worker threads on a job. An abort stops them at their next chunk. */
export function startThreads(job: MergeJob, count: number, signal?: AbortSignal): RunningThreads {
  const stop = (): void => void Atomics.store(job.control.flags, controlFlag.stop, 1);
  signal?.addEventListener('abort', stop, { once: true });
  const threads = Array.from({ length: count }, (_, thread) => startThread({ job, kernels: kernels(), thread }, stop));
  const merged = Promise.all(threads.map((thread) => thread.merged)).then(() => undefined);
  const reports = Promise.allSettled(threads.map(({ report }) => report)).then((settled) => {
    signal?.removeEventListener('abort', stop);
    throwIfAborted(signal);
    const failed = settled.find((result) => result.status === 'rejected' && result.reason !== null);
    if (failed?.status === 'rejected') throw failed.reason;
    return settled.flatMap((result) => (result.status === 'fulfilled' && result.value ? [result.value] : []));
  });
  return { merged, reports };
}

interface Thread {
  readonly merged: Promise<void>;
  /** null when it was told to stop */
  readonly report: Promise<WorkReport | null>;
}

function startThread(start: ThreadStart, stopAll: () => void): Thread {
  const worker = new Worker(assetPath('merge-worker.js'), { workerData: start, resourceLimits: { maxYoungGenerationSizeMb: 4 } });
  let onMerged: () => void;
  const merged = new Promise<void>((resolve) => {
    onMerged = resolve;
  });
  const report = new Promise<WorkReport | null>((resolve, reject) => {
    let seen: WorkReport | null = null;
    let failure: unknown = null;
    const fail = (error: unknown): void => {
      failure ??= error;
      stopAll();
    };
    worker.on('message', (message: ThreadMessage) => {
      if (message.kind === 'merged') onMerged();
      else if (message.kind === 'error') fail(errorOfThread(message.error));
      else {
        seen = message.report;
        if (seen.refusedNan) stopAll();
      }
    });
    worker.on('error', (error) => fail(errorOfThread(threadError(error))));
    worker.on('exit', () => {
      onMerged();
      if (failure) reject(failure as Error);
      else resolve(seen);
    });
  });
  return { merged, report };
}

/** Does a job in this thread, which stays free for other events between chunks: for work that is too small for threads. */
export async function runHere(job: MergeJob, signal?: AbortSignal): Promise<WorkReport> {
  const steps = new Work(job, new SimdKernel(kernels()), 0).run(() => undefined);
  try {
    for (;;) {
      throwIfAborted(signal);
      const step = steps.next();
      if (step.done) return step.value;
      await setImmediate();
    }
  } finally {
    steps.return(undefined as never);
  }
}
