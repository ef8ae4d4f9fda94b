import type { TopLevelSpec } from 'vega-lite';
import { dominatingTexts } from '../analysis/front-text';
import type { FrontReport } from '../analysis/results';
import { pointText, vertexOf, weightsText } from '../analysis/simplex';
import { pickable, themeConfig, type ChartOptions } from './theme';

const kinds = ['init', 'expert', 'soup', 'morl'] as const;
const kindNames = { init: 'base', expert: 'expert', soup: 'soup', morl: 'MORL' } as const;

/** Every point over two of the rewards; the line joins soups and experts that nothing dominates in these two, points that are dominated in all rewards are hollow. */
export function frontSpec(report: FrontReport, [first, second]: readonly [string, string], { theme, width = 420, height = 320, isInPanel = false }: ChartOptions): TopLevelSpec {
  const names = report.points.map(pointText);
  const dominators = report.points.map(dominatingTexts(report));
  const values = report.points.map(({ kind, name, weights, rewards, dominated }, row) => ({
    row,
    kind: kindNames[kind],
    name: names[row],
    weights: weights && kind !== 'soup' ? weightsText(weights) : '',
    first: rewards[first],
    second: rewards[second],
    dominated: dominated ? 'dominated' : 'on the front',
    dominatedBy: dominators[row]!.slice(0, 3).join('; ') || '–',
    isFront: (kind === 'soup' || kind === 'expert') && !report.points.some(({ rewards: other }) => other[first] >= rewards[first] && other[second] >= rewards[second] && (other[first] > rewards[first] || other[second] > rewards[second])),
    label: kind === 'init' ? 'base' : kind === 'expert' ? ((weights && vertexOf(weights)) ?? name) : '',
  }));
  const present = kinds.filter((kind) => report.points.some((point) => point.kind === kind)).map((kind) => kindNames[kind]);
  const shapes = { base: 'cross', expert: 'diamond', soup: 'circle', MORL: 'square' } as const;
  const x = { field: 'first', type: 'quantitative' as const, title: first, scale: { zero: false, nice: true } };
  const y = { field: 'second', type: 'quantitative' as const, title: second, scale: { zero: false, nice: true } };
  const colours = { base: theme.foreground, expert: theme.palette[1], soup: theme.palette[0], MORL: theme.palette[2] } as const;
  return {
    $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
    description: `Pareto front over ${first} and ${second}`,
    width,
    height,
    autosize: { type: 'fit', contains: 'padding' },
    ...(isInPanel ? {} : { title: `${second} against ${first}` }),
    config: themeConfig(theme),
    data: { name: 'points', values },
    layer: [
      { transform: [{ filter: 'datum.isFront' }], mark: { type: 'line', color: theme.palette[0], strokeWidth: 1.5 }, encoding: { x, y, order: { field: 'first', type: 'quantitative' } } },
      {
        mark: { type: 'point', filled: true, size: 80, strokeWidth: 1.8, ...pickable(isInPanel) },
        encoding: {
          x,
          y,
          color: { field: 'kind', type: 'nominal', title: null, scale: { domain: present, range: present.map((kind) => colours[kind]) }, legend: { orient: 'bottom' } },
          shape: { field: 'kind', type: 'nominal', title: null, scale: { domain: present, range: present.map((kind) => shapes[kind]) } },
          fillOpacity: { condition: { test: "datum.dominated === 'dominated'", value: 0 }, value: 1 },
          stroke: { field: 'kind', type: 'nominal', title: null, scale: { domain: present, range: present.map((kind) => colours[kind]) }, legend: { orient: 'bottom' } },
          opacity: { value: 1 },
          tooltip: [
            { field: 'kind', type: 'nominal' },
            { field: 'name', type: 'nominal' },
            { field: 'weights', type: 'nominal', title: 'λ' },
            { field: 'first', type: 'quantitative', title: first, format: '.4~g' },
            { field: 'second', type: 'quantitative', title: second, format: '.4~g' },
            { field: 'dominated', type: 'nominal', title: 'front' },
            { field: 'dominatedBy', type: 'nominal', title: 'dominated by' },
          ],
        },
      },
      { transform: [{ filter: "datum.label !== ''" }], mark: { type: 'text', align: 'left', dx: 8, dy: -8 }, encoding: { x, y, text: { field: 'label', type: 'nominal' } } },
    ],
  } as TopLevelSpec;
}
