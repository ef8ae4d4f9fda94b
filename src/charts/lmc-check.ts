import type { TopLevelSpec } from 'vega-lite';
import type { RewardLmc } from '../analysis/results';
import { weightsText } from '../analysis/simplex';
import { themeConfig, type ChartOptions } from './theme';

/**
 * Margin above the chord at every evaluated λ of one reward, with its interval; the chord is the line at 0. For two
 * experts x is the weight of the second; for more it is the point's number, and the tooltip names the weights.
 */
export function lmcCheckSpec(reward: string, result: RewardLmc, { theme, width = 420, height = 220 }: ChartOptions): TopLevelSpec {
  const experts = Object.keys(result.points[0]?.weights ?? {});
  const isLine = experts.length === 2;
  const values = result.points.map(({ weights, margin, ci, value, chord }, index) => ({
    x: isLine ? weights[experts[1]] : index + 1,
    weights: weightsText(weights),
    margin,
    value,
    chord,
    low: ci?.[0] ?? null,
    high: ci?.[1] ?? null,
    side: margin < 0 ? 'below the chord' : 'on or above the chord',
  }));
  const x = { field: 'x', type: 'quantitative' as const, title: isLine ? `weight λ of ${experts[1]} (${experts[0]} has 1 − λ)` : 'evaluated point', ...(isLine ? { scale: { domain: [0, 1] } } : {}) };
  const tooltip = [
    { field: 'weights', type: 'nominal' as const, title: 'λ' },
    { field: 'margin', type: 'quantitative' as const, format: '.4~g', title: 'margin' },
    { field: 'low', type: 'quantitative' as const, format: '.4~g', title: 'interval from' },
    { field: 'high', type: 'quantitative' as const, format: '.4~g', title: 'to' },
    { field: 'value', type: 'quantitative' as const, format: '.4~g', title: 'soup' },
    { field: 'chord', type: 'quantitative' as const, format: '.4~g', title: 'chord' },
  ];
  const hasIntervals = values.some(({ low }) => low !== null);
  return {
    $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
    description: `Margin of each soup above the chord for ${reward}; verdict: ${result.verdict}`,
    width,
    height,
    autosize: { type: 'fit', contains: 'padding' },
    title: `${reward}: ${result.verdict}`,
    config: themeConfig(theme),
    data: { name: 'points', values },
    layer: [
      { data: { values: [{ chord: 0 }] }, mark: { type: 'rule', color: theme.foreground, strokeDash: [5, 4], strokeWidth: 1.2 }, encoding: { y: { field: 'chord', type: 'quantitative' } } },
      ...(hasIntervals ? [{ mark: { type: 'errorbar' as const, ticks: true, color: theme.palette[0] }, encoding: { x, y: { field: 'low', type: 'quantitative' as const, title: 'margin above the chord' }, y2: { field: 'high' } } }] : []),
      { mark: { type: 'line', color: theme.palette[0], strokeWidth: 1, opacity: 0.5 }, encoding: { x, y: { field: 'margin', type: 'quantitative' } } },
      {
        mark: { type: 'point', filled: true, size: 60, opacity: 1 },
        encoding: {
          x,
          y: { field: 'margin', type: 'quantitative', title: 'margin above the chord' },
          color: { field: 'side', type: 'nominal', title: null, legend: { orient: 'bottom', labelLimit: 300 }, scale: { domain: ['on or above the chord', 'below the chord'], range: [theme.positive, theme.negative] } },
          shape: { field: 'side', type: 'nominal', title: null, legend: { orient: 'bottom', labelLimit: 300 }, scale: { domain: ['on or above the chord', 'below the chord'], range: ['circle', 'triangle-down'] } },
          tooltip,
        },
      },
    ],
  } as TopLevelSpec;
}
