import { existsSync, readFileSync } from 'node:fs';

/** How long an event loop was kept from answering while work went on. */
export interface Blocking {
  /** milliseconds of the longest stretch, counted as processor time where that is less: a busy machine blocks nobody */
  readonly longestMs: number;
  readonly totalMs: number;
}

const statistics = `/proc/self/task/${process.pid}/schedstat`;

/** Processor time in milliseconds: of the main thread where the system (Linux) tells it, else of all threads. */
const processorMs = existsSync(statistics) ? () => Number(readFileSync(statistics, 'utf8').split(' ')[0]) / 1e6 : () => process.cpuUsage().user / 1000 + process.cpuUsage().system / 1000;

/** Measures the longest stretch between two turns of the main thread's event loop while `work` is under way. */
export async function longestBlock(work: () => Promise<unknown>): Promise<Blocking> {
  let longestMs = 0;
  let isDone = false;
  const started = performance.now();
  const watch = (async () => {
    let [wall, processor] = [performance.now(), processorMs()];
    while (!isDone) {
      await new Promise((resolve) => setTimeout(resolve, 1)); // without spinning, which would take the processor from worker threads
      const now = [performance.now(), processorMs()] as const;
      longestMs = Math.max(longestMs, Math.min(now[0] - wall, now[1] - processor));
      [wall, processor] = now;
    }
  })();
  try {
    await work();
  } finally {
    isDone = true;
    await watch;
  }
  return { longestMs, totalMs: performance.now() - started };
}
