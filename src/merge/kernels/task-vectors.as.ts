// AssemblyScript (not TypeScript): pruning and adding task vectors in float32, `elements` each. Buffers have room for
// whole vectors; what lies behind the end is not looked at.

/** Sign-less bits, shifted so that they compare as unsigned numbers in the order of the magnitudes. */
@inline
function magnitudeKey(bits: v128): v128 {
  return i32x4.shl(bits, 1);
}

/**
 * Makes zero what is smaller in magnitude than `key` (the bits of a float32, shifted left by one), and what equals it
 * once `keepEqual` have been kept. Returns how many equal ones were kept.
 */
export function trim(values: usize, elements: i32, key: u32, keepEqual: i32): i32 {
  const border = i32x4.splat(key);
  const vectorsEnd = values + (<usize>(elements & ~3) << 2);
  let kept = 0;
  for (let at = values; at < vectorsEnd; at += 16) {
    const x = v128.load(at);
    const keys = magnitudeKey(x);
    if (v128.any_true(i32x4.eq(keys, border))) kept += trimOneByOne(at, at + 16, key, keepEqual - kept);
    else v128.store(at, v128.and(x, i32x4.gt_u(keys, border)));
  }
  return kept + trimOneByOne(vectorsEnd, values + (<usize>elements << 2), key, keepEqual - kept);
}

function trimOneByOne(from: usize, end: usize, key: u32, keepEqual: i32): i32 {
  let kept = 0;
  for (let at = from; at < end; at += 4) {
    const own = load<u32>(at) << 1;
    if (own > key) continue;
    if (own == key && kept < keepEqual) kept++;
    else store<u32>(at, 0);
  }
  return kept;
}

/** The hash triple32 of Ettinger & Wellons, as in `draws.ts`. */
@inline
function mix(x: v128): v128 {
  x = v128.xor(x, i32x4.shr_u(x, 17));
  x = i32x4.mul(x, i32x4.splat(0xed5ad4bb));
  x = v128.xor(x, i32x4.shr_u(x, 11));
  x = i32x4.mul(x, i32x4.splat(0xac4c1b51));
  x = v128.xor(x, i32x4.shr_u(x, 15));
  x = i32x4.mul(x, i32x4.splat(0x31848bab));
  return v128.xor(x, i32x4.shr_u(x, 14));
}

/** Keeps the elements whose number mix(mix(index ^ key) + secondKey) is below `limit`; the first has the index `start`. */
export function dropOut(values: usize, elements: i32, start: u32, key: u32, secondKey: u32, limit: u32): void {
  const end = values + (<usize>elements << 2);
  const keys = i32x4.splat(key), second = i32x4.splat(secondKey), limits = i32x4.splat(limit), four = i32x4.splat(4);
  let index = i32x4.add(i32x4.splat(start), i32x4(0, 1, 2, 3));
  for (let at = values; at < end; at += 16) {
    const draw = mix(i32x4.add(mix(v128.xor(index, keys)), second));
    v128.store(at, v128.and(v128.load(at), i32x4.lt_u(draw, limits)));
    index = i32x4.add(index, four);
  }
}

/** Σ |x| in float64. Zero up to a whole vector. */
export function absoluteSum(values: usize, elements: i32): f64 {
  const end = values + (<usize>elements << 2);
  let low = f64x2.splat(0), high = low;
  for (let at = values; at < end; at += 16) {
    const x = f32x4.abs(v128.load(at));
    low = f64x2.add(low, f64x2.promote_low_f32x4(x));
    high = f64x2.add(high, f64x2.promote_low_f32x4(i64x2.shuffle(x, x, 1, 1)));
  }
  const sum = f64x2.add(low, high);
  return f64x2.extract_lane(sum, 0) + f64x2.extract_lane(sum, 1);
}

/**
 * out = base + λ · Σ wᵢfᵢτᵢ / divisor over `count` task vectors, each product and sum rounded; no division where
 * `divisor` is 0. With an election only what has the sign of the sum counts, and the divisor, where `divisor` is not
 * 0, is the weight of it.
 */
export function addTaskVectors(count: i32, pointers: usize, factors: usize, weights: usize, base: usize, out: usize, elements: i32, lambda: f32, divisor: f32, elects: bool): void {
  const end = <usize>elements << 2, tableEnd = <usize>count << 2;
  const zero = f32x4.splat(0), one = f32x4.splat(1), lambdas = f32x4.splat(lambda), divisors = f32x4.splat(divisor);
  for (let i: usize = 0; i < end; i += 16) {
    let sum = zero;
    for (let j: usize = 0; j < tableEnd; j += 4) sum = f32x4.add(sum, weighted(pointers, factors, weights, i, j));
    let by = divisors;
    if (elects) {
      const isPositive = f32x4.ge(sum, zero);
      let agreeing = zero, total = zero;
      for (let j: usize = 0; j < tableEnd; j += 4) {
        const value = weighted(pointers, factors, weights, i, j);
        const agrees = v128.bitselect(f32x4.gt(value, zero), f32x4.lt(value, zero), isPositive);
        agreeing = f32x4.add(agreeing, v128.and(value, agrees));
        total = f32x4.add(total, v128.and(v128.load32_splat(weights + j), agrees));
      }
      sum = agreeing;
      by = v128.bitselect(one, total, f32x4.eq(total, zero));
    }
    if (divisor != 0) sum = f32x4.div(sum, by);
    v128.store(out + i, f32x4.add(v128.load(base + i), f32x4.mul(sum, lambdas)));
  }
}

@inline
function weighted(pointers: usize, factors: usize, weights: usize, i: usize, j: usize): v128 {
  const value = v128.load(<usize>load<u32>(pointers + j) + i);
  return f32x4.mul(f32x4.mul(value, v128.load32_splat(factors + j)), v128.load32_splat(weights + j));
}
