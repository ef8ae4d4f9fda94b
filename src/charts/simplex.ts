import type { TopLevelSpec } from 'vega-lite';
import type { RewardLmc } from '../analysis/results';
import { sameWeights, weightsText, type Weights } from '../analysis/simplex';
import { pickable, themeConfig, type ChartOptions } from './theme';

export interface SimplexOptions extends ChartOptions {
  /** margins above the chord, or the soups' values */
  readonly show?: 'margins' | 'values';
}

/** The experts that the λ of a check mix. */
export const mixedExperts = ({ points }: RewardLmc): string[] => [...new Set(points.flatMap(({ weights }) => Object.keys(weights)))];

/** Whether the λ of a check fill a triangle. */
export const isTriangle = (result: RewardLmc): boolean => mixedExperts(result).length === 3;

interface Place {
  readonly x: number;
  readonly y: number;
}

/** Corners of the simplex of N experts: a triangle of unit side, for more a polygon of that size, [N]. */
function cornersOf(count: number): Place[] {
  if (count === 3) return [{ x: 0, y: 0 }, { x: 1, y: 0 }, { x: 0.5, y: Math.sqrt(3) / 2 }];
  return Array.from({ length: count }, (_, index) => ({ x: 0.5 + 0.45 * Math.sin((2 * Math.PI * index) / count), y: 0.43 + 0.45 * Math.cos((2 * Math.PI * index) / count) }));
}

/**
 * The λ-simplex of three experts or more: each evaluated λ at the weighted mean of its experts' corners, coloured by its
 * margin or its value; λ below the chord are triangles, the worst is ringed. Of three experts this is the ternary plot;
 * of more, several λ share a place, where the lowest lies on top.
 */
export function simplexSpec(reward: string, result: RewardLmc, { theme, width = 420, height = 380, show = 'margins', isInPanel = false, isPickable = false }: SimplexOptions): TopLevelSpec {
  const experts = mixedExperts(result);
  const corners = cornersOf(experts.length);
  const isMargin = show === 'margins';
  const at = (weights: Weights) => {
    const mean = (axis: keyof Place) => experts.reduce((sum, name, index) => sum + (weights[name] ?? 0) * corners[index][axis], 0);
    return { x: mean('x'), y: mean('y') };
  };
  const values = result.points.map((point, row) => ({ ...point, row })).sort((a, b) => b.margin - a.margin).map(({ row, weights, value, chord, margin, ci, region }) => ({
    row, ...at(weights), weights: weightsText(weights), value, chord, margin, region, shown: isMargin ? margin : value,
    ciLow: ci?.[0] ?? null, ciHigh: ci?.[1] ?? null, side: margin < 0 ? 'below the chord' : 'on or above the chord', isWorst: sameWeights(weights, result.worst.weights),
  }));
  const outline = [...corners, corners[0]].map((corner, order) => ({ ...corner, order }));
  const labels = experts.map((name, index) => ({ ...corners[index], name, below: corners[index].y < 0.4 }));
  const reach = Math.max(...values.map(({ margin }) => Math.abs(margin)), Number.MIN_VALUE);
  const scale = isMargin ? { domain: [-reach, 0, reach], range: [theme.negative, theme.background, theme.positive], interpolate: 'lab' } : { scheme: 'viridis' };
  const x = { field: 'x', type: 'quantitative', axis: null, scale: { domain: [{ expr: '0.5 - width / 2 / unit' }, { expr: '0.5 + width / 2 / unit' }], nice: false, zero: false } };
  const y = { field: 'y', type: 'quantitative', axis: null, scale: { domain: [{ expr: '0.43 - height / 2 / unit' }, { expr: '0.43 + height / 2 / unit' }], nice: false, zero: false } };
  const tooltip = [
    { field: 'weights', type: 'nominal', title: 'λ' },
    { field: 'region', type: 'nominal', title: 'where' },
    { field: 'value', type: 'quantitative', format: '.4~g', title: 'soup' },
    { field: 'chord', type: 'quantitative', format: '.4~g', title: 'chord' },
    { field: 'margin', type: 'quantitative', format: '+.4~g', title: 'margin' },
    { field: 'ciLow', type: 'quantitative', format: '+.4~g', title: 'interval from' },
    { field: 'ciHigh', type: 'quantitative', format: '+.4~g', title: 'to' },
  ];
  return {
    $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
    description: `λ-simplex of ${experts.join(', ')}: ${isMargin ? 'margin above the chord' : 'value'} of ${reward}; verdict: ${result.verdict}`,
    width,
    height,
    autosize: { type: 'fit', contains: 'padding' },
    ...(isInPanel ? {} : { title: `${reward} over the λ-simplex: ${result.verdict}` }),
    config: themeConfig(theme),
    // the sides stay equal, with room for the names of its corners
    params: [{ name: 'unit', expr: 'max(40, min(width / 1.25, height / 1.15))' }],
    data: { name: 'points', values },
    layer: [
      { data: { values: outline }, mark: { type: 'line', color: theme.foreground, strokeWidth: 1 }, encoding: { x, y, order: { field: 'order', type: 'quantitative' } } },
      ...[true, false].map((below) => ({ data: { values: labels.filter((label) => label.below === below) }, mark: { type: 'text', fontWeight: 600, dy: below ? 16 : -14 }, encoding: { x, y, text: { field: 'name', type: 'nominal' } } })),
      { transform: [{ filter: 'datum.isWorst' }], mark: { type: 'point', filled: false, size: 320, strokeWidth: 1.5, color: theme.foreground, opacity: 1 }, encoding: { x, y } },
      {
        mark: { type: 'point', filled: true, size: 130, opacity: 1, stroke: theme.foreground, strokeWidth: 0.6, ...pickable(isPickable) },
        encoding: {
          x, y, tooltip,
          fill: { field: 'shown', type: 'quantitative', title: isMargin ? `margin of ${reward}` : reward, scale, legend: { orient: 'right', gradientLength: 140 } },
          shape: { field: 'side', type: 'nominal', title: null, scale: { domain: ['on or above the chord', 'below the chord'], range: ['circle', 'triangle-down'] }, legend: { orient: 'bottom', labelLimit: 260 } },
        },
      },
    ],
  } as unknown as TopLevelSpec;
}
