// AssemblyScript (not TypeScript): kernels of a transformer, beside those of `training.as.ts` and under the same rules.
import { at, exponential, gemm, gemmScratchFloats, hyperbolicTangent } from './training.as';

/** Rows of B that `gemm` packs at a time. */
const depthBlock: i32 = 256;

@inline
function sumLanes(v: v128): f32 {
  return f32x4.extract_lane(v, 0) + f32x4.extract_lane(v, 1) + (f32x4.extract_lane(v, 2) + f32x4.extract_lane(v, 3));
}

@inline
function valueAt(address: usize, index: i32): f32 {
  return load<f32>(at(address, index));
}

/** Σ x[i] y[i]. */
function dot(x: usize, y: usize, count: i32): f32 {
  let sum0 = f32x4.splat(0), sum1 = sum0;
  let i = 0;
  for (; i + 8 <= count; i += 8) {
    sum0 = f32x4.add(sum0, f32x4.mul(v128.load(at(x, i)), v128.load(at(y, i))));
    sum1 = f32x4.add(sum1, f32x4.mul(v128.load(at(x, i), 16), v128.load(at(y, i), 16)));
  }
  let total = sumLanes(f32x4.add(sum0, sum1));
  for (; i < count; i++) total += valueAt(x, i) * valueAt(y, i);
  return total;
}

/** y[i] += factor · x[i]. */
function addScaled(x: usize, factor: f32, y: usize, count: i32): void {
  const vector = f32x4.splat(factor);
  let i = 0;
  for (; i + 4 <= count; i += 4) v128.store(at(y, i), f32x4.add(v128.load(at(y, i)), f32x4.mul(v128.load(at(x, i)), vector)));
  for (; i < count; i++) store<f32>(at(y, i), valueAt(y, i) + factor * valueAt(x, i));
}

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

// ---- norms ----------------------------------------------------------------------------------------------------------

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

// ---- activations ----------------------------------------------------------------------------------------------------

@inline
function geluArgument(x: v128): v128 {
  return f32x4.mul(f32x4.splat(0.7978845608), f32x4.add(x, f32x4.mul(f32x4.splat(0.044715), f32x4.mul(x, f32x4.mul(x, x)))));
}

/** ½ x (1 + tanh(√(2/π) (x + 0.044715 x³))). */
@inline
function geluOf(x: v128): v128 {
  return f32x4.mul(f32x4.mul(f32x4.splat(0.5), x), f32x4.add(f32x4.splat(1), hyperbolicTangent(geluArgument(x))));
}

@inline
function geluSlope(x: v128): v128 {
  const one = f32x4.splat(1);
  const t = hyperbolicTangent(geluArgument(x));
  const inner = f32x4.mul(f32x4.splat(0.7978845608), f32x4.add(one, f32x4.mul(f32x4.splat(0.134145), f32x4.mul(x, x))));
  return f32x4.mul(f32x4.splat(0.5), f32x4.add(f32x4.add(one, t), f32x4.mul(f32x4.mul(x, f32x4.sub(one, f32x4.mul(t, t))), inner)));
}

/** y = gelu x, tanh approximation. */
export function gelu(x: usize, y: usize, count: i32): void {
  let i = 0;
  for (; i + 4 <= count; i += 4) v128.store(at(y, i), geluOf(v128.load(at(x, i))));
  for (; i < count; i++) v128.store_lane<f32>(at(y, i), geluOf(v128.load_zero<f32>(at(x, i))), 0);
}

export function geluGradient(x: usize, dy: usize, dx: usize, count: i32): void {
  let i = 0;
  for (; i + 4 <= count; i += 4) v128.store(at(dx, i), f32x4.mul(v128.load(at(dy, i)), geluSlope(v128.load(at(x, i)))));
  for (; i < count; i++) v128.store_lane<f32>(at(dx, i), f32x4.mul(v128.load_zero<f32>(at(dy, i)), geluSlope(v128.load_zero<f32>(at(x, i)))), 0);
}

@inline
function sigmoidOf(x: v128): v128 {
  const one = f32x4.splat(1);
  return f32x4.div(one, f32x4.add(one, exponential(f32x4.neg(x))));
}

/** y = silu(gate) · up, silu(x) = x / (1 + e⁻ˣ). */
export function gatedSilu(gate: usize, up: usize, y: usize, count: i32): void {
  let i = 0;
  for (; i + 4 <= count; i += 4) {
    const x = v128.load(at(gate, i));
    v128.store(at(y, i), f32x4.mul(f32x4.mul(x, sigmoidOf(x)), v128.load(at(up, i))));
  }
  for (; i < count; i++) {
    const x = v128.load_zero<f32>(at(gate, i));
    v128.store_lane<f32>(at(y, i), f32x4.mul(f32x4.mul(x, sigmoidOf(x)), v128.load_zero<f32>(at(up, i))), 0);
  }
}

