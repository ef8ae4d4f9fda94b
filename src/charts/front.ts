import type { TopLevelSpec } from 'vega-lite';
import { dominatingTexts } from '../analysis/front-text';
import type { FrontReport } from '../analysis/results';
import { pointText, weightsText } from '../analysis/simplex';
import { labelPlaces } from './label-places';
import { pickable, themeConfig, type ChartOptions, type ChartTheme } from './theme';

const kinds = ['init', 'expert', 'soup', 'morl'] as const;
const kindNames = { init: 'base', expert: 'expert', soup: 'soup', morl: 'MORL' } as const;

interface FrontOptions extends ChartOptions {
  /** labels are placed for a width in pixels */
  readonly width?: number;
}

/** Every point over two of the rewards; the line joins soups and experts that nothing dominates in these two, points that are dominated in all rewards are hollow. */
export function frontSpec(report: FrontReport, [first, second]: readonly [string, string], { theme, width = 420, height = 320, isInPanel = false, isPickable = false }: FrontOptions): TopLevelSpec {
  const names = report.points.map(pointText);
  const dominating = dominatingTexts(report);
  const values = report.points.map(({ kind, weights, rewards, dominated, dominatedBy }, row) => ({
    row,
    kind: kindNames[kind],
    name: names[row],
    weights: weights && kind === 'morl' ? weightsText(weights) : '',
    first: rewards[first],
    second: rewards[second],
    dominated: dominated ? 'dominated' : 'on the front',
    dominatedBy: dominating({ dominatedBy: dominatedBy.slice(0, 3) }).join('; ') || '–',
    isFront: (kind === 'soup' || kind === 'expert') && !report.points.some(({ rewards: other }) => other[first] >= rewards[first] && other[second] >= rewards[second] && (other[first] > rewards[first] || other[second] > rewards[second])),
    label: kind === 'init' ? 'base' : kind === 'expert' ? names[row]! : '',
  }));
  const domains = { first: paddedRange(values.map((value) => value.first)), second: paddedRange(values.map((value) => value.second)) };
  const labelled = withPlaces(values, domains, { width: width - besidePlot(theme), height: height - belowPlot(theme), lineHeight: theme.fontSize + 2 });
  const present = kinds.filter((kind) => report.points.some((point) => point.kind === kind)).map((kind) => kindNames[kind]);
  const shapes = { base: 'cross', expert: 'diamond', soup: 'circle', MORL: 'square' } as const;
  const x = { field: 'first', type: 'quantitative' as const, title: first, scale: { domain: domains.first, nice: false } };
  const y = { field: 'second', type: 'quantitative' as const, title: second, scale: { domain: domains.second, nice: false } };
  const colours = { base: theme.foreground, expert: theme.palette[1], soup: theme.palette[0], MORL: theme.palette[2] } as const;
  return {
    $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
    description: `Pareto front over ${first} and ${second}`,
    width,
    height,
    autosize: { type: 'fit', contains: 'padding' },
    ...(isInPanel ? {} : { title: `${second} against ${first}` }),
    config: themeConfig(theme),
    data: { name: 'points', values: labelled },
    layer: [
      { transform: [{ filter: 'datum.isFront' }], mark: { type: 'line', color: theme.palette[0], strokeWidth: 1.5 }, encoding: { x, y, order: { field: 'first', type: 'quantitative' } } },
      {
        mark: { type: 'point', filled: true, size: 80, strokeWidth: 1.8, ...pickable(isPickable) },
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
            { field: 'weights', type: 'nominal', title: 'μ' },
            { field: 'first', type: 'quantitative', title: first, format: '.4~g' },
            { field: 'second', type: 'quantitative', title: second, format: '.4~g' },
            { field: 'dominated', type: 'nominal', title: 'front' },
            { field: 'dominatedBy', type: 'nominal', title: 'dominated by' },
          ],
        },
      },
      { transform: [{ filter: 'datum.isAway' }], mark: { type: 'rule', aria: false, color: theme.foreground, opacity: 0.6, x2Offset: { expr: 'datum.dx' }, y2Offset: { expr: 'datum.dy' } }, encoding: { x, y, x2: { field: 'first' }, y2: { field: 'second' } } },
      ...[{ aria: false, stroke: theme.background, strokeWidth: 3, strokeJoin: 'round' }, {}].map((halo) => ({ transform: [{ filter: "datum.label !== ''" }], mark: { type: 'text', baseline: 'middle', align: { expr: 'datum.align' }, dx: { expr: 'datum.dx' }, dy: { expr: 'datum.dy' }, ...halo }, encoding: { x, y, text: { field: 'label', type: 'nominal' } } })),
    ],
  } as unknown as TopLevelSpec;
}

interface Drawn {
  readonly first: number;
  readonly second: number;
  readonly label: string;
}

/** Every row with the place of its label. */
function withPlaces<V extends Drawn>(values: readonly V[], domains: Readonly<Record<'first' | 'second', readonly [number, number]>>, plot: { readonly width: number; readonly height: number; readonly lineHeight: number }) {
  const along = (value: number, [low, high]: readonly [number, number]): number => (value - low) / (high - low);
  const places = values.map(({ first, second }) => ({ x: plot.width * along(first, domains.first), y: plot.height * (1 - along(second, domains.second)) }));
  const rows = values.flatMap(({ label }, row) => (label === '' ? [] : [row]));
  const found = labelPlaces(rows.map((row) => ({ ...places[row]!, width: 0.58 * (plot.lineHeight - 2) * values[row]!.label.length })), places, plot);
  const byRow = new Map(rows.map((row, index) => [row, found[index]!]));
  return values.map((value, row) => ({ ...value, ...(byRow.get(row) ?? { dx: 0, dy: 0, align: 'left', isAway: false }) }));
}

/** What the values span and a little on both sides, so that no point lies on the edge. */
function paddedRange(values: readonly number[]): readonly [number, number] {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const padding = 0.05 * (high - low) || Math.max(0.05 * Math.abs(low), Number.MIN_VALUE);
  return [low - padding, high + padding];
}

/** pixels that an axis with its title, and the legend too, take of the chart */
const besidePlot = ({ fontSize }: ChartTheme): number => 4.5 * fontSize;
const belowPlot = ({ fontSize }: ChartTheme): number => 6 * fontSize;
