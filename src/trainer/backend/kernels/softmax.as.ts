// AssemblyScript (not TypeScript): softmax, and log-probabilities of tokens.
import { exponential } from './exponential.as';
import { at, sumLanes, valueAt } from './vectors.as';

export function largest(x: usize, count: i32): f32 {
  let top: f32 = -Infinity;
  let i = 0;
  if (count >= 4) {
    let lanes = v128.load(x);
    for (i = 4; i + 4 <= count; i += 4) lanes = f32x4.max(lanes, v128.load(at(x, i)));
    top = max(max(f32x4.extract_lane(lanes, 0), f32x4.extract_lane(lanes, 1)), max(f32x4.extract_lane(lanes, 2), f32x4.extract_lane(lanes, 3)));
  }
  for (; i < count; i++) top = max(top, valueAt(x, i));
  return top;
}

/** y[i] = exp(x[i] − shift); returns Σ y, in blocks so that long rows keep their digits. */
export function exponentials(x: usize, shift: f32, y: usize, count: i32): f32 {
  const shifts = f32x4.splat(shift);
  let total: f64 = 0;
  let i = 0;
  while (i + 4 <= count) {
    const end = min(count, i + 256);
    let sum = f32x4.splat(0);
    for (; i + 4 <= end; i += 4) {
      const e = exponential(f32x4.sub(v128.load(at(x, i)), shifts));
      v128.store(at(y, i), e);
      sum = f32x4.add(sum, e);
    }
    total += <f64>sumLanes(sum);
  }
  for (; i < count; i++) {
    const e = exponential(f32x4.sub(v128.load_zero<f32>(at(x, i)), shifts));
    v128.store_lane<f32>(at(y, i), e, 0);
    total += <f64>f32x4.extract_lane(e, 0);
  }
  return <f32>total;
}

/** By row of x [rows, columns]: the largest value, and e to the distance from it in y with its sum. y may be x. */
export function softmaxParts(x: usize, y: usize, maxima: usize, sums: usize, rows: i32, columns: i32): void {
  for (let r = 0; r < rows; r++) {
    const top = largest(x, columns);
    store<f32>(at(maxima, r), top);
    store<f32>(at(sums, r), exponentials(x, top, y, columns));
    x = at(x, columns);
    y = at(y, columns);
  }
}

/** dx = dy (1[token] − exp(x − logSum)) by row: the gradient of log softmax(x)[token]. */
export function tokenLogProbabilitiesGradient(x: usize, tokens: usize, logSums: usize, dy: usize, dx: usize, rows: i32, columns: i32): void {
  for (let r = 0; r < rows; r++) {
    const d = valueAt(dy, r);
    const logSum = f32x4.splat(valueAt(logSums, r)), minus = f32x4.splat(-d);
    let i = 0;
    if (d == 0) memory.fill(dx, 0, <usize>columns << 2);
    else {
      for (; i + 4 <= columns; i += 4) v128.store(at(dx, i), f32x4.mul(minus, exponential(f32x4.sub(v128.load(at(x, i)), logSum))));
      for (; i < columns; i++) v128.store_lane<f32>(at(dx, i), f32x4.mul(minus, exponential(f32x4.sub(v128.load_zero<f32>(at(x, i)), logSum))), 0);
    }
    const token = load<i32>(at(tokens, r));
    store<f32>(at(dx, token), valueAt(dx, token) + d);
    x = at(x, columns);
    dx = at(dx, columns);
  }
}
