// AssemblyScript (not TypeScript): LayerNorm and RMSNorm.
import { addInto } from './rows.as';
import { at, sumLanes, valueAt } from './vectors.as';

function sumOf(x: usize, count: i32): f32 {
  let sum = f32x4.splat(0);
  let i = 0;
  for (; i + 4 <= count; i += 4) sum = f32x4.add(sum, v128.load(at(x, i)));
  let total = sumLanes(sum);
  for (; i < count; i++) total += valueAt(x, i);
  return total;
}

/** Σ (x[i] − mean)². */
function squaredDistance(x: usize, mean: f32, count: i32): f32 {
  const centre = f32x4.splat(mean);
  let sum = f32x4.splat(0);
  let i = 0;
  for (; i + 4 <= count; i += 4) {
    const difference = f32x4.sub(v128.load(at(x, i)), centre);
    sum = f32x4.add(sum, f32x4.mul(difference, difference));
  }
  let total = sumLanes(sum);
  for (; i < count; i++) total += (valueAt(x, i) - mean) * (valueAt(x, i) - mean);
  return total;
}

/**
 * y = (x − mean) · rate · weight + bias by row of x [rows, columns], rate = 1 / √(variance + ε). With bias 0 (no address)
 * it is RMSNorm: the mean is 0 and there is no bias. `means` and `rates` [rows] are kept for the gradient.
 */
export function normRows(x: usize, weight: usize, bias: usize, y: usize, means: usize, rates: usize, rows: i32, columns: i32, epsilon: f32): void {
  const isCentred = bias != 0;
  for (let r = 0; r < rows; r++) {
    const mean: f32 = isCentred ? sumOf(x, columns) / <f32>columns : 0;
    const rate: f32 = 1 / sqrt<f32>(squaredDistance(x, mean, columns) / <f32>columns + epsilon);
    const centre = f32x4.splat(mean), scale = f32x4.splat(rate);
    let i = 0;
    for (; i + 4 <= columns; i += 4) {
      let value = f32x4.mul(f32x4.mul(f32x4.sub(v128.load(at(x, i)), centre), scale), v128.load(at(weight, i)));
      if (isCentred) value = f32x4.add(value, v128.load(at(bias, i)));
      v128.store(at(y, i), value);
    }
    for (; i < columns; i++) store<f32>(at(y, i), (valueAt(x, i) - mean) * rate * valueAt(weight, i) + (isCentred ? valueAt(bias, i) : 0));
    store<f32>(at(means, r), mean);
    store<f32>(at(rates, r), rate);
    x = at(x, columns);
    y = at(y, columns);
  }
}

/**
 * dx of `normRows`: with x̂ = (x − mean) · rate and h = dy · weight, rate · (h − mean(h) − x̂ · mean(h x̂)), where RMSNorm
 * has no mean(h).
 */
export function normRowsGradient(x: usize, weight: usize, dy: usize, means: usize, rates: usize, dx: usize, rows: i32, columns: i32, isCentred: bool): void {
  for (let r = 0; r < rows; r++) {
    const mean = valueAt(means, r), rate = valueAt(rates, r);
    const centre = f32x4.splat(mean), scale = f32x4.splat(rate);
    let sum = f32x4.splat(0), product = sum;
    let i = 0;
    for (; i + 4 <= columns; i += 4) {
      const h = f32x4.mul(v128.load(at(dy, i)), v128.load(at(weight, i)));
      sum = f32x4.add(sum, h);
      product = f32x4.add(product, f32x4.mul(h, f32x4.mul(f32x4.sub(v128.load(at(x, i)), centre), scale)));
    }
    let total = sumLanes(sum), correlation = sumLanes(product);
    for (; i < columns; i++) {
      const h = valueAt(dy, i) * valueAt(weight, i);
      total += h;
      correlation += h * (valueAt(x, i) - mean) * rate;
    }
    const shift: f32 = isCentred ? total / <f32>columns : 0;
    const slope: f32 = correlation / <f32>columns;
    const shifts = f32x4.splat(shift), slopes = f32x4.splat(slope);
    for (i = 0; i + 4 <= columns; i += 4) {
      const h = f32x4.mul(v128.load(at(dy, i)), v128.load(at(weight, i)));
      const normal = f32x4.mul(f32x4.sub(v128.load(at(x, i)), centre), scale);
      v128.store(at(dx, i), f32x4.mul(scale, f32x4.sub(f32x4.sub(h, shifts), f32x4.mul(normal, slopes))));
    }
    for (; i < columns; i++) store<f32>(at(dx, i), rate * (valueAt(dy, i) * valueAt(weight, i) - shift - (valueAt(x, i) - mean) * rate * slope));
    x = at(x, columns);
    dy = at(dy, columns);
    dx = at(dx, columns);
  }
}

/** dweight = Σ_rows dy · x̂ and, where there is an address for it, dbias = Σ_rows dy. */
export function normParametersGradient(x: usize, dy: usize, means: usize, rates: usize, dWeight: usize, dBias: usize, rows: i32, columns: i32): void {
  memory.fill(dWeight, 0, <usize>columns << 2);
  if (dBias != 0) memory.fill(dBias, 0, <usize>columns << 2);
  for (let r = 0; r < rows; r++) {
    const mean = valueAt(means, r), rate = valueAt(rates, r);
    const centre = f32x4.splat(mean), scale = f32x4.splat(rate);
    let i = 0;
    for (; i + 4 <= columns; i += 4) {
      const normal = f32x4.mul(f32x4.sub(v128.load(at(x, i)), centre), scale);
      v128.store(at(dWeight, i), f32x4.add(v128.load(at(dWeight, i)), f32x4.mul(v128.load(at(dy, i)), normal)));
    }
    for (; i < columns; i++) store<f32>(at(dWeight, i), valueAt(dWeight, i) + valueAt(dy, i) * (valueAt(x, i) - mean) * rate);
    if (dBias != 0) addInto(dy, dBias, columns);
    x = at(x, columns);
    dy = at(dy, columns);
  }
}
