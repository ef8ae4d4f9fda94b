import type { TopLevelSpec } from 'vega-lite';
import type { PointKind, SpiderMap, SpiderSeries } from '../analysis/results';
import { themeConfig, type ChartOptions, type ChartTheme } from './theme';

/** Innermost and outermost value that the chart has room for: points beyond are drawn hollow at its edge. */
const limits = { lowest: -1, highest: 1.5 } as const;
/** Radius of the innermost value, so that points there still lie on spokes of their own. */
const hub = 0.08;
/** Axes up to which both ends of each have room where the labels are stacked; the table has them too. */
const stackedEnds = 6;

/** A drawn value beyond the chart's scale. */
export interface OffScale {
  readonly series: string;
  readonly axis: string;
  readonly value: number;
  readonly normalised: number;
}

/** The values that lie beyond the chart's scale and are drawn at its edge. */
export function offScale(map: SpiderMap): OffScale[] {
  const [low, high] = scaleOf(map);
  return map.series.flatMap(({ name, values, normalised }) => map.axes
    .filter((axis) => normalised[axis.name] < low || normalised[axis.name] > high)
    .map((axis) => ({ series: name, axis: axis.name, value: values[axis.name], normalised: normalised[axis.name] })));
}

/** How the chart is to be read, in one sentence or two. */
export function spiderNote({ axes, series, omittedMetrics }: SpiderMap): string {
  const start = startName(series);
  const metrics = axes.some(({ isMetric }) => isMetric) ? ' Metrics (in italics) have no better end: outwards is more, and the outer ring is as far from the inner one as any point gets.' : '';
  const left = omittedMetrics > 0 ? ` They are those that tell the points apart best; ${omittedMetrics} others are left out.` : '';
  return `Rewards run from the ${start} (inner ring) to the best expert (outer ring); inside the inner ring is below the ${start}.${metrics}${left}`;
}

/**
 * A radar chart with one spoke an axis. The rings lie at 0 (init) and 1 (best expert), the raw values there stand under
 * each spoke's name. Whatever the size, the chart stays round and the names have room: beside the spokes' ends, or above
 * and below them where beside them they would take more than a quarter of the chart's size.
 */
