// AssemblyScript (not TypeScript): methods that look at how the changes of one element differ between experts, and
// nearswap; `elements` float32 each. Buffers have room for whole vectors.

@inline
function upperPair(x: v128): v128 {
  return f64x2.promote_low_f32x4(i64x2.shuffle(x, x, 1, 1));
}

/** Variance over `count` vectors of every element, in float64 and rounded to float32 at the end. */
export function variances(count: i32, pointers: usize, out: usize, elements: i32): void {
  const end = <usize>elements << 2, tableEnd = <usize>count << 2;
  const divisor = f64x2.splat(<f64>count);
  for (let i: usize = 0; i < end; i += 16) {
    let lowMean = f64x2.splat(0), highMean = lowMean, low = lowMean, high = lowMean;
    for (let j: usize = 0; j < tableEnd; j += 4) {
      const x = v128.load(<usize>load<u32>(pointers + j) + i);
      lowMean = f64x2.add(lowMean, f64x2.div(f64x2.promote_low_f32x4(x), divisor));
      highMean = f64x2.add(highMean, f64x2.div(upperPair(x), divisor));
    }
    for (let j: usize = 0; j < tableEnd; j += 4) {
      const x = v128.load(<usize>load<u32>(pointers + j) + i);
      const lowDeviation = f64x2.sub(f64x2.promote_low_f32x4(x), lowMean), highDeviation = f64x2.sub(upperPair(x), highMean);
      low = f64x2.add(low, f64x2.div(f64x2.mul(lowDeviation, lowDeviation), divisor));
      high = f64x2.add(high, f64x2.div(f64x2.mul(highDeviation, highDeviation), divisor));
    }
    v128.store(out + i, i64x2.shuffle(f32x4.demote_f64x2_zero(low), f32x4.demote_f64x2_zero(high), 0, 2));
  }
}

/** Makes zero every value whose mark is ±0. */
export function keepMarked(values: usize, marks: usize, elements: i32): void {
  const end = <usize>elements << 2;
  const zero = f32x4.splat(0);
  for (let i: usize = 0; i < end; i += 16) v128.store(values + i, v128.and(v128.load(values + i), f32x4.ne(v128.load(marks + i), zero)));
}

/** Σ x² in float64. Zero up to a whole vector. */
export function squareSum(values: usize, elements: i32): f64 {
  const end = values + (<usize>elements << 2);
  let low = f64x2.splat(0), high = low;
  for (let at = values; at < end; at += 16) {
    const x = v128.load(at), a = f64x2.promote_low_f32x4(x), b = upperPair(x);
    low = f64x2.add(low, f64x2.mul(a, a));
    high = f64x2.add(high, f64x2.mul(b, b));
  }
  const sum = f64x2.add(low, high);
  return f64x2.extract_lane(sum, 0) + f64x2.extract_lane(sum, 1);
}

/** out = base + the weighted mean of those of the vectors that have the sign of their sum, a zero sum counting as positive; the weights count as 10⁻⁶ at least. */
export function addElectedMean(count: i32, pointers: usize, weights: usize, base: usize, out: usize, elements: i32): void {
  const end = <usize>elements << 2, tableEnd = <usize>count << 2;
  const zero = f32x4.splat(0), least = f32x4.splat(1e-6);
  for (let i: usize = 0; i < end; i += 16) {
    let sum = zero, merged = zero, divisor = zero;
    for (let j: usize = 0; j < tableEnd; j += 4) sum = f32x4.add(sum, v128.load(<usize>load<u32>(pointers + j) + i));
    const isPositive = f32x4.ge(sum, zero);
    for (let j: usize = 0; j < tableEnd; j += 4) {
      const x = v128.load(<usize>load<u32>(pointers + j) + i), weight = v128.load32_splat(weights + j);
      const agrees = v128.bitselect(f32x4.gt(x, zero), f32x4.lt(x, zero), isPositive);
      merged = f32x4.add(merged, v128.and(f32x4.mul(x, weight), agrees));
      divisor = f32x4.add(divisor, v128.and(weight, agrees));
    }
    v128.store(out + i, f32x4.add(v128.load(base + i), f32x4.div(merged, f32x4.max(divisor, least))));
  }
}

