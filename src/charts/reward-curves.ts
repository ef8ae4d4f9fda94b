import type { TopLevelSpec } from 'vega-lite';
import { themeConfig, type ChartOptions, type ChartTheme } from './theme';

/** A point of a drawn line; `raw` is the logged value behind a smoothed `y`. */
export interface CurvePoint {
  readonly run: string;
  readonly x: number;
  readonly y: number;
  readonly raw?: number;
  /** in a panel: y and raw before they were cut to the range that is shown */
  readonly value?: number;
  readonly logged?: number;
}

/** How a run's line is drawn: colour alone does not tell two runs apart. */
export interface LineStyle {
  readonly colour: string;
  readonly dash: readonly number[];
}

const dashes = [[1, 0], [6, 3], [2, 2], [8, 3, 2, 3], [10, 4]];

/** Style of the run at `index`; every colour comes with every dash before a style returns where the palette has 6 or 7 colours. */
export function lineStyle(index: number, { palette }: ChartTheme): LineStyle {
  return { colour: palette[index % palette.length]!, dash: dashes[index % dashes.length]! };
}

/** More than so many points have no tooltips: each would be a mark of its own, drawn at every update. */
const pointsWithTooltips = 4000;

export interface CurveOptions extends ChartOptions {
  readonly xTitle?: string;
  /** all runs in a fixed order, so that a run keeps its style whichever are shown; those with points where absent */
  readonly runs?: readonly string[];
  /** draws the logged values, faint, behind the smoothed ones */
  readonly isSmoothed?: boolean;
}

/** One logged quantity over training, a line a run; in a panel it zooms by drag and Ctrl+wheel. */
export function rewardCurvesSpec(quantity: string, points: readonly CurvePoint[], options: CurveOptions): TopLevelSpec {
  const { theme, width = 420, height = 220, xTitle = 'steps of training', isSmoothed = false, isInPanel = false } = options;
  const runs = options.runs ?? [...new Set(points.map(({ run }) => run))];
  const styles = runs.map((_, index) => lineStyle(index, theme));
  const x = { field: 'x', type: 'quantitative' as const, title: xTitle, axis: { format: '~s', tickCount: 6, labelExpr: "datum.value === 0 ? '0' : datum.label" } };
  const y = { type: 'quantitative' as const, title: isInPanel ? null : quantity, scale: { zero: false } };
  const series = { field: 'run', type: 'nominal' as const, title: null, legend: isInPanel ? null : { orient: 'bottom' as const } };
  const color = { ...series, scale: { domain: runs, range: styles.map(({ colour }) => colour) } };
  const strokeDash = { ...series, scale: { domain: runs, range: styles.map(({ dash }) => dash) } };
  const line = { type: 'line', clip: true, aria: !isInPanel } as const; // a name for every point costs as much as drawing it
  const zoom = { name: 'zoom', bind: 'scales', select: { type: 'interval', zoom: 'wheel![event.ctrlKey]' } };
  return {
    $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
    description: `${quantity} over training for ${runs.join(', ')}`,
    width,
    height,
    autosize: { type: 'fit', contains: 'padding' },
    ...(isInPanel ? {} : { title: quantity }),
    config: themeConfig(theme),
    data: { name: 'points', values: [...points] },
    layer: [
      ...(isSmoothed ? [{ mark: { ...line, strokeWidth: 1, opacity: 0.3 }, encoding: { x, y: { ...y, field: 'raw' }, color } }] : []),
      {
        ...(isInPanel ? { params: [zoom] } : {}),
        mark: { ...line, strokeWidth: 1.8 },
        encoding: { x, y: { ...y, field: 'y' }, color, strokeDash },
      },
      ...(points.length > pointsWithTooltips ? [] : [{
        mark: { type: 'point', clip: true, filled: true, size: 30, opacity: 0 },
        encoding: {
          x,
          y: { ...y, field: 'y' },
          color,
          tooltip: [
            { field: 'run', type: 'nominal' },
            { field: 'x', type: 'quantitative', title: xTitle, format: ',.4~r' },
            { field: isInPanel ? 'value' : 'y', type: 'quantitative', title: isSmoothed ? 'smoothed' : 'value', format: '.4~g' },
            ...(isSmoothed ? [{ field: isInPanel ? 'logged' : 'raw', type: 'quantitative', title: 'logged', format: '.4~g' }] : []),
          ],
        },
      }]),
    ],
  } as TopLevelSpec;
}
