import type { TopLevelSpec } from 'vega-lite';
import { themeConfig, type ChartOptions } from './theme';

export interface CurvePoint {
  readonly run: string;
  readonly x: number;
  readonly y: number;
}

/** One logged quantity over training, a line a run. */
export function rewardCurvesSpec(quantity: string, points: readonly CurvePoint[], { theme, width = 420, height = 220, xTitle = 'environment steps' }: ChartOptions & { readonly xTitle?: string }): TopLevelSpec {
  const runs = [...new Set(points.map(({ run }) => run))];
  const x = { field: 'x', type: 'quantitative' as const, title: xTitle, axis: { format: '~s' } };
  const y = { field: 'y', type: 'quantitative' as const, title: quantity, scale: { zero: false } };
  const series = { field: 'run', type: 'nominal' as const, title: null, sort: runs, scale: { domain: runs } };
  return {
    $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
    description: `${quantity} over training for ${runs.join(', ')}`,
    width,
    height,
    autosize: { type: 'fit', contains: 'padding' },
    title: quantity,
    config: themeConfig(theme),
    data: { name: 'points', values: [...points] },
    mark: { type: 'line', strokeWidth: 1.8 },
    encoding: {
      x,
      y,
      color: { ...series, legend: { orient: 'bottom' } },
      strokeDash: series,
      tooltip: [
        { field: 'run', type: 'nominal' },
        { field: 'x', type: 'quantitative', title: xTitle, format: ',' },
        { field: 'y', type: 'quantitative', title: quantity, format: '.4~g' },
      ],
    },
  } as TopLevelSpec;
}
