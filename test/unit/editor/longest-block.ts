/** How long an event loop was kept from answering while work went on. */
export interface Blocking {
  /** milliseconds of the longest stretch, counted as processor time where that is less: a busy machine blocks nobody */
  readonly longestMs: number;
  readonly totalMs: number;
}

/** Measures the longest stretch between two turns of the event loop while `work` is under way. */
export async function longestBlock(work: () => Promise<unknown>): Promise<Blocking> {
  let longestMs = 0;
  let isDone = false;
  const started = performance.now();
  const watch = (async () => {
    let [wall, processor] = [performance.now(), process.cpuUsage()];
    while (!isDone) {
      await new Promise((resolve) => setImmediate(resolve));
      const { user, system } = process.cpuUsage(processor);
      longestMs = Math.max(longestMs, Math.min(performance.now() - wall, (user + system) / 1000));
      [wall, processor] = [performance.now(), process.cpuUsage()];
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
