// AssemblyScript (not TypeScript): rows of a matrix, gathered and added.
import { addScaled, at } from './vectors.as';

/** y[i] += x[i]. */
export function addInto(x: usize, y: usize, count: i32): void {
  addScaled(x, 1, y, count);
}

/** Every row of y [rows, columns] is `row` plus what it was. */
export function addRow(row: usize, y: usize, rows: i32, columns: i32): void {
  for (let r = 0; r < rows; r++) addInto(row, at(y, r * columns), columns);
}

/** y[i] = x[indices[i]], rows of `columns`; the caller has checked the indices. */
export function gatherRows(x: usize, indices: usize, y: usize, rows: i32, columns: i32): void {
  const rowBytes = <usize>columns << 2;
  for (let r = 0; r < rows; r++) memory.copy(y + <usize>r * rowBytes, x + <usize>load<i32>(at(indices, r)) * rowBytes, rowBytes);
}

/** y[indices[i]] += x[i], rows of `columns`. */
export function addRowsAt(x: usize, indices: usize, y: usize, rows: i32, columns: i32): void {
  const rowBytes = <usize>columns << 2;
  for (let r = 0; r < rows; r++) addInto(x + <usize>r * rowBytes, y + <usize>load<i32>(at(indices, r)) * rowBytes, columns);
}
