import type { Cell } from './csv';
import { element, setChildren, setText } from './element';

export interface Column<Row> {
  readonly title: string;
  /** what a CSV calls it in every language, where the title is translated */
  readonly name?: string;
  /** value for sorting and for CSV */
  readonly value: (row: Row) => Cell;
  /** text to read, where it differs from the value */
  readonly text?: (row: Row) => string;
  /** shown instead of text, such as a button */
  readonly content?: (row: Row) => Node;
  readonly isNumeric?: boolean;
  readonly isRowHeader?: boolean;
  /** what can be done with a row: it stays at the right edge, in sight, and the other columns scroll beneath it */
  readonly isActions?: boolean;
}

export interface Table<Row> {
  readonly element: HTMLElement;
  update(columns: readonly Column<Row>[], rows: readonly Row[]): void;
}

export interface TableOptions<Row> {
  readonly caption: string;
  readonly isMarked?: (row: Row) => boolean;
  /** rows that are drawn at most: the first in the order of the table; all where absent */
  readonly limit?: number;
}

/** A table whose columns sort by click or Enter; it scrolls sideways on its own where the panel is narrow. */
export function dataTable<Row>({ caption, isMarked, limit }: TableOptions<Row>): Table<Row> {
  const head = element('tr');
  const body = element('tbody');
  const scroll = element('div', { class: 'table-scroll', attributes: { tabindex: 0, role: 'region', 'aria-label': caption } },
    element('table', {}, element('caption', { class: 'visually-hidden' }, caption), element('thead', {}, head), body));
  let columns: readonly Column<Row>[] = [];
  let rows: readonly Row[] = [];
  let sort: { readonly title: string; readonly isDescending: boolean } | null = null;

  const toggleSort = (title: string): void => {
    if (sort?.title !== title) sort = { title, isDescending: false };
    else sort = sort.isDescending ? null : { title, isDescending: true };
    render();
  };
  const headers = new Map<string, HTMLElement>();
  const header = (column: Column<Row>): HTMLElement => {
    let cell = headers.get(column.title);
    if (!cell) {
      cell = element('th', { class: classOf(column), attributes: { scope: 'col' } }, column.content
        ? element('span', { class: 'muted' }, column.title)
        : element('button', { class: 'sort', attributes: { type: 'button' }, on: { click: () => toggleSort(column.title) } }, column.title));
      headers.set(column.title, cell);
    }
    if (!column.content) cell.setAttribute('aria-sort', sort?.title !== column.title ? 'none' : sort.isDescending ? 'descending' : 'ascending');
    return cell;
  };
  const render = (): void => {
    setChildren(head, ...columns.map(header));
    const key = columns.find(({ title }) => title === sort?.title);
    const sorted = (key ? [...rows].sort((a, b) => compareCells(key.value(a), key.value(b)) * (sort?.isDescending ? -1 : 1)) : rows).slice(0, limit);
    // Rows are reused in place, so that a live update neither flickers nor loses the focus in a cell.
    while (body.rows.length > sorted.length) body.deleteRow(-1);
    sorted.forEach((row, index) => renderRow(body.rows[index] ?? body.insertRow(), row));
  };
  const renderRow = (line: HTMLTableRowElement, row: Row): void => {
    line.classList.toggle('marked', isMarked?.(row) ?? false);
    const needsCells = line.cells.length !== columns.length || line.dataset['columns'] !== columns.map(({ title }) => title).join('\u0000');
    if (needsCells) {
      line.dataset['columns'] = columns.map(({ title }) => title).join('\u0000');
      line.replaceChildren(...columns.map((column) => element(column.isRowHeader ? 'th' : 'td', { class: classOf(column), attributes: { scope: column.isRowHeader && 'row' } })));
    }
    columns.forEach((column, index) => {
      const cell = line.cells[index]!;
      if (column.content) {
        const links = () => [...cell.querySelectorAll<HTMLElement>('button')];
        const focused = links().findIndex((link) => link === document.activeElement);
        cell.replaceChildren(column.content(row));
        if (focused >= 0) links()[focused]?.focus();
      } else setText(cell, column.text?.(row) ?? String(column.value(row) ?? '–'));
    });
  };
  return {
    element: scroll,
    update(nextColumns, nextRows) {
      [columns, rows] = [nextColumns, nextRows];
      render();
    },
  };
}

const classOf = ({ isNumeric, isActions }: Pick<Column<never>, 'isNumeric' | 'isActions'>): string => (isActions ? 'actions' : isNumeric ? 'numeric' : '');

function compareCells(a: Cell, b: Cell): number {
  if (a === null || b === null) return a === b ? 0 : a === null ? 1 : -1;
  return typeof a === 'number' && typeof b === 'number' ? a - b : String(a).localeCompare(String(b), undefined, { numeric: true });
}
