import * as l10n from '@vscode/l10n';
import type { TopLevelSpec } from 'vega-lite';
import type { FromPanel } from '../../src/protocol/panels';
import type { Chart, ChartFactory, ChartOptions, SizedSpec } from './chart';
import { button, toggle, toolbar } from './controls';
import { toCsv, type Cell } from './csv';
import { element, setAttribute, setText } from './element';
import { dataTable, type Column } from './table';
import { tooltipCard } from './tooltip';

export interface FigureOptions<Row> {
  /** name of exported files, without extension */
  readonly fileName: string;
  readonly chart: ChartFactory;
  readonly chartOptions: Omit<ChartOptions, 'tooltip' | 'onError' | 'onPick'>;
  readonly post: (message: FromPanel) => void;
  readonly isTableShown: boolean;
  readonly onTableShown: (isShown: boolean) => void;
  readonly isMarked?: (row: Row) => boolean;
  /** a point of the chart was clicked, the one whose `row` in its data is the place among the rows */
  readonly onPick?: (row: Row) => void;
  /** stands right below the chart */
  readonly below?: HTMLElement;
}

export interface FigureContent<Row> {
  readonly title: string;
  /** one sentence that says what the chart shows, for those who do not see it */
  readonly description: string;
  readonly spec: TopLevelSpec | SizedSpec;
  /** what has to be said below the chart; nothing where empty or absent */
  readonly note?: string;
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
  /** what the CSV holds, where that is more than the table */
  readonly csv?: () => { readonly header: readonly string[]; readonly rows: readonly (readonly Cell[])[] };
}

export interface Figure<Row> {
  readonly element: HTMLElement;
  readonly chart: Chart;
  /** what the chart is drawn in; it takes the focus */
  readonly canvas: HTMLElement;
  update(content: FigureContent<Row>): void;
  dispose(): void;
}

/** A chart with its title, its table to be shown on demand, and buttons that export SVG, PNG and CSV. */
export function figure<Row>(options: FigureOptions<Row>): Figure<Row> {
  const title = element('h2');
  const notice = element('p', { class: 'notice', attributes: { role: 'alert', hidden: true } });
  const note = element('p', { class: 'figure-note', attributes: { hidden: true } });
  const canvas = element('div', { class: 'chart', attributes: { role: 'img', tabindex: 0 } });
  const tooltip = tooltipCard();
  const complain = (error: unknown): void => {
    notice.hidden = false;
    setText(notice, l10n.t('This chart could not be drawn: {0}. Its numbers are in the table.', error instanceof Error ? error.message : String(error)));
  };
  let content: FigureContent<Row> | null = null;
  const { onPick } = options;
  const pick = onPick && ((place: number): void => {
    const row = content?.rows[place];
    if (row !== undefined) onPick(row);
  });
  const chart = options.chart(canvas, { ...options.chartOptions, tooltip, onError: complain, onPick: pick });
  const table = dataTable<Row>({ caption: l10n.t('Data of the chart'), isMarked: options.isMarked });
  table.element.hidden = !options.isTableShown;

  const exportAs = async (format: 'svg' | 'png'): Promise<void> => {
    try {
      options.post({ type: 'export', name: options.fileName, format, content: format === 'svg' ? await chart.toSvg() : await chart.toPng() });
    } catch (error) {
      complain(error);
    }
  };
  const exportCsv = (): void => {
    if (!content) return;
    const { columns, rows } = content;
    const whole = content.csv?.() ?? { header: columns.map(({ name, title: shown }) => name ?? shown), rows: rows.map((row) => columns.map((column) => column.value(row))) };
    options.post({ type: 'export', name: options.fileName, format: 'csv', content: toCsv(whole.header, whole.rows) });
  };
  const tools = toolbar(l10n.t('Chart tools'),
    toggle(l10n.t('Table'), options.isTableShown, (isShown) => {
      table.element.hidden = !isShown;
      options.onTableShown(isShown);
    }),
    button({ label: 'SVG', title: l10n.t('Export the chart as {0}', 'SVG'), onClick: () => void exportAs('svg') }),
    button({ label: 'PNG', title: l10n.t('Export the chart as {0}', 'PNG'), onClick: () => void exportAs('png') }),
    button({ label: 'CSV', title: l10n.t('Export the data as CSV'), onClick: exportCsv }));

  return {
    element: element('section', { class: 'figure' }, element('header', { class: 'figure-head' }, title, tools), notice, canvas, options.below, note, table.element),
    chart,
    canvas,
    update(next) {
      content = next;
      setText(title, next.title);
      note.hidden = !next.note;
      setText(note, next.note ?? '');
      setAttribute(canvas, 'aria-label', next.description);
      setAttribute(table.element, 'aria-label', l10n.t('{0}: data', next.title));
      table.update(next.columns, next.rows);
      chart.show(next.spec).then(() => (notice.hidden = true), () => undefined); // the failure is told by onError
    },
    dispose: () => chart.dispose(),
  };
}
