import type { TopLevelSpec } from 'vega-lite';
import type { SearchAnswer } from '../analysis/preference-search';
import { vertexOf, weightsText } from '../analysis/simplex';
import { pickable, themeConfig, type ChartOptions } from './theme';

/** The preference of each λ in the order of evaluation, on the samples that the search saw, with the best so far. */
export function searchSpec({ preference, evaluations, name }: SearchAnswer, { theme, width = 420, height = 240, isInPanel = false, isPickable = false }: ChartOptions): TopLevelSpec {
  const values = evaluations.map((one, index) => ({
    row: index, number: index + 1, value: one.value, λ: weightsText(one.weights),
    kind: vertexOf(one.weights) === null ? 'soup' : 'expert',
    best: Math.max(...evaluations.slice(0, index + 1).map(({ value }) => value)),
    isAnswer: one.name === name,
  }));
  const x = { field: 'number', type: 'quantitative', title: 'λ, in the order of evaluation', axis: { tickMinStep: 1 }, scale: { nice: false, padding: 10 } };
  const y = (field: string) => ({ field, type: 'quantitative', title: preference, scale: { zero: false } });
  const kinds = ['expert', 'soup'];
  const color = { field: 'kind', type: 'nominal', title: null, scale: { domain: kinds, range: kinds.map((_, index) => theme.palette[index]) }, legend: { orient: 'bottom' } };
  const tooltip = [{ field: 'λ', type: 'nominal' }, { field: 'value', type: 'quantitative', format: '.4~g', title: preference }];
  return {
    $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
    description: `Search: ${preference} over the evaluations`,
    width, height,
    ...(isInPanel ? {} : { title: `Search for ${preference}` }),
    autosize: { type: 'fit', contains: 'padding' },
    config: themeConfig(theme),
    data: { name: 'points', values },
    layer: [
      { mark: { type: 'line', interpolate: 'step-after', strokeWidth: 1, color: theme.foreground, opacity: 0.6 }, encoding: { x, y: y('best') } },
      { mark: { type: 'point', filled: true, size: 50, opacity: 1, ...pickable(isPickable) }, encoding: { x, y: y('value'), color, shape: { field: 'kind', type: 'nominal', title: null, sort: kinds, legend: color.legend }, tooltip } },
      { transform: [{ filter: 'datum.isAnswer' }], mark: { type: 'point', filled: false, size: 200, strokeWidth: 1.5, color: theme.foreground, opacity: 1, ...pickable(isPickable) }, encoding: { x, y: y('value') } },
    ],
  } as unknown as TopLevelSpec;
}
