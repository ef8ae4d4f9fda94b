import type { TopLevelSpec } from 'vega-lite';
import type { WeightsVersusPredictions } from '../analysis/predictions';
import { weightsText } from '../analysis/simplex';
import { themeConfig, type ChartOptions } from './theme';

/** R(soup) − R(ensemble) of every λ with its interval, over the squared distance of the experts (over the λ's number where it is not known). */
export function predictionsSpec({ points }: WeightsVersusPredictions, { theme, width = 420, height = 220 }: ChartOptions): TopLevelSpec {
  const hasDistance = points.every(({ squaredDistance }) => squaredDistance !== null);
  const values = points.flatMap(({ weights, gaps, kl, squaredDistance }, index) => Object.entries(gaps).map(([reward, { estimate, ci }]) => ({ x: hasDistance ? squaredDistance : index + 1, reward, estimate, low: ci?.[0] ?? null, high: ci?.[1] ?? null, kl, weights: weightsText(weights) })));
  const rewards = [...new Set(values.map(({ reward }) => reward))];
  const x = { field: 'x', type: 'quantitative', title: hasDistance ? 'squared distance of the experts, Σ λᵢ‖θᵢ − θ_λ‖²' : 'evaluated λ, in the order of the table', scale: { zero: false } };
  const y = (field: string) => ({ field, type: 'quantitative', title: 'soup less ensemble' });
  const color = { field: 'reward', type: 'nominal', title: null, legend: { orient: 'bottom' }, scale: { domain: rewards, range: rewards.map((_, index) => theme.palette[index % theme.palette.length]) } };
  return {
    $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
    description: 'Reward of each soup less that of the ensemble of the same experts',
    width,
    height,
    autosize: { type: 'fit', contains: 'padding' },
    title: 'Weights against predictions',
    config: themeConfig(theme),
    data: { name: 'points', values },
    layer: [
      { data: { values: [{}] }, mark: { type: 'rule', color: theme.foreground, strokeDash: [5, 4] }, encoding: { y: { datum: 0 } } },
      { mark: { type: 'rule', strokeWidth: 1.5, opacity: 0.7 }, encoding: { x, y: y('low'), y2: { field: 'high' }, color } },
      { mark: { type: 'point', filled: true, size: 60, opacity: 1 }, encoding: { x, y: y('estimate'), color, shape: { field: 'reward', type: 'nominal', title: null, scale: { domain: rewards } }, tooltip: ['weights', 'reward', 'estimate', 'low', 'high', 'kl'].map((field) => ({ field, type: typeof values[0]?.[field as keyof (typeof values)[0]] === 'string' ? 'nominal' : 'quantitative' })) } },
    ],
  } as unknown as TopLevelSpec;
}
