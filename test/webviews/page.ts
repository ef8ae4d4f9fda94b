import { panelReader } from '../../src/protocol/panel-messages';
import type { FromPanel, PanelKind, SnapshotOf, ToPanel } from '../../src/protocol/panels';
import type { ChartFactory, ChartOptions } from '../../webviews/kit/chart';
import { registerControls } from '../../webviews/kit/controls';
import { mountPanel, type PanelDefinition } from '../../webviews/kit/panel';
import { openLine } from './line';

/** Charts that keep their specifications and draw nothing. */
export function keptCharts() {
  const specs: object[] = [];
  const cursors: (number | null)[] = [];
  const signals: (readonly [name: string, value: unknown])[] = [];
  const charts: ChartOptions[] = [];
  const chart: ChartFactory = (_, options) => (charts.push(options), {
    show: async (spec) => void specs.push(typeof spec === 'function' ? spec({ width: 600, height: 300 }) : spec),
    signal: () => undefined,
    setSignal: async (name, value) => void signals.push([name, value]),
    domain: (scale) => (scale === 'x' ? [0, 1000] : [0, 1]),
    showCursor: (x) => void cursors.push(x),
    toSvg: async () => '<svg/>',
    toPng: async () => 'cG5n',
    dispose: () => undefined,
  });
  return { chart, specs, cursors, signals, charts };
}

/** A panel in jsdom: a host whose messages are kept, and charts that keep their specifications and draw nothing. */
export function openPanel<K extends PanelKind, V extends object>(definition: PanelDefinition<K, V>, saved?: unknown) {
  document.body.innerHTML = '<main id="root"></main>';
  const { host, posted, refused, send, state } = openLine<ToPanel<K>, FromPanel>(panelReader(definition.kind), saved);
  const { chart, specs, charts, cursors, signals } = keptCharts();
  registerControls();
  const root = document.getElementById('root')!;
  mountPanel(definition, { root, host, chart });
  const find = (selector: string): HTMLElement[] => [...root.querySelectorAll<HTMLElement>(selector)].filter((element) => element.closest('[hidden]') === null);
  return {
    root,
    posted,
    refused,
    specs,
    /** options of every chart, to act as the reader's hand */
    charts,
    /** where the charts' cursors were set, in turn */
    cursors,
    /** what the charts' signals were set to, in turn */
    signals,
    state: () => state() as { view?: Record<string, unknown> },
    send,
    show: (snapshot: SnapshotOf[K], hasCheckpoints = true) => send({ type: 'snapshot', target: { panel: definition.kind, source: '/lab/soup.yaml', title: 'locomotion' }, hasCheckpoints, snapshot }),
    /** what is shown, hidden parts left out */
    find,
    /** presses the button or link with this text or accessible name */
    press(name: string, init: MouseEventInit = {}) {
      const target = find('button, vscode-button').find((element) => element.textContent?.trim() === name || [element.getAttribute('aria-label'), element.title].includes(name));
      if (!target) throw new Error(`no button ${name} among ${find('button, vscode-button').map(({ textContent }) => textContent).join(', ')}`);
      target.dispatchEvent(new MouseEvent('click', { bubbles: true, ...init }));
    },
    text: () => find('h1, h2, p, td, th, li, .badge, .failure').map(({ textContent }) => textContent).join('\n').replaceAll('\u00a0', ' '),
  };
}
