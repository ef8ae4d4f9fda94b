import * as l10n from '@vscode/l10n';
import { parse, View, type Item, type Spec, type TooltipHandler } from 'vega';
import { expressionInterpreter } from 'vega-interpreter';
import { compile, type TopLevelSpec } from 'vega-lite';
import { splitData, type Rows } from './chart-data';
import { element } from './element';

/** A specification that is made for a size in pixels, for charts that Vega cannot fit into one, such as plots side by side. */
export type SizedSpec = (size: { readonly width: number; readonly height: number }) => TopLevelSpec;

/** A drawing in a container. Calls are carried out one after another, whatever they are. */
export interface Chart {
  /** Draws a specification. Where only its rows differ from the last one, the view and its zoom are kept. */
  show(spec: TopLevelSpec | SizedSpec): Promise<void>;
  /** Reads and sets a signal of the drawing, for instance the range of an interval selection. */
  signal(name: string): unknown;
  setSignal(name: string, value: unknown): Promise<void>;
  /** What an axis shows; null before anything is drawn. */
  domain(scale: 'x' | 'y'): readonly [low: number, high: number] | null;
  /** Draws a line across the drawing at a place of its x axis; none for null. */
  showCursor(x: number | null): void;
  toSvg(): Promise<string>;
  /** PNG at twice the size on screen, base64. */
  toPng(): Promise<string>;
  dispose(): void;
}

export interface ChartOptions {
  /** height in pixels at a width in pixels */
  readonly height: (width: number) => number;
  /** widest drawing, in pixels; for charts that are better square than broad */
  readonly maxWidth?: number;
  readonly tooltip?: TooltipHandler;
  /** signals to report when the reader's hand changes them, such as a zoomed range */
  readonly signals?: readonly string[];
  readonly onSignal?: (name: string, value: unknown) => void;
  /** where along the x axis the pointer is; null when it leaves */
  readonly onPointer?: (x: number | null) => void;
  /** a point was clicked that has this `row` in its data */
  readonly onPick?: (row: number) => void;
  readonly onError: (error: unknown) => void;
}
export type ChartFactory = (container: HTMLElement, options: ChartOptions) => Chart;

/**
 * Vega-Lite to a Vega runtime whose expressions are syntax trees, walked by the interpreter: nothing is evaluated as
 * code, so the page needs no 'unsafe-eval'. Rows are left out and inserted by name.
 */
export function compileChart(spec: TopLevelSpec): { readonly runtime: ReturnType<typeof parse>; readonly rows: Rows } {
  const { shape, rows } = splitData(spec);
  return { runtime: parse(compile(shape as TopLevelSpec).spec as Spec, undefined, { ast: true }), rows };
}

