/** how long a piece of work goes on before the event loop answers others */
const turnMs = 8;

/**
 * Carries work out in turns, with the event loop free in between: for what a worker thread would only make longer, because
 * handing its data over takes as long as the work.
 * @param work yields wherever it may wait
 */
export async function inTurns<T>(work: Generator<void, T>): Promise<T> {
  for (let start = performance.now(); ; ) {
    const step = work.next();
    if (step.done) return step.value;
    if (performance.now() - start < turnMs) continue;
    await new Promise((resolve) => setImmediate(resolve));
    start = performance.now();
  }
}
