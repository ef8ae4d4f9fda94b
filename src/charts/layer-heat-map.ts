import type { TopLevelSpec } from 'vega-lite';
import { placeOf } from './layers';
import { themeConfig, type ChartOptions } from './theme';

export interface HeatMapCell {
  readonly tensor: string;
  /** null is drawn as an empty cell */
  readonly value: number | null;
}

/** name of the signal that a click on a cell sets: `{ tensor: [name] }` */
export const pickedSignal = 'picked';
const outside = '–';

/**
 * One measure of every tensor: layers along x, parts of a layer up y, tensors outside the layers in a column of their own.
 * @param measure what the colours are, in words
 */
export function layerHeatMapSpec(cells: readonly HeatMapCell[], measure: string, { theme, width = 420, height = 320 }: ChartOptions): TopLevelSpec {
  const values = cells.map(({ tensor, value }) => {
    const { layer, part } = placeOf(tensor);
    return { tensor, value, layer: layer === null ? outside : String(layer), part };
  });
  const layers = [...new Set(values.map(({ layer }) => layer))].sort((a, b) => (a === outside ? -1 : b === outside ? 1 : Number(a) - Number(b)));
  const parts = [...new Set(values.map(({ part }) => part))];
  return {
    $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
    description: `${measure} by layer`,
    width,
    height,
    autosize: { type: 'fit', contains: 'padding' },
    config: themeConfig(theme),
    data: { name: 'cells', values },
    params: [{ name: pickedSignal, select: { type: 'point', fields: ['tensor'], on: 'click', clear: false, toggle: false } }],
    mark: { type: 'rect', stroke: theme.background, strokeWidth: 1, cursor: 'pointer' },
    encoding: {
      x: { field: 'layer', type: 'ordinal', title: 'layer', sort: layers, axis: { labelAngle: 0, labelOverlap: true } },
      y: { field: 'part', type: 'nominal', title: null, sort: parts, axis: { labelLimit: 130, labelOverlap: true, labelExpr: "replace(datum.label, regexp('\\\\.weight$'), '')" } },
      // the legend is as long as the cells are wide: in a narrow panel the names leave them little room
      color: { field: 'value', type: 'quantitative', title: null, scale: { scheme: 'viridis' }, legend: { orient: 'bottom', gradientThickness: 8, gradientLength: { expr: 'max(40, min(160, width))' }, format: '.2~g', labelFontSize: theme.fontSize - 2 } },
      tooltip: [
        { field: 'tensor', type: 'nominal' },
        { field: 'value', type: 'quantitative', title: measure, format: '.4~g' },
      ],
    },
  } as TopLevelSpec;
}
