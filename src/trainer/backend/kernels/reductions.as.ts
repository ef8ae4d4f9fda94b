// AssemblyScript (not TypeScript): sums that keep their digits.
import { at } from './vectors.as';

/** Rows that are summed before their sum joins the total. */
const sumBlock: i32 = 64;

/** y[c] = Σ_r x[r, c]: x [rows, columns] summed over its leading axis. */
export function sumRows(x: usize, y: usize, rows: i32, columns: i32): void {
  const rowBytes = <usize>columns << 2;
  let c = 0;
  for (; c + 8 <= columns; c += 8) sumEightColumns(at(x, c), rowBytes, at(y, c), rows);
  for (; c < columns; c++) {
    let total: f64 = 0;
    for (let r = 0; r < rows; r++) total += <f64>load<f32>(at(x, c) + <usize>r * rowBytes);
    store<f32>(at(y, c), <f32>total);
  }
}

/**
 * Blocks of rows, whose sums join the total by compensated addition (Kahan 1965): what a float32 total loses is carried
 * over to the next block, so that columns of any length keep their digits.
 */
function sumEightColumns(x: usize, rowBytes: usize, y: usize, rows: i32): void {
  let total0 = f32x4.splat(0), total1 = total0, lost0 = total0, lost1 = total0;
  for (let start = 0; start < rows; start += sumBlock) {
    let sum0 = f32x4.splat(0), sum1 = sum0;
    const end = min(start + sumBlock, rows);
    for (let r = start; r < end; r++) {
      sum0 = f32x4.add(sum0, v128.load(x));
      sum1 = f32x4.add(sum1, v128.load(x, 16));
      x += rowBytes;
    }
    sum0 = f32x4.sub(sum0, lost0);
    sum1 = f32x4.sub(sum1, lost1);
    const next0 = f32x4.add(total0, sum0), next1 = f32x4.add(total1, sum1);
    lost0 = f32x4.sub(f32x4.sub(next0, total0), sum0);
    lost1 = f32x4.sub(f32x4.sub(next1, total1), sum1);
    total0 = next0;
    total1 = next1;
  }
  v128.store(y, total0);
  v128.store(y, total1, 16);
}

/** y[r] = Σ_c x[r, c]: x [rows, columns] summed over its last axis, in float64. */
export function sumColumns(x: usize, y: usize, rows: i32, columns: i32): void {
  for (let r = 0; r < rows; r++) {
    store<f32>(at(y, r), <f32>sumOf(x, columns));
    x += <usize>columns << 2;
  }
}

function sumOf(x: usize, count: i32): f64 {
  let even = f64x2.splat(0), odd = even;
  let i = 0;
  for (; i + 4 <= count; i += 4) {
    const values = v128.load(at(x, i));
    even = f64x2.add(even, f64x2.promote_low_f32x4(values));
    odd = f64x2.add(odd, f64x2.promote_low_f32x4(i64x2.shuffle(values, values, 1, 0)));
  }
  even = f64x2.add(even, odd);
  let total = f64x2.extract_lane(even, 0) + f64x2.extract_lane(even, 1);
  for (; i < count; i++) total += <f64>load<f32>(at(x, i));
  return total;
}

/** Σ x², in float64: for the norm of the gradients. */
export function squareSum(x: usize, count: i32): f64 {
  let low = f64x2.splat(0), high = low;
  let i = 0;
  for (; i + 4 <= count; i += 4) {
    const values = v128.load(at(x, i));
    const first = f64x2.promote_low_f32x4(values);
    const second = f64x2.promote_low_f32x4(i64x2.shuffle(values, values, 1, 0));
    low = f64x2.add(low, f64x2.mul(first, first));
    high = f64x2.add(high, f64x2.mul(second, second));
  }
  low = f64x2.add(low, high);
  let total = f64x2.extract_lane(low, 0) + f64x2.extract_lane(low, 1);
  for (; i < count; i++) {
    const value = <f64>load<f32>(at(x, i));
    total += value * value;
  }
  return total;
}
