import type { TopLevelSpec } from 'vega-lite';
import type { SpiderMap } from '../analysis/results';
import { themeConfig, type ChartOptions } from './theme';

/** A radar chart: one spoke an axis, rings at 0, ½ and 1 of the way from init to the best expert. */
export function spiderMapSpec({ axes, series }: SpiderMap, { theme, width = 380, height = 360 }: ChartOptions): TopLevelSpec {
  const angle = (index: number) => Math.PI / 2 - (2 * Math.PI * index) / axes.length;
  const inner = 0.25; // init's ring: points worse than init still have room
  const radius = (normalised: number) => Math.max(0, inner + (1 - inner) * normalised);
  const at = (index: number, r: number) => ({ x: r * Math.cos(angle(index)), y: r * Math.sin(angle(index)) });
  const rings = [0, 0.5, 1].flatMap((level) => [...axes, axes[0]].map((_, order) => ({ level, order, ...at(order % axes.length, radius(level)) })));
  const spokes = axes.map((axis, index) => ({ ...at(index, 1), ...prefixed(at(index, 1.13), 'label'), axis: axis.isMetric ? `${axis.name} (metric)` : axis.name }));
  const vertices = series.flatMap(({ name, kind, normalised, values }) => axes.map((axis, order) => ({ series: name, kind, axis: axis.name, value: values[axis.name], normalised: normalised[axis.name], order, ...at(order, radius(normalised[axis.name])) })));
  const names = series.map(({ name }) => name);
  const scale = { domain: [-1.35, 1.35] };
  const x = { field: 'x', type: 'quantitative' as const, axis: null, scale };
  const y = { field: 'y', type: 'quantitative' as const, axis: null, scale };
  return {
    $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
    description: `Spider map of ${names.join(', ')} over ${axes.map(({ name }) => name).join(', ')}`,
    width,
    height,
    autosize: { type: 'fit', contains: 'padding' },
    config: themeConfig(theme),
    layer: [
      { data: { values: rings }, mark: { type: 'line', interpolate: 'linear', color: theme.grid, strokeWidth: 1 }, encoding: { x, y, detail: { field: 'level', type: 'nominal' }, order: { field: 'order', type: 'quantitative' } } },
      { data: { values: spokes }, mark: { type: 'rule', color: theme.grid }, encoding: { x, y, x2: { datum: 0 }, y2: { datum: 0 } } },
      { data: { values: spokes }, mark: { type: 'text', fontWeight: 600 }, encoding: { x: { ...x, field: 'labelX' }, y: { ...y, field: 'labelY' }, text: { field: 'axis', type: 'nominal' } } },
      {
        data: { name: 'points', values: vertices },
        mark: { type: 'line', interpolate: 'linear-closed', strokeWidth: 2, point: { size: 40 } },
        encoding: {
          x,
          y,
          order: { field: 'order', type: 'quantitative' },
          color: { field: 'series', type: 'nominal', title: null, sort: names, scale: { domain: names }, legend: { orient: 'bottom', columns: 3 } },
          strokeDash: { field: 'series', type: 'nominal', title: null, sort: names, scale: { domain: names } },
          tooltip: [
            { field: 'series', type: 'nominal' },
            { field: 'axis', type: 'nominal' },
            { field: 'value', type: 'quantitative', format: '.4~g' },
            { field: 'normalised', type: 'quantitative', format: '.3~f', title: '0 init, 1 best expert' },
          ],
        },
      },
    ],
  } as unknown as TopLevelSpec;
}

function prefixed({ x, y }: { x: number; y: number }, prefix: string): Record<string, number> {
  return { [`${prefix}X`]: x, [`${prefix}Y`]: y };
}
