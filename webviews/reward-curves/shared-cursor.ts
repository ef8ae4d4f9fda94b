import * as l10n from '@vscode/l10n';
import type { Chart } from '../kit/chart';
import { element, setText } from '../kit/element';
import { formatNumber } from '../kit/format';
import { keysOfChart, workByKey } from './chart-keys';
import { valuesAt } from './curves';

/** so many runs are named in the line below a chart; of more, the highest */
const runsRead = 8;

type Points = Parameters<typeof valuesAt>[0];

/** The place that is looked at in every chart at once. */
export interface SharedCursor {
  /** Takes a chart in, with the line below it that reads the values at the cursor. */
  add(name: string, drawn: { readonly chart: Chart; readonly canvas: HTMLElement }, line: HTMLElement): void;
  remove(name: string): void;
  /** What a chart draws now. */
  update(name: string, points: Points): void;
  /** The pointer is there; nowhere for null. It moves without a word to screen readers. */
  point(x: number | null): void;
}

/** @param axis what the charts are drawn along, in words */
export function sharedCursor(axis: () => string): SharedCursor {
  const charts = new Map<string, { readonly chart: Chart; readonly line: HTMLElement; points: Points }>();
  let at: number | null = null;

  const read = ({ line, points }: { readonly line: HTMLElement; readonly points: Points }): void => {
    const values = at === null ? [] : valuesAt(points, at);
    const first = values.length > runsRead ? values.sort((a, b) => b.y - a.y).slice(0, runsRead) : values;
    const named = first.map(({ run, y }) => `${run} ${formatNumber(y)}`).join(' · ');
    const listed = values.length > runsRead ? l10n.t('{0} and {1} more', named, values.length - runsRead) : named;
    setText(line, at === null ? '' : `${Math.round(at).toLocaleString('en')} ${axis()}: ${listed || l10n.t('nothing logged')}`);
  };
  const set = (x: number | null): void => {
    at = x;
    for (const each of charts.values()) {
      each.chart.showCursor(x);
      read(each);
    }
  };
  const onKey = (event: KeyboardEvent, name: string): void => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const { chart, line, points } = charts.get(name)!;
    line.setAttribute('aria-live', 'polite');
    const places = points.map(({ x }) => x);
    const isTaken = workByKey(event, {
      shown: () => chart.domain('x'),
      whole: () => (places.length === 0 ? null : [Math.min(...places), Math.max(...places)]),
      cursor: () => at,
      setCursor: set,
      zoom(range) {
        void chart.setSignal('zoom_x', range);
        void chart.setSignal('zoom_y', range && chart.domain('y')).then(() => set(at));
      },
    });
    if (isTaken) event.preventDefault();
  };
  return {
    add(name, { chart, canvas }, line) {
      charts.set(name, { chart, line, points: [] });
      canvas.setAttribute('aria-description', l10n.t('Keys: {0}.', keysOfChart));
      canvas.addEventListener('keydown', (event) => onKey(event, name));
      canvas.addEventListener('blur', () => set(null));
    },
    remove: (name) => void charts.delete(name),
    update(name, points) {
      const one = charts.get(name);
      if (!one) return;
      one.points = points;
      read(one);
    },
    point(x) {
      for (const { line } of charts.values()) line.removeAttribute('aria-live');
      set(x);
    },
  };
}

/** The line below a chart; while the chart has the focus and no cursor, it says the keys. */
export function readingLine(): HTMLElement {
  return element('p', { class: 'chart-reading', attributes: { 'data-keys': keysOfChart } });
}
