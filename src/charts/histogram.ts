import type { TopLevelSpec } from 'vega-lite';
import { themeConfig, type ChartOptions } from './theme';

export interface HistogramBin {
  readonly from: number;
  readonly to: number;
  readonly count: number;
}

/** Counts of values in equal bins; the square root of the count keeps the tails in sight. */
export function histogramSpec(bins: readonly HistogramBin[], { theme, width = 420, height = 160 }: ChartOptions): TopLevelSpec {
  return {
    $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
    description: 'Histogram of values',
    width,
    height,
    autosize: { type: 'fit', contains: 'padding' },
    config: themeConfig(theme),
    data: { name: 'bins', values: bins.map((bin) => ({ ...bin })) },
    mark: { type: 'bar', color: theme.palette[0], binSpacing: 0.5 },
    encoding: {
      x: { field: 'from', type: 'quantitative', bin: 'binned', title: null, axis: { format: '.3~g', tickCount: 5 } },
      x2: { field: 'to' },
      y: { field: 'count', type: 'quantitative', title: 'values (√ scale)', scale: { type: 'sqrt' }, axis: { format: '~s', tickCount: 4 } },
      tooltip: [
        { field: 'from', type: 'quantitative', format: '.4~g' },
        { field: 'to', type: 'quantitative', format: '.4~g' },
        { field: 'count', type: 'quantitative', format: ',' },
      ],
    },
  } as TopLevelSpec;
}
