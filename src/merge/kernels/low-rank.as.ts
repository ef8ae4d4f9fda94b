// AssemblyScript (not TypeScript): adds the product of two thin matrices to rows of a matrix.
//
// Products and sums are float64, in the order of the rank, and rounded once into the float32 element: the bits of the
// plain loops. Two rows by eight columns stay in registers; a panel of the right factor stays in the first-level cache
// while a few rows pass.

const panelColumns: i32 = 8;
const rowsAtOnce: i32 = 8;

/** Element + sum, of two elements. */
@inline
function rounded(at: usize, sum: v128): v128 {
  return f32x4.demote_f64x2_zero(f64x2.add(f64x2.promote_low_f32x4(v128.load64_zero(at)), sum));
}

/** Two rows of `left`, [rank] each, times a panel, [rank, 8], added to eight elements of each row. */
function addTwoRows(first: usize, second: usize, left: usize, leftSecond: usize, panel: usize, rank: i32): void {
  let a0 = f64x2.splat(0), a1 = f64x2.splat(0), a2 = f64x2.splat(0), a3 = f64x2.splat(0);
  let b0 = f64x2.splat(0), b1 = f64x2.splat(0), b2 = f64x2.splat(0), b3 = f64x2.splat(0);
  for (let k = 0; k < rank; k++) {
    const x0 = v128.load(panel), x1 = v128.load(panel, 16), x2 = v128.load(panel, 32), x3 = v128.load(panel, 48);
    const a = v128.load64_splat(left), b = v128.load64_splat(leftSecond);
    a0 = f64x2.add(a0, f64x2.mul(a, x0));
    a1 = f64x2.add(a1, f64x2.mul(a, x1));
    a2 = f64x2.add(a2, f64x2.mul(a, x2));
    a3 = f64x2.add(a3, f64x2.mul(a, x3));
    b0 = f64x2.add(b0, f64x2.mul(b, x0));
    b1 = f64x2.add(b1, f64x2.mul(b, x1));
    b2 = f64x2.add(b2, f64x2.mul(b, x2));
    b3 = f64x2.add(b3, f64x2.mul(b, x3));
    panel += 64;
    left += 8;
    leftSecond += 8;
  }
  v128.store64_lane(first, rounded(first, a0), 0);
  v128.store64_lane(first, rounded(first + 8, a1), 0, 8);
  v128.store64_lane(first, rounded(first + 16, a2), 0, 16);
  v128.store64_lane(first, rounded(first + 24, a3), 0, 24);
  v128.store64_lane(second, rounded(second, b0), 0);
  v128.store64_lane(second, rounded(second + 8, b1), 0, 8);
  v128.store64_lane(second, rounded(second + 16, b2), 0, 16);
  v128.store64_lane(second, rounded(second + 24, b3), 0, 24);
}

/** One element: the last columns, and rows of which only a part is there. */
@inline
function addElement(at: usize, left: usize, panel: usize, lane: i32, rank: i32): void {
  let sum: f64 = 0;
  for (let k = 0; k < rank; k++) sum += load<f64>(left + (<usize>k << 3)) * load<f64>(panel + (<usize>k << 6) + (<usize>lane << 3));
  store<f32>(at, <f32>(<f64>load<f32>(at) + sum));
}

/** Columns `from` to `to` of one row. */
function addPart(values: usize, from: i32, to: i32, rank: i32, right: usize, left: usize): void {
  for (let column = from; column < to; column++) addElement(values + (<usize>(column - from) << 2), left, right + (<usize>(column >> 3) * rank << 6), column & 7, rank);
}

/**
 * Adds left · right to `elements` float32 of a matrix, row after row from column `from` of a row on.
 * @param right f64, [columns / 8, rank, 8], zeros after the last column
 * @param left f64, [rows, rank], from the first element's row on
 */
export function addLowRank(values: usize, elements: i32, from: i32, columns: i32, rank: i32, right: usize, left: usize): void {
  const leftBytes = <usize>rank << 3, panelBytes = <usize>rank << 6, rowBytes = <usize>columns << 2;
  if (from > 0) {
    const count = min(columns - from, elements);
    addPart(values, from, from + count, rank, right, left);
    values += <usize>count << 2;
    left += leftBytes;
    elements -= count;
  }
  let rows = elements / columns;
  elements -= rows * columns;
  const panels = columns / panelColumns;
  while (rows > 0) {
    const count = min(rows, rowsAtOnce);
    for (let p = 0; p < panels; p++) {
      const panel = right + panelBytes * p;
      const at = values + (<usize>p << 5);
      let row = 0;
      for (; row + 1 < count; row += 2) addTwoRows(at + rowBytes * row, at + rowBytes * (row + 1), left + leftBytes * row, left + leftBytes * (row + 1), panel, rank);
      if (row < count) for (let lane = 0; lane < panelColumns; lane++) addElement(at + rowBytes * row + (<usize>lane << 2), left + leftBytes * row, panel, lane, rank);
    }
    if (panels * panelColumns < columns) for (let row = 0; row < count; row++) addPart(values + rowBytes * row + (<usize>(panels * panelColumns) << 2), panels * panelColumns, columns, rank, right, left + leftBytes * row);
    values += rowBytes * count;
    left += leftBytes * count;
    rows -= count;
  }
  if (elements > 0) addPart(values, 0, elements, rank, right, left);
}