/** dgate = dy · up · σ(g)(1 + g (1 − σ(g))), dup = dy · silu(g). */
export function gatedSiluGradient(gate: usize, up: usize, dy: usize, dGate: usize, dUp: usize, count: i32): void {
  const one = f32x4.splat(1);
  let i = 0;
  for (; i + 4 <= count; i += 4) {
    const x = v128.load(at(gate, i)), d = v128.load(at(dy, i)), s = sigmoidOf(x);
    v128.store(at(dUp, i), f32x4.mul(d, f32x4.mul(x, s)));
    v128.store(at(dGate, i), f32x4.mul(f32x4.mul(d, v128.load(at(up, i))), f32x4.mul(s, f32x4.add(one, f32x4.mul(x, f32x4.sub(one, s))))));
  }
  for (; i < count; i++) {
    const x = v128.load_zero<f32>(at(gate, i)), d = v128.load_zero<f32>(at(dy, i)), s = sigmoidOf(x);
    v128.store_lane<f32>(at(dUp, i), f32x4.mul(d, f32x4.mul(x, s)), 0);
    v128.store_lane<f32>(at(dGate, i), f32x4.mul(f32x4.mul(d, v128.load_zero<f32>(at(up, i))), f32x4.mul(s, f32x4.add(one, f32x4.mul(x, f32x4.sub(one, s))))), 0);
  }
}

// ---- rotary positions -----------------------------------------------------------------------------------------------

/**
 * Turns the halves (a, b) of every head of x [rows, heads · 2 half] into (a cos − b sin, b cos + a sin), with cos and sin
 * [rows, half]; `direction` −1 turns back, which is the gradient. In place where y is x.
 */
export function rotate(x: usize, cos: usize, sin: usize, y: usize, rows: i32, heads: i32, half: i32, direction: f32): void {
  const turn = f32x4.splat(direction);
  for (let r = 0; r < rows; r++) {
    for (let h = 0; h < heads; h++) {
      const xb = at(x, half), yb = at(y, half);
      let i = 0;
      for (; i + 4 <= half; i += 4) {
        const a = v128.load(at(x, i)), b = v128.load(at(xb, i)), c = v128.load(at(cos, i)), s = f32x4.mul(turn, v128.load(at(sin, i)));
        v128.store(at(y, i), f32x4.sub(f32x4.mul(a, c), f32x4.mul(b, s)));
        v128.store(at(yb, i), f32x4.add(f32x4.mul(b, c), f32x4.mul(a, s)));
      }
      for (; i < half; i++) {
        const a = valueAt(x, i), b = valueAt(xb, i), c = valueAt(cos, i), s = direction * valueAt(sin, i);
        store<f32>(at(y, i), a * c - b * s);
        store<f32>(at(yb, i), b * c + a * s);
      }
      x = at(x, 2 * half);
      y = at(y, 2 * half);
    }
    cos = at(cos, half);
    sin = at(sin, half);
  }
}

// ---- softmax --------------------------------------------------------------------------------------------------------

