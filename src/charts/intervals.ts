import type { TopLevelSpec } from 'vega-lite';
import { themeConfig, type ChartOptions } from './theme';

/** A value with its interval; text on x makes an axis of names, in the order of the points. */
export interface IntervalPoint {
  readonly x: number | string;
  readonly y: number;
  readonly low?: number | null;
  readonly high?: number | null;
  readonly series: string;
}

export interface IntervalsChart {
  readonly type: 'intervals';
  readonly points: readonly IntervalPoint[];
  readonly title: string;
  readonly xTitle: string;
  readonly yTitle: string;
  /** a value that a line is drawn at, such as 0 */
  readonly reference?: number;
  readonly isLine?: boolean;
  readonly isLogarithmic?: boolean;
  readonly format?: string;
}

const defaultWidth = 560;
/** Pixels of a letter of the legend, so that no name is cut. */
const letterWidth = 7;

/** Values with their intervals over numbers or names, one colour and shape a series; a value that is NaN is not there. */
export function intervalsSpec(chart: IntervalsChart, { theme, width = defaultWidth, height = 240, isInPanel = false }: ChartOptions): TopLevelSpec {
  const { points, title, xTitle, yTitle, reference, isLine = false, isLogarithmic = false, format = '.3~g' } = chart;
  const series = [...new Set(points.map((point) => point.series))];
  const columns = Math.max(1, Math.floor((typeof width === 'number' ? width : defaultWidth) / (40 + letterWidth * Math.max(...series.map((name) => name.length)))));
  const isNamed = points.some(({ x }) => typeof x === 'string');
  // where the axis names the series already, a legend says nothing new
  const hasLegend = series.length > 1 && !(isNamed && points.every((point) => point.x === point.series));
  const x = isNamed
    ? { field: 'x', type: 'nominal', title: xTitle || null, sort: [...new Set(points.map((point) => point.x))], axis: { labelAngle: -30, labelLimit: 300 } }
    : { field: 'x', type: 'quantitative', title: xTitle, axis: points.every((point) => Number.isInteger(point.x)) ? { tickMinStep: 1 } : {}, scale: isLogarithmic ? { type: 'log', nice: false, padding: 10 } : { zero: false, padding: 10 } };
  const y = (field: string) => ({ field, type: 'quantitative', title: yTitle, axis: { format }, scale: { zero: reference === 0 } });
  const shift = isNamed && hasLegend ? { xOffset: { field: 'series', type: 'nominal', sort: series } } : {};
  const legend = hasLegend ? { orient: 'bottom', columns, labelLimit: 260 } : null;
  const color = { field: 'series', type: 'nominal', title: null, scale: { domain: series, range: series.map((_, index) => theme.palette[index % theme.palette.length]) }, legend };
  const tooltip = [{ field: 'series', type: 'nominal' }, { field: 'x', type: isNamed ? 'nominal' : 'quantitative', title: xTitle }, ...['y', 'low', 'high'].map((field) => ({ field, type: 'quantitative', format, title: field === 'y' ? yTitle : `interval, ${field}` }))];
  return {
    $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
    description: `${title}: ${yTitle}${xTitle ? ` over ${xTitle}` : ''}`,
    width, height,
    ...(isInPanel ? {} : { title }),
    autosize: { type: 'fit-x', contains: 'padding' }, // the legend takes nothing from the plot
    config: themeConfig(theme),
    data: { name: 'points', values: points.filter(({ y: value }) => !Number.isNaN(value)) },
    layer: [
      ...(reference === undefined ? [] : [{ data: { values: [{ y: reference }] }, mark: { type: 'rule', strokeDash: [5, 4], color: theme.foreground }, encoding: { y: y('y') } }]),
      ...(isLine ? [{ mark: { type: 'line', strokeWidth: 1.5 }, encoding: { x, y: y('y'), color } }] : []),
      ...(points.some(({ low }) => low != null) ? [{ transform: [{ filter: 'isValid(datum.low)' }], mark: { type: 'rule', strokeWidth: 1.5 }, encoding: { x, ...shift, y: y('low'), y2: { field: 'high' }, color } }] : []),
      { mark: { type: 'point', filled: true, size: 60, opacity: 1 }, encoding: { x, ...shift, y: y('y'), color, shape: { field: 'series', type: 'nominal', title: null, sort: series, legend }, tooltip } },
    ],
  } as unknown as TopLevelSpec;
}
