/** Colours and type of a chart; panels take them from the editor's theme. */
export interface ChartTheme {
  readonly background: string;
  readonly foreground: string;
  readonly grid: string;
  /** colours of series, told apart by shape or dash too */
  readonly palette: readonly string[];
  readonly font: string;
  readonly fontSize: number;
  readonly positive: string;
  readonly negative: string;
}

const font = 'system-ui, -apple-system, "Segoe UI", sans-serif';

/** Okabe and Ito's palette, legible with colour blindness. */
export const lightTheme: ChartTheme = {
  background: '#ffffff',
  foreground: '#1f2328',
  grid: '#d8dee4',
  palette: ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9', '#6e6e6e'],
  font,
  fontSize: 12,
  positive: '#1a7f37',
  negative: '#cf222e',
};

/** Vega-Lite's configuration for a theme. */
export function themeConfig({ background, foreground, grid, palette, font, fontSize }: ChartTheme) {
  const text = { labelColor: foreground, titleColor: foreground, labelFont: font, titleFont: font, labelFontSize: fontSize, titleFontSize: fontSize, titleFontWeight: 'normal' as const };
  return {
    background,
    font,
    view: { stroke: 'transparent' },
    // labels at the ends are moved inwards, on to their neighbours where these stand close
    axis: { ...text, labelSeparation: 8, domainColor: foreground, tickColor: foreground, gridColor: grid, gridOpacity: 0.6 },
    legend: { ...text, symbolStrokeWidth: 2 },
    title: { color: foreground, font, fontSize: fontSize + 1, anchor: 'start' as const, fontWeight: 600 as const },
    text: { color: foreground, font, fontSize },
    range: { category: [...palette] },
  };
}

/** Of points that a panel tells apart by the `row` in their data, where a click chooses one. */
export const pickable = (isPickable: boolean) => (isPickable ? { cursor: 'pointer' as const } : {});

/** Size of a chart: fixed for the report, the container's width in a panel. */
export interface ChartOptions {
  readonly theme: ChartTheme;
  readonly width?: number | 'container';
  readonly height?: number;
  /** a panel has the title above the chart, and its own legend where it can be worked with */
  readonly isInPanel?: boolean;
  /** a click on a point does something */
  readonly isPickable?: boolean;
}