function largest(x: usize, count: i32): f32 {
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
function exponentials(x: usize, shift: f32, y: usize, count: i32): f32 {
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

// ---- attention ------------------------------------------------------------------------------------------------------

/** Floats of scratch memory that attention over `time` tokens needs. */
export function attentionScratchFloats(time: i32, headSize: i32): i32 {
  return time * time + gemmScratchFloats(max(time, headSize), depthBlock);
}

/** Softmax over the visible keys of each query: those up to its own position that the mask [time] lets through. */
function causalSoftmax(scores: usize, mask: usize, time: i32, scale: f32): void {
  for (let i = 0; i < time; i++) {
    const row = at(scores, i * time);
    let top: f32 = -Infinity;
    for (let j = 0; j <= i; j++) {
      const score: f32 = load<i32>(at(mask, j)) != 0 ? scale * valueAt(row, j) : -Infinity;
      store<f32>(at(row, j), score);
      top = max(top, score);
    }
    // a query of padding sees nothing
    if (top == -Infinity) memory.fill(row, 0, <usize>time << 2);
    else {
      const factor: f32 = 1 / exponentials(row, top, row, i + 1);
      for (let j = 0; j <= i; j++) store<f32>(at(row, j), valueAt(row, j) * factor);
      memory.fill(at(row, i + 1), 0, <usize>(time - i - 1) << 2);
    }
  }
}

/**
 * Causal attention of q [batch · time, heads · headSize] over k and v [batch · time, keyValueHeads · headSize]; mask int32
 * [batch, time]. Keeps the weights [batch, heads, time, time] for the gradient.
 */
export function attention(
  q: usize, k: usize, v: usize, mask: usize, y: usize, weights: usize,
  batch: i32, time: i32, heads: i32, keyValueHeads: i32, headSize: i32, scale: f32, scratch: usize,
): void {
  const width = heads * headSize, keyWidth = keyValueHeads * headSize, group = heads / keyValueHeads;
  for (let b = 0; b < batch; b++) {
    for (let h = 0; h < heads; h++) {
      const query = at(q, b * time * width + h * headSize);
      const shared = b * time * keyWidth + (h / group) * headSize;
      gemm(query, width, 1, at(k, shared), 1, keyWidth, weights, time, time, time, headSize, scratch, depthBlock, false);
      causalSoftmax(weights, at(mask, b * time), time, scale);
      gemm(weights, time, 1, at(v, shared), keyWidth, 1, at(y, b * time * width + h * headSize), width, time, headSize, time, scratch, depthBlock, false);
      weights = at(weights, time * time);
    }
  }
}

/** dq, dk and dv of `attention`; dk and dv sum over the queries that share them. */
export function attentionGradient(
  q: usize, k: usize, v: usize, weights: usize, dy: usize, dq: usize, dk: usize, dv: usize,
  batch: i32, time: i32, heads: i32, keyValueHeads: i32, headSize: i32, scale: f32, scratch: usize,
): void {
  const width = heads * headSize, keyWidth = keyValueHeads * headSize, group = heads / keyValueHeads;
  const dScores = scratch, work = at(scratch, time * time);
  for (let b = 0; b < batch; b++) {
    for (let h = 0; h < heads; h++) {
      const own = b * time * width + h * headSize, shared = b * time * keyWidth + (h / group) * headSize;
      const isFirst = h % group == 0;
      gemm(weights, 1, time, at(dy, own), width, 1, at(dv, shared), keyWidth, time, headSize, time, work, depthBlock, !isFirst);
      gemm(at(dy, own), width, 1, at(v, shared), 1, keyWidth, dScores, time, time, time, headSize, work, depthBlock, false);
      for (let i = 0; i < time; i++) softmaxRowGradient(at(weights, i * time), at(dScores, i * time), scale, i + 1, time);
      gemm(dScores, time, 1, at(k, shared), keyWidth, 1, at(dq, own), width, time, headSize, time, work, depthBlock, false);
      gemm(dScores, 1, time, at(q, own), width, 1, at(dk, shared), keyWidth, time, headSize, time, work, depthBlock, !isFirst);
      weights = at(weights, time * time);
    }
  }
}

/** d ← scale · p (d − Σ p d) over the first `seen` of `time` entries; the others become 0. */
function softmaxRowGradient(p: usize, d: usize, scale: f32, seen: i32, time: i32): void {
  const mean = dot(p, d, seen);
  const means = f32x4.splat(mean), scales = f32x4.splat(scale);
  let i = 0;
  for (; i + 4 <= seen; i += 4) v128.store(at(d, i), f32x4.mul(scales, f32x4.mul(v128.load(at(p, i)), f32x4.sub(v128.load(at(d, i)), means))));
  for (; i < seen; i++) store<f32>(at(d, i), scale * valueAt(p, i) * (valueAt(d, i) - mean));
  memory.fill(at(d, seen), 0, <usize>(time - seen) << 2);
}

/**
 * One query q [heads · headSize] over the first `length` rows of a cache, keys and values [length, keyValueHeads · headSize],
 * into y; `scores` has room for `length` floats.
 */
export function attendCache(q: usize, keys: usize, values: usize, y: usize, scores: usize, length: i32, heads: i32, keyValueHeads: i32, headSize: i32, scale: f32): void {
  const keyWidth = keyValueHeads * headSize, group = heads / keyValueHeads;
  for (let h = 0; h < heads; h++) {
    const query = at(q, h * headSize), target = at(y, h * headSize), shared = (h / group) * headSize;
    for (let j = 0; j < length; j++) store<f32>(at(scores, j), scale * dot(query, at(keys, j * keyWidth + shared), headSize));
    const factor: f32 = 1 / exponentials(scores, largest(scores, length), scores, length);
    memory.fill(target, 0, <usize>headSize << 2);
    for (let j = 0; j < length; j++) addScaled(at(values, j * keyWidth + shared), factor * valueAt(scores, j), target, headSize);
  }
}
