import { joined } from '../message-queue';
import type { PanelServices } from '../panel-kinds';
import { cachedFile } from '../results-reader';
import type { PanelSource } from '../source';

/** so long the front waits for its intervals; it is shown without them then */
const graceMs = 300;

/** The intervals of a front, under way or done. */
interface Intervals {
  readonly ofFront: string;
  readonly answer: Promise<string>;
  isDone: boolean;
}

/**
 * Makes the function that gives front and hypervolume of the points measured so far, as JSON. The intervals of the volumes
 * come with it, or with a later one where they take long; those of a front that is no more are computed to their end first.
 */
export function frontSnapshots({ results, experimentDirectory, settings }: PanelSource, { analyst, longAnalyst, onLater }: Pick<PanelServices, 'analyst' | 'longAnalyst' | 'onLater'>): () => Promise<string> {
  const derive = cachedFile((file) => analyst.run({ kind: 'front' as const, results: file, experimentDirectory, settings }));
  let latest: Intervals | null = null;
  const begin = (ofFront: string): Intervals => {
    const intervals: Intervals = { ofFront, answer: longAnalyst.run({ kind: 'front-intervals' as const, results, experimentDirectory, settings }), isDone: false };
    const settled = (): void => {
      intervals.isDone = true;
      onLater();
    };
    void intervals.answer.then(settled, settled); // a failure is thrown by the snapshot that they belong to
    return intervals;
  };
  return async () => {
    const front = await derive(results);
    if (latest === null || (latest.isDone && latest.ofFront !== front)) latest = begin(front);
    const { ofFront, answer } = latest;
    if (ofFront !== front) return front;
    const intervals = await Promise.race([answer, new Promise<null>((resolve) => setTimeout(() => resolve(null), graceMs))]);
    return intervals === null ? front : joined(intervals, front);
  };
}