export function spiderMapSpec(map: SpiderMap, { theme, width = 420, height = 420 }: ChartOptions): TopLevelSpec {
  const { axes, series } = map;
  const [low, high] = scaleOf(map);
  const radius = (value: number) => hub + ((1 - hub) * (Math.min(high, Math.max(low, value)) - low)) / (1 - low);
  const edge = radius(high);
  const directions = axes.map((_, index) => direction(index, axes.length));
  const at = (index: number, r: number) => ({ x: r * directions[index].x, y: r * directions[index].y });

  const rings = [0, 1].flatMap((level) => [...axes, axes[0]].map((_, order) => ({ level, order, ...at(order % axes.length, radius(level)) })));
  const middle = direction(Math.floor((axes.length - 1) / 2) + 0.5, axes.length); // below the middle, where the rings are apart in height
  const ringLabels = [startName(series), 'best expert'].map((text, level) => {
    const r = radius(level) * Math.cos(Math.PI / axes.length);
    return { text, x: r * middle.x, y: r * middle.y };
  });
  const spokes = axes.map(({ name, isMetric, low: from, high: to }, index) => {
    const side = Math.abs(directions[index].x) < 0.1 ? 0 : Math.sign(directions[index].x);
    const ends = `${number(from)} → ${number(to)}`;
    return { ...at(index, edge), axis: name, style: isMetric ? 'italic' : 'normal', ends, pixels: Math.ceil(theme.fontSize * Math.max(0.62 * name.length, 0.56 * ends.length)), side, up: directions[index].y };
  });
  const vertices = series.flatMap(({ name, kind, values, normalised }, rank) => axes
    .filter((axis) => Number.isFinite(normalised[axis.name]))
    .map((axis) => ({ series: name, kind, rank, axis: axis.name, value: values[axis.name], normalised: normalised[axis.name], isBeyond: normalised[axis.name] < low || normalised[axis.name] > high, order: axes.indexOf(axis), ...at(axes.indexOf(axis), radius(normalised[axis.name])) })));

  const x = { field: 'x', type: 'quantitative' as const, axis: null, scale: { domain: [{ expr: '-width / 2 / unit' }, { expr: 'width / 2 / unit' }], nice: false, zero: false } };
  const y = { field: 'y', type: 'quantitative' as const, axis: null, scale: { domain: [{ expr: '-height / 2 / unit' }, { expr: 'height / 2 / unit' }], nice: false, zero: false } };
  const styles = stylesOf(series, theme);
  const legend = { orient: 'bottom' as const, columns: { expr: 'max(1, floor(width / 190))' }, labelLimit: 260, symbolSize: 90, symbolStrokeWidth: 0 }; // a dashed outline would fray the markers
  // no domain: the series' names come with the rows, so that choosing another soup does not rebuild the chart
  const bySeries = (range: readonly unknown[]) => ({ field: 'series', type: 'nominal', title: null, sort: null, scale: { range }, legend });
  const color = bySeries(styles.map((style) => style.color));
  const shape = bySeries(styles.map((style) => style.shape));
  const strokeDash = bySeries(styles.map((style) => style.dash));
  const tooltip = [
    { field: 'series', type: 'nominal', title: 'point' },
    { field: 'axis', type: 'nominal' },
    { field: 'value', type: 'quantitative', format: '.4~g' },
    { field: 'normalised', type: 'quantitative', format: '.2f', title: `0 ${startName(series)}, 1 outer ring` },
  ];
  const lineHeight = theme.fontSize + 3;
  const widest = '(width / 2 - min(datum.pixels, 0.48 * width) / 2)'; // from the middle to a label's own, at most
  const label = {
    align: { expr: "isStacked || datum.side === 0 ? 'center' : datum.side > 0 ? 'left' : 'right'" },
    baseline: 'middle',
    limit: { expr: 'isStacked ? (datum.side === 0 ? width : 0.48 * width) : max(60, 0.36 * width)' },
    dx: { expr: `isStacked ? clamp(unit * datum.x, -${widest}, ${widest}) - unit * datum.x : 8 * datum.side` },
  };
  /** @param line 0 the name, 1 what is under it */
  const lineOffset = (line: 0 | 1) => ({ expr: `isStacked ? (datum.up > -0.1 ? ${(line - 1.5) * lineHeight - 6} : ${(line + 0.5) * lineHeight + 6}) : ${(line - 0.5) * lineHeight} - ${lineHeight} * datum.up` });
  return {
    $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
    description: `Spider map of ${series.map(({ name }) => name).join(', ')} over ${axes.map(({ name }) => name).join(', ')}`,
    width,
    height,
    autosize: { type: 'fit', contains: 'padding' },
    config: themeConfig(theme),
    params: [...unitsOf(spokes, edge, theme.fontSize), { name: 'isStacked', expr: 'beside < 0.75 * stacked' }, { name: 'unit', expr: 'isStacked ? stacked : beside' }],
    layer: [
      { data: { values: rings }, mark: { type: 'line', color: theme.grid, strokeWidth: 1.5 }, encoding: { x, y, detail: { field: 'level', type: 'nominal' }, order: { field: 'order', type: 'quantitative' } } },
      { data: { values: spokes }, mark: { type: 'rule', color: theme.grid }, encoding: { x, y, x2: { datum: 0 }, y2: { datum: 0 } } },
      { data: { values: spokes }, mark: { type: 'text', fontWeight: 600, fontStyle: { expr: 'datum.style' }, ...label, dy: lineOffset(0) }, encoding: { x, y, text: { field: 'axis', type: 'nominal' } } },
      { data: { values: spokes }, mark: { type: 'text', fontSize: theme.fontSize - 1, ...label, dy: lineOffset(1), opacity: { expr: `isStacked && ${axes.length > stackedEnds} ? 0 : 1` } }, encoding: { x, y, text: { field: 'ends', type: 'nominal' } } },
      {
        data: { name: 'points', values: vertices },
        mark: { type: 'line', interpolate: 'linear-closed' },
        encoding: { x, y, order: { field: 'order', type: 'quantitative' }, color, strokeDash, strokeWidth: { condition: { test: `datum.rank === ${series.length - 1}`, value: 2.5 }, value: 1.5 } },
      },
      {
        data: { name: 'points' },
        mark: { type: 'point', filled: true, size: 60, opacity: 1 },
        encoding: { x, y, color, shape, fillOpacity: { condition: { test: 'datum.isBeyond', value: 0 }, value: 1 }, tooltip },
      },
      ...[{ stroke: theme.background, strokeWidth: 4, strokeJoin: 'round' }, {}].map((halo) => ({ data: { values: ringLabels }, mark: { type: 'text', fontSize: theme.fontSize - 1, ...halo }, encoding: { x, y, text: { field: 'text', type: 'nominal' } } })),
    ],
  } as unknown as TopLevelSpec;
}