/** Changes of at most `limit` are none. */
@inline
function change(pointers: usize, j: usize, i: usize, base: v128, limit: v128): v128 {
  const x = f32x4.sub(v128.load(<usize>load<u32>(pointers + j) + i), base);
  return v128.and(x, f32x4.gt(f32x4.abs(x), limit));
}

/** How many of the experts changed each of four elements, as integers. */
@inline
function changedBy(pointers: usize, tableEnd: usize, i: usize, base: v128, limit: v128): v128 {
  let changed = i32x4.splat(0);
  // a mask is −1
  for (let j: usize = 0; j < tableEnd; j += 4) changed = i32x4.sub(changed, f32x4.ne(change(pointers, j, i, base, limit), f32x4.splat(0)));
  return changed;
}

/**
 * Adds to `counts`, two u32 an expert, how many of its changes others share and how many they do not. What lies behind
 * the end has to be zero, up to a whole vector.
 */
export function countShared(count: i32, pointers: usize, base: usize, elements: i32, limit: f32, counts: usize): void {
  const end = <usize>elements << 2, tableEnd = <usize>count << 2;
  const limits = f32x4.splat(limit), one = i32x4.splat(1), zero = f32x4.splat(0);
  for (let i: usize = 0; i < end; i += 16) {
    const origin = v128.load(base + i), isShared = i32x4.gt_s(changedBy(pointers, tableEnd, i, origin, limits), one);
    for (let j: usize = 0; j < tableEnd; j += 4) {
      const isChanged = f32x4.ne(change(pointers, j, i, origin, limits), zero), at = counts + (j << 1);
      store<u32>(at, load<u32>(at) + <u32>popcnt(i32x4.bitmask(v128.and(isChanged, isShared))));
      store<u32>(at, load<u32>(at, 4) + <u32>popcnt(i32x4.bitmask(v128.andnot(isChanged, isShared))), 4);
    }
  }
}

/** out = base + the mean of the changes where several changed, the change times its expert's factor where one did. */
export function addChanges(count: i32, pointers: usize, factors: usize, base: usize, out: usize, elements: i32, limit: f32): void {
  const end = <usize>elements << 2, tableEnd = <usize>count << 2;
  const limits = f32x4.splat(limit), one = i32x4.splat(1);
  for (let i: usize = 0; i < end; i += 16) {
    const origin = v128.load(base + i), changed = changedBy(pointers, tableEnd, i, origin, limits);
    const isShared = i32x4.gt_s(changed, one), divisor = f32x4.convert_i32x4_s(changed);
    let merged = f32x4.splat(0);
    for (let j: usize = 0; j < tableEnd; j += 4) {
      const x = change(pointers, j, i, origin, limits);
      merged = f32x4.add(merged, v128.bitselect(f32x4.div(x, divisor), f32x4.mul(x, v128.load32_splat(factors + j)), isShared));
    }
    v128.store(out + i, f32x4.add(origin, merged));
  }
}

/** out = w · expert + (1 − w) · base with w = t / |base − expert|, the distance being 10⁻⁶ at least; the expert bit for bit where w is 1 or more. */
export function swapNear(base: usize, expert: usize, out: usize, elements: i32, t: f32): void {
  const end = <usize>elements << 2;
  const most = f32x4.splat(t), least = f32x4.splat(1e-6), one = f32x4.splat(1);
  for (let i: usize = 0; i < end; i += 16) {
    const a = v128.load(base + i), b = v128.load(expert + i);
    const weight = f32x4.min(one, f32x4.div(most, f32x4.max(f32x4.abs(f32x4.sub(a, b)), least)));
    v128.store(out + i, v128.bitselect(b, f32x4.add(f32x4.mul(weight, b), f32x4.mul(f32x4.sub(one, weight), a)), f32x4.eq(weight, one)));
  }
}
