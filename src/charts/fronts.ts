import type { TopLevelSpec } from 'vega-lite';
import { themeConfig, type ChartOptions } from './theme';

/** A point over two rewards. */
export interface FrontsPoint {
  /** panel of the chart, such as a seed */
  readonly panel: string;
  /** such as soups or MORL; a line joins the points of one that are on its front */
  readonly series: string;
  readonly name: string;
  readonly first: number;
  readonly second: number;
  readonly isOnFront: boolean;
  /** drawn with a ring around it */
  readonly isMarked?: boolean;
}

export interface FrontsChart {
  readonly type: 'fronts';
  readonly points: readonly FrontsPoint[];
  readonly rewards: readonly [string, string];
  readonly title: string;
}

/** room beside the plots for the axis and its labels, and between plots, in pixels */
const axisRoom = 76;
const gap = 24;

/** Fronts of several methods over two rewards, side by side for each panel: as many in a row as the width has room for. */
export function frontsSpec({ points, rewards: [first, second], title }: FrontsChart, { theme, width, height = 240, isInPanel = false }: ChartOptions): TopLevelSpec {
  const series = [...new Set(points.map((point) => point.series))];
  const panels = new Set(points.map(({ panel }) => panel)).size;
  const columns = typeof width === 'number' ? Math.max(1, Math.min(3, panels, Math.floor((width - axisRoom) / 190))) : 3;
  const plotWidth = typeof width === 'number' ? Math.floor((width - axisRoom - gap * (columns - 1)) / columns) : panels === 1 ? 380 : 230;
  const x = { field: 'first', type: 'quantitative', title: first, scale: { zero: false }, axis: { tickCount: 5 } };
  const y = { field: 'second', type: 'quantitative', title: second, scale: { zero: false } };
  const colours = [theme.palette[0], theme.palette[2], theme.palette[1], theme.palette[3], theme.foreground];
  const color = { field: 'series', type: 'nominal', title: null, scale: { domain: series, range: series.map((_, index) => colours[index % colours.length]) }, legend: { orient: 'bottom' } };
  const tooltip = [{ field: 'series', type: 'nominal' }, { field: 'name', type: 'nominal' }, { field: 'first', type: 'quantitative', title: first, format: '.4~g' }, { field: 'second', type: 'quantitative', title: second, format: '.4~g' }];
  return {
    $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
    description: `${title}: fronts of ${series.join(' and ')} over ${first} and ${second}`,
    ...(isInPanel ? {} : { title }),
    config: themeConfig(theme),
    data: { name: 'points', values: [...points] },
    facet: { field: 'panel', type: 'nominal', title: null, header: { labelColor: theme.foreground, labelFont: theme.font, labelFontSize: theme.fontSize } },
    columns,
    spacing: gap,
    spec: {
      width: plotWidth,
      height,
      layer: [
        { transform: [{ filter: 'datum.isOnFront' }], mark: { type: 'line', strokeWidth: 1.5 }, encoding: { x, y, color, order: { field: 'first', type: 'quantitative' } } },
        ...(points.some(({ isMarked }) => isMarked) ? [{ transform: [{ filter: 'datum.isMarked' }], mark: { type: 'point', filled: false, size: 220, strokeWidth: 1.5, color: theme.negative, opacity: 1 }, encoding: { x, y } }] : []),
        { mark: { type: 'point', filled: true, size: 50 }, encoding: { x, y, color, shape: { field: 'series', type: 'nominal', title: null, sort: series }, opacity: { condition: { test: 'datum.isOnFront', value: 1 }, value: 0.4 }, tooltip } },
      ],
    },
  } as unknown as TopLevelSpec;
}