/** Values at the innermost and the outermost point of the spokes. */
function scaleOf({ range: [low, high] }: SpiderMap): readonly [number, number] {
  return [Math.min(-0.25, Math.max(limits.lowest, low)), Math.max(1, Math.min(limits.highest, high))];
}

/** Unit vector of a spoke; the first points up, the others follow clockwise. */
function direction(index: number, count: number): { readonly x: number; readonly y: number } {
  const angle = Math.PI / 2 - (2 * Math.PI * index) / count;
  return { x: Math.cos(angle), y: Math.sin(angle) };
}

/** Pixels of one unit of radius, as large as the labels beside the spokes' ends allow, or those above and below them. */
function unitsOf(spokes: readonly { readonly x: number; readonly side: number; readonly pixels: number }[], edge: number, fontSize: number) {
  const tall = `(height / 2 - ${2 * fontSize + 12}) / ${edge.toFixed(4)}`;
  const room = (label: (pixels: number) => string) => spokes.filter(({ side }) => side !== 0).map(({ x, pixels }) => `(width / 2 - 10${label(pixels)}) / ${Math.abs(x).toFixed(4)}`);
  const units = { beside: room((pixels) => ` - min(${pixels}, max(60, 0.36 * width))`), stacked: room(() => '') };
  return Object.entries(units).map(([name, limits]) => ({ name, expr: `max(30, min(${[tall, ...limits, 'width'].join(', ')}))` }));
}

interface SeriesStyle {
  readonly color: string;
  readonly shape: string;
  readonly dash: readonly number[];
}

/** Colour by kind (as in the front's chart), told apart by marker and dash too. */
function stylesOf(series: readonly SpiderSeries[], { foreground, palette }: ChartTheme): SeriesStyle[] {
  const solid = [1, 0];
  const looks: Readonly<Record<PointKind, readonly SeriesStyle[]>> = {
    init: [{ color: foreground, shape: 'cross', dash: [2, 3] }],
    expert: [1, 3, 4, 5].map((colour, index) => ({ color: palette[colour % palette.length], shape: ['diamond', 'triangle-up', 'triangle-down', 'triangle-right'][index], dash: [[8, 3], [4, 3], [10, 3, 2, 3], [6, 2, 2, 2, 2, 2]][index] })),
    soup: [{ color: palette[0], shape: 'circle', dash: solid }],
    morl: [[6, 4], [3, 3], [8, 3, 2, 3], [1, 3]].map((dash) => ({ color: palette[2], shape: 'square', dash })),
  };
  const seen: Record<string, number> = {};
  return series.map(({ kind, name }) => {
    if (name === 'uniform soup' && series.at(-1)!.name !== name) return { color: palette[0], shape: 'square', dash: [5, 3] };
    const nth = (seen[kind] = (seen[kind] ?? -1) + 1);
    return looks[kind][nth % looks[kind].length];
  });
}

/** What the ring at 0 is. */
function startName(series: readonly SpiderSeries[]): string {
  return series.some(({ kind }) => kind === 'init') ? 'base' : 'worst expert';
}

function number(value: number): string {
  return (Math.abs(value) < 1000 ? value.toPrecision(3) : value.toFixed(0)).replace('-', '−');
}
