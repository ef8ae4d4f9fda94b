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

/** This thread works at most so long, and to the end of a chunk, before other events have their turn. */
const turnMs = 4;

let compiled: WebAssembly.Module | null = null;

function kernels(): WebAssembly.Module {
  compiled ??= compileKernels();
  return compiled;
}

/**
 * Puts `count` threads to work on a job: this one, which stays free for other events every few chunks, and workers, in whose
 * start it merges already. An abort stops them at their next chunk.
 */
export function startThreads(job: MergeJob, count: number, signal?: AbortSignal): RunningThreads {
  const stop = (): void => void Atomics.store(job.control.flags, controlFlag.stop, 1);
  signal?.addEventListener('abort', stop, { once: true });
  if (signal?.aborted) stop();
  const workers = Array.from({ length: count - 1 }, (_, i) => startThread({ job, kernels: kernels(), thread: i + 1 }, stop));
  const threads = [...workers, workHere(job, stop)];
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
    let failure: unknown = null;
    const fail = (error: unknown): void => {
      failure ??= error;
      stopAll();
    };
    worker.on('message', (message: ThreadMessage) => {
      if (message.kind === 'merged') onMerged();
      else if (message.kind === 'error') fail(errorOfThread(message.error));
      else {
        if (message.report.refusedNan) stopAll();
        // its files are closed: how long the thread takes to end does not matter
        resolve(message.report);
      }
    });
    worker.on('error', (error) => fail(errorOfThread(threadError(error))));
    worker.on('exit', () => {
      onMerged();
      if (failure) reject(failure as Error);
      else resolve(null);
    });
  });
  return { merged, report };
}

/** This thread's share. */
function workHere(job: MergeJob, stopAll: () => void): Thread {
  let onMerged: () => void;
  const merged = new Promise<void>((resolve) => {
    onMerged = resolve;
  });
  const work = async (): Promise<WorkReport | null> => {
    const steps = new Work(job, new SimdKernel(kernels()), 0).run(onMerged);
    try {
      for (let turn = performance.now(); Atomics.load(job.control.flags, controlFlag.stop) === 0; ) {
        const step = steps.next();
        if (step.done) {
          if (step.value.refusedNan) stopAll();
          return step.value;
        }
        if (performance.now() - turn < turnMs) continue;
        await setImmediate();
        turn = performance.now();
      }
      return null;
    } catch (error) {
      stopAll();
      throw error;
    } finally {
      steps.return(undefined as never);
      onMerged();
    }
  };
  return { merged, report: work() };
}
