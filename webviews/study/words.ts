import type { StudySnapshot } from '../../src/protocol/study';
import { formatCount } from '../kit/format';

/** What the findings rest on, or what has to be done for any. */
export function stateText({ report, seeds, cells, alpha }: StudySnapshot): string {
  if (report === null) return cells.done === 0 ? 'Nothing is measured yet: run the experiment file, and the findings appear with the first seed.' : 'The findings appear as soon as every cell of one seed is measured.';
  const of = seeds.done < seeds.of ? ` of ${seeds.of} so far` : '';
  const intervals = seeds.done > 1 ? `Intervals are ${confidence(alpha)}, Student’s over seeds.` : 'One seed has no interval: more would tell what is chance.';
  return `${formatCount(seeds.done, 'seed')}${of}, ${formatCount(cells.of / seeds.of, 'cell')} each. ${intervals}`;
}

/** How far the sweeps are, in words; null once all are done. */
export function progressText({ cells, points }: StudySnapshot): string | null {
  return points.done >= points.of ? null : `${cells.done} of ${formatCount(cells.of, 'cell')} measured, ${points.done} of ${formatCount(points.of, 'point')}`;
}

function confidence(alpha: number): string {
  return `${Number(((1 - alpha) * 100).toFixed(2))} %`;
}
