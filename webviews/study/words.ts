import * as l10n from '@vscode/l10n';
import type { StudySnapshot } from '../../src/protocol/study';
import { counts } from '../kit/counts';
import { formatConfidence } from '../kit/format';

/** What the findings rest on, or what has to be done for any. */
export function stateText({ report, seeds, cells, alpha }: StudySnapshot): string {
  if (report === null) return cells.done === 0 ? l10n.t('Nothing is measured yet: run the experiment file, and the findings appear with the first seed.') : l10n.t('The findings appear as soon as every cell of one seed is measured.');
  const intervals = seeds.done > 1 ? l10n.t('Intervals are {0}, Student’s over seeds.', formatConfidence(alpha)) : l10n.t('One seed has no interval: more would tell what is chance.');
  const [done, cellsEach] = [counts.seeds(seeds.done), counts.cells(cells.of / seeds.of)];
  return `${seeds.done < seeds.of ? l10n.t('{0} of {1} so far, {2} each.', done, seeds.of, cellsEach) : l10n.t('{0}, {1} each.', done, cellsEach)} ${intervals}`;
}

/** How far the sweeps are, in words; null once all are done. */
export function progressText({ cells, points }: StudySnapshot): string | null {
  return points.done >= points.of ? null : l10n.t('{0} of {1} measured, {2} of {3}', cells.done, counts.cells(cells.of), points.done, counts.points(points.of));
}