/** Charts by Vega, as SVG in the page; they follow the width of their container. */
export const vegaChart: ChartFactory = (container, options) => {
  let view: View | null = null;
  let shown: TopLevelSpec | SizedSpec | null = null;
  let shapeKey = '';
  let queue: Promise<unknown> = Promise.resolve();
  let isDisposed = false;

  const cursor = element('div', { class: 'chart-cursor', attributes: { hidden: true, 'aria-hidden': 'true' } });
  if (options.onPointer) {
    container.addEventListener('pointermove', (event) => options.onPointer!(view === null ? null : pointedAt(view, container, event)));
    container.addEventListener('pointerleave', () => options.onPointer!(null));
  }

  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const result = queue.then(work);
    queue = result.catch(options.onError);
    return result;
  };
  const width = (): number => Math.max(160, Math.min(container.clientWidth || 480, options.maxWidth ?? Infinity));
  const insert = async (target: View, rows: Rows): Promise<void> => {
    for (const [name, values] of Object.entries(rows)) target.data(name, values);
    await target.resize().runAsync(); // labels of other values may need more room
  };
  const size = () => ({ width: width(), height: options.height(width()) });
  const fitted = (spec: TopLevelSpec): TopLevelSpec => ({ ...spec, ...size(), autosize: { type: 'fit', contains: 'padding' } }) as TopLevelSpec;
  const rebuild = async (spec: TopLevelSpec): Promise<void> => {
    const { runtime, rows } = compileChart(spec);
    view?.finalize();
    container.replaceChildren();
    const name = container.getAttribute('aria-label');
    view = new View(runtime, { renderer: 'svg', container, hover: true, expr: expressionInterpreter });
    if (name !== null) view.description(name); // Vega has put the specification's in its place, which says no numbers
    if (options.tooltip) view.tooltip(options.tooltip);
    if (options.onPick) view.addEventListener('click', (_, item) => pick(item, options.onPick!));
    container.append(cursor);
    await insert(view, rows);
    for (const name of options.signals ?? []) if (name in (view.getState({ data: () => false, signals: () => true }).signals ?? {})) view.addSignalListener(name, (signal, value) => options.onSignal?.(signal, value));
  };

  const draw = async (spec: TopLevelSpec | SizedSpec): Promise<void> => {
    shown = spec;
    const made = typeof spec === 'function' ? spec(size()) : spec;
    const { shape, rows } = splitData(made);
    const key = JSON.stringify(shape); // before it is fitted: such a drawing follows the width by itself
    if (view && key === shapeKey) return insert(view, rows);
    await rebuild(typeof spec === 'function' ? made : fitted(made));
    shapeKey = key;
  };
  const observer = new ResizeObserver(() => void inTurn(async () => {
    if (typeof shown === 'function' && !isDisposed) return draw(shown);
    if (!view || isDisposed || view.width() === width()) return;
    await view.width(width()).height(options.height(width())).resize().runAsync();
  }));
  observer.observe(container);

  return {
    show: (spec) => inTurn(async () => {
      if (!isDisposed) await draw(spec);
    }),
    signal(name) {
      try {
        return view?.signal(name);
      } catch {
        return undefined; // Vega throws for a name that this drawing has no signal of
      }
    },
    setSignal: (name, value) => inTurn(async () => void (await view?.signal(name, value).runAsync())),
    domain(scale) {
      if (view === null) return null;
      const [low, high] = (view.scale(scale) as { domain(): number[] }).domain() as [number, number];
      return [low, high];
    },
    showCursor(x) {
      const [left, top] = view === null ? [0, 0] : plotCorner(view);
      const place = view === null || x === null ? NaN : left + (view.scale('x') as (value: number) => number)(x);
      cursor.hidden = !(place >= left) || place > left + extent(view, 'x');
      if (!cursor.hidden) Object.assign(cursor.style, { left: `${place}px`, top: `${top}px`, height: `${extent(view, 'y')}px` });
    },
    toSvg: () => inTurn(() => required(view).toSVG()),
    toPng: () => inTurn(async () => (await required(view).toImageURL('png', 2)).replace(/^data:image\/png;base64,/, '')),
    dispose() {
      isDisposed = true;
      observer.disconnect();
      view?.finalize();
    },
  };
};

/** Left and top of the plot inside its axes, from the corner of the drawing. */
function plotCorner(view: View): [left: number, top: number] {
  const [[x, y], padding] = [view.origin() as [number, number], view.padding()];
  return typeof padding === 'number' ? [x + padding, y + padding] : [x + (padding.left ?? 0), y + (padding.top ?? 0)];
}

/** Width or height of the plot inside its axes. */
function extent(view: View | null, scale: 'x' | 'y'): number {
  const [first, last] = view === null ? [0, 0] : ((view.scale(scale) as { range(): number[] }).range() as [number, number]);
  return Math.abs(last - first);
}

/** Calls back for a point; a line holds many of them, and is none. */
function pick(item: Item | null | undefined, onPick: (row: number) => void): void {
  const row: unknown = item?.mark.marktype === 'symbol' ? (item.datum as { readonly row?: unknown } | undefined)?.row : undefined;
  if (typeof row === 'number') onPick(row);
}

function pointedAt(view: View, container: HTMLElement, event: PointerEvent): number | null {
  const place = event.clientX - container.getBoundingClientRect().left - plotCorner(view)[0];
  return place < 0 || place > extent(view, 'x') ? null : (view.scale('x') as { invert(pixel: number): number }).invert(place);
}

function required(view: View | null): View {
  if (!view) throw new Error(l10n.t('There is nothing drawn yet to export.'));
  return view;
}
