import type { StudyChart } from '../../src/charts/study-chart';
import type { Cell } from '../kit/csv';

/** What a study's chart draws, with every digit. */
export function chartRows(chart: StudyChart): { readonly header: readonly string[]; readonly rows: readonly (readonly Cell[])[] } {
  if (chart.type === 'fronts') return { header: ['panel', 'series', 'name', ...chart.rewards, 'on its front'], rows: chart.points.map(({ panel, series, name, first, second, isOnFront }) => [panel, series, name, first, second, isOnFront ? 'yes' : 'no']) };
  return { header: ['series', chart.xTitle || 'name', chart.yTitle, 'ci low', 'ci high'], rows: chart.points.map(({ series, x, y, low, high }) => [series, x, y, low ?? null, high ?? null]) };
}
