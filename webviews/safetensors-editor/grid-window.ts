import * as l10n from '@vscode/l10n';
/** The part of a tensor that the grid shows: a matrix of its last two axes, at one index of each axis before them. */
export interface GridWindow {
  /** one index an axis, [axes]; the last two are the first row and column shown */
  readonly origin: readonly number[];
  readonly rows: number;
  readonly columns: number;
}

export interface GridShape {
  /** rows and columns there are at this index of the leading axes */
  readonly rows: number;
  readonly columns: number;
}

/** Rows and columns of a tensor's grid: a vector is wrapped into rows of `width` values, a scalar is one cell. */
export function gridShape(shape: readonly number[], width: number): GridShape {
  if (shape.length === 0) return { rows: 1, columns: 1 };
  if (shape.length === 1) return { rows: Math.ceil(shape[0]! / width), columns: Math.min(width, shape[0]!) };
  return { rows: shape.at(-2)!, columns: shape.at(-1)! };
}

/** The window moved by rows and columns, kept inside the tensor. Of a vector the origin is a multiple of the width. */
export function moved(window: GridWindow, shape: readonly number[], byRows: number, byColumns: number): GridWindow {
  const origin = [...window.origin];
  if (shape.length === 1) {
    const last = Math.max(0, gridShape(shape, window.columns).rows - 1);
    origin[0] = clamp(Math.floor(origin[0]! / window.columns) + byRows, last) * window.columns;
  } else if (shape.length > 1) {
    const [row, column] = [shape.length - 2, shape.length - 1];
    origin[row] = clamp(origin[row]! + byRows, shape[row]! - window.rows);
    origin[column] = clamp(origin[column]! + byColumns, shape[column]! - window.columns);
  }
  return { ...window, origin };
}

/** What the window shows, as a slice in numpy's notation. */
export function sliceOfWindow({ origin, rows, columns }: GridWindow, shape: readonly number[]): string {
  if (shape.length === 1) return `${origin[0]}:${Math.min(shape[0]!, origin[0]! + rows * columns)}`;
  const spans = [rows, columns];
  return shape.map((length, axis) => {
    const span = spans[axis - shape.length + 2];
    return span === undefined ? String(origin[axis]) : `${origin[axis]}:${Math.min(length, origin[axis]! + span)}`;
  }).join(', ');
}

/** Labels of the rows and columns that the window shows. */
export function windowLabels({ origin, rows, columns }: GridWindow, shape: readonly number[]): { readonly rows: string[]; readonly columns: string[] } {
  const count = (length: number, from: number, limit: number): string[] => Array.from({ length: Math.max(0, Math.min(limit, length - from)) }, (_, index) => String(from + index));
  if (shape.length === 0) return { rows: [l10n.t('value')], columns: [''] };
  if (shape.length === 1) {
    const shown = Math.min(rows, Math.ceil((shape[0]! - origin[0]!) / columns));
    return { rows: Array.from({ length: shown }, (_, index) => String(origin[0]! + index * columns)), columns: Array.from({ length: Math.min(columns, shape[0]!) }, (_, index) => `+${index}`) };
  }
  return { rows: count(shape.at(-2)!, origin.at(-2)!, rows), columns: count(shape.at(-1)!, origin.at(-1)!, columns) };
}

function clamp(value: number, last: number): number {
  return Math.max(0, Math.min(value, last));
}
