import type { TopLevelSpec } from 'vega-lite';
import type { RewardLmc } from '../analysis/results';
import { sameWeights, weightsText } from '../analysis/simplex';
import { mixedExperts } from './simplex';
import { pickable, themeConfig, type ChartOptions } from './theme';

export interface LmcCheckOptions extends ChartOptions {
  /** margins above the chord (at 0), or the soups' values over the chord between the experts */
  readonly show?: 'margins' | 'values';
}

/**
 * Every evaluated λ of one reward: margins with their intervals above the chord at 0, or values with the chord below
 * them. The worst λ is ringed. For two experts x is the weight of the second; for more it is the point's number, and the
 * tooltip names the weights.
 */
export function lmcCheckSpec(reward: string, result: RewardLmc, { theme, width = 420, height = 220, show = 'margins', isInPanel = false, isPickable = false }: LmcCheckOptions): TopLevelSpec {
  const experts = mixedExperts(result);
  const isLine = experts.length === 2;
  const isMargin = show === 'margins';
  const values = result.points
    .map(({ weights, margin, ci, value, chord }, index) => ({
      row: index,
      x: isLine ? (weights[experts[1]] ?? 0) : index + 1,
      weights: weightsText(weights),
      margin,
      value,
      chord,
      // the interval is of the margin: around a value it is what chance alone would move the soup against the chord
      low: ci && (isMargin ? ci[0] : chord + ci[0]),
      high: ci && (isMargin ? ci[1] : chord + ci[1]),
      ciLow: ci?.[0] ?? null,
      ciHigh: ci?.[1] ?? null,
      side: margin < 0 ? sides[1] : sides[0],
      isWorst: sameWeights(weights, result.worst.weights),
    }))
    .sort((a, b) => a.x - b.x);
  const chord = isMargin ? [{ x: isLine ? 0 : 0.5, y: 0 }, { x: isLine ? 1 : values.length + 0.5, y: 0 }] : isLine ? extended(values.map(({ x, chord: y }) => ({ x, y }))) : [];

  const x = {
    field: 'x',
    type: 'quantitative',
    title: isLine ? `λ of ${experts[1]} (${experts[0]} has 1 − λ)` : 'evaluated λ, in the order of the table',
    scale: isLine ? { domain: [0, 1] } : { domain: [0.5, values.length + 0.5], nice: false },
    axis: isLine ? { tickCount: 6, grid: false } : { tickMinStep: 1, format: 'd', grid: false },
  };
  const yTitle = isMargin ? `margin of ${reward}` : reward;
  const y = (field: string) => ({ field, type: 'quantitative', title: yTitle, scale: { zero: isMargin, padding: 14 } }); // the word below the worst point has room
  const legend = { orient: 'bottom', labelLimit: 260 };
  const side = (range: readonly string[]) => ({ field: 'side', type: 'nominal', title: null, legend, scale: { domain: sides, range } });
  const tooltip = [
    { field: 'weights', type: 'nominal', title: 'λ' },
    { field: 'value', type: 'quantitative', format: '.4~g', title: 'soup' },
    { field: 'chord', type: 'quantitative', format: '.4~g', title: 'chord' },
    { field: 'margin', type: 'quantitative', format: '+.4~g', title: 'margin' },
    { field: 'ciLow', type: 'quantitative', format: '+.4~g', title: 'interval from' },
    { field: 'ciHigh', type: 'quantitative', format: '+.4~g', title: 'to' },
  ];
  const measured = isMargin ? 'margin' : 'value';
  // the label stands below the end where the line leaves room for it; the chord of margins may be the x axis itself, and the word below the worst point is at the other end
  const isRising = chord.length > 1 && chord.at(-1)!.y > chord[0].y;
  const isLabelFirst = isMargin ? values.findIndex(({ isWorst }) => isWorst) >= values.length / 2 : isRising;
  const chordLabel = chord.slice(isLabelFirst ? 0 : -1).slice(0, 1);
  const haloed = <Layer extends { readonly mark: object }>(layer: Layer) => [{ stroke: theme.background, strokeWidth: 4, strokeJoin: 'round' }, {}].map((halo) => ({ ...layer, mark: { ...layer.mark, fontSize: theme.fontSize - 1, ...halo } }));
  const hasIntervals = values.some(({ low }) => low !== null);
  const chordMark = { color: theme.foreground, strokeDash: [5, 4], strokeWidth: 1.2 };
  const intervalMark = { color: theme.palette[0], opacity: 0.8 };
  return {
    $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
    description: `${isMargin ? 'Margin of each soup above the chord' : 'Value of each soup and the chord between the experts'} for ${reward}; verdict: ${result.verdict}`,
    width,
    height,
    autosize: { type: 'fit', contains: 'padding' },
    ...(isInPanel ? {} : { title: `${reward}: ${result.verdict}` }),
    config: themeConfig(theme),
    data: { name: 'points', values },
    layer: [
      { data: { name: 'chord', values: chord }, mark: { type: 'line', ...chordMark }, encoding: { x, y: y('y') } },
      ...haloed({ data: { values: chordLabel }, mark: { type: 'text', text: 'chord', align: isLabelFirst ? 'left' : 'right', baseline: isMargin ? 'bottom' : 'top', dx: isLabelFirst ? 4 : -4, dy: isMargin ? -4 : 5 }, encoding: { x, y: y('y') } }),
      ...(isMargin || isLine ? [] : [{ mark: { type: 'tick', thickness: 2, size: 14, color: theme.foreground }, encoding: { x, y: y('chord') } }]),
      ...(hasIntervals ? [{ mark: { type: 'rule', strokeWidth: 1.5, ...intervalMark }, encoding: { x, y: y('low'), y2: { field: 'high' } } }] : []),
      ...(hasIntervals ? ['low', 'high'] : []).map((end) => ({ mark: { type: 'tick', orient: 'horizontal', size: 9, thickness: 1.5, ...intervalMark }, encoding: { x, y: y(end) } })),
      ...(isLine ? [{ mark: { type: 'line', color: theme.palette[0], strokeWidth: 1, opacity: 0.5 }, encoding: { x, y: y(measured) } }] : []),
      { transform: [{ filter: 'datum.isWorst' }], mark: { type: 'point', filled: false, size: 200, strokeWidth: 1.5, color: theme.foreground, opacity: 1 }, encoding: { x, y: y(measured) } },
      ...haloed({ transform: [{ filter: 'datum.isWorst' }], mark: { type: 'text', text: 'worst', baseline: 'top', dy: 11 }, encoding: { x, y: y(measured) } }),
      {
        mark: { type: 'point', filled: true, size: 50, opacity: 1, ...pickable(isPickable) },
        encoding: { x, y: y(measured), color: side([theme.positive, theme.negative]), shape: side(['circle', 'triangle-down']), tooltip },
      },
    ],
  } as unknown as TopLevelSpec;
}

const sides = ['on or above the chord', 'below the chord'] as const;

/** The chord is a line: from the soups on it to both experts, at x = 0 and 1. One soup alone gives only its own point. */
function extended(points: readonly { readonly x: number; readonly y: number }[]): { readonly x: number; readonly y: number }[] {
  const [first, last] = [points.at(0), points.at(-1)];
  if (!first || !last || first.x === last.x) return [...points];
  const at = (x: number) => ({ x, y: first.y + ((last.y - first.y) * (x - first.x)) / (last.x - first.x) });
  return [at(0), at(1)];
}
