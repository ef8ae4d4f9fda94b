// AssemblyScript (not TypeScript): pruning and adding task vectors in float32, `elements` each. Buffers have room for
// whole vectors; what lies behind the end is not looked at.
import { mixFirst, mixSecond, mixThird } from './constants.as';

/** Sign-less bits, shifted so that they compare as unsigned numbers in the order of the magnitudes. */
@inline
function magnitudeKey(bits: v128): v128 {
  return i32x4.shl(bits, 1);
}

/**
 * Makes zero what is smaller in magnitude than `key` (the bits of a float32, shifted left by one), or larger where
 * `dropsLarger`; of what equals it only those stay that are numbered `first` to `last` in their order. Returns how many
 * equal it.
 */
export function trim(values: usize, elements: i32, key: u32, first: i32, last: i32, dropsLarger: bool): i32 {
  const border = i32x4.splat(key);
  const vectorsEnd = values + (<usize>(elements & ~3) << 2);
  let equal = 0;
  for (let at = values; at < vectorsEnd; at += 16) {
    const x = v128.load(at);
    const keys = magnitudeKey(x);
    if (v128.any_true(i32x4.eq(keys, border))) equal += trimOneByOne(at, at + 16, key, first - equal, last - equal, dropsLarger);
    else v128.store(at, v128.and(x, dropsLarger ? i32x4.lt_u(keys, border) : i32x4.gt_u(keys, border)));
  }
  return equal + trimOneByOne(vectorsEnd, values + (<usize>elements << 2), key, first - equal, last - equal, dropsLarger);
}

function trimOneByOne(from: usize, end: usize, key: u32, first: i32, last: i32, dropsLarger: bool): i32 {
  let equal = 0;
  for (let at = from; at < end; at += 4) {
    const own = load<u32>(at) << 1;
    let isKept = dropsLarger ? own < key : own > key;
    if (own == key) {
      isKept = equal >= first && equal < last;
      equal++;
    }
    if (!isKept) store<u32>(at, 0);
  }
  return equal;
}

/**
 * How often each value of the upper 16 bits occurs in the magnitude keys: pairs of value and number, u32, in `out`, where
 * there are any. Returns how many pairs. `counts` are 65536 u32, zero before and after.
 */
export function countUpperKeys(values: usize, elements: i32, counts: usize, out: usize): i32 {
  const end = values + (<usize>elements << 2);
  for (let at = values; at < end; at += 4) {
    // the key without its lower half, times four
    const count = counts + ((load<u32>(at) >> 13) & 0x3fffc);
    store<u32>(count, load<u32>(count) + 1);
  }
  let to = out;
  for (let at: usize = 0; at < 1 << 18; at += 16) {
    if (!v128.any_true(v128.load(counts + at))) continue;
    for (let lane: usize = at; lane < at + 16; lane += 4) {
      const count = load<u32>(counts + lane);
      if (count == 0) continue;
      store<u32>(to, <u32>(lane >> 2));
      store<u32>(to, count, 4);
      to += 8;
    }
    v128.store(counts + at, i32x4.splat(0));
  }
  return <i32>((to - out) >> 3);
}

/** Writes the magnitude keys whose upper 16 bits are `upper` to `out`, u32, in their order; returns how many there are. */
export function selectKeys(values: usize, elements: i32, upper: u32, out: usize): i32 {
  const first = i32x4.splat(upper);
  const vectorsEnd = values + (<usize>(elements & ~3) << 2);
  let to = out;
  for (let at = values; at < vectorsEnd; at += 16) {
    if (v128.any_true(i32x4.eq(i32x4.shr_u(magnitudeKey(v128.load(at)), 16), first))) to = selectOneByOne(at, at + 16, upper, to);
  }
  to = selectOneByOne(vectorsEnd, values + (<usize>elements << 2), upper, to);
  return <i32>((to - out) >> 2);
}

function selectOneByOne(from: usize, end: usize, upper: u32, to: usize): usize {
  for (let at = from; at < end; at += 4) {
    const key = load<u32>(at) << 1;
    if (key >>> 16 != upper) continue;
    store<u32>(to, key);
    to += 4;
  }
  return to;
}

/** The hash triple32 of Ettinger & Wellons, as in `draws.ts`. */
@inline
function mix(x: v128, first: v128, second: v128, third: v128): v128 {
  x = i32x4.mul(v128.xor(x, i32x4.shr_u(x, 17)), first);
  x = i32x4.mul(v128.xor(x, i32x4.shr_u(x, 11)), second);
  x = i32x4.mul(v128.xor(x, i32x4.shr_u(x, 15)), third);
  return v128.xor(x, i32x4.shr_u(x, 14));
}

/** Keeps the elements whose number mix(mix(index ^ key) + secondKey) is below `limit`; the first has the index `start`. */
export function dropOut(values: usize, elements: i32, start: u32, key: u32, secondKey: u32, limit: u32): void {
  const end = values + (<usize>elements << 2);
  const keys = i32x4.splat(key), second = i32x4.splat(secondKey), limits = i32x4.splat(limit), eight = i32x4.splat(8);
  const a = mixFirst(), b = mixSecond(), c = mixThird();
  let index = i32x4.add(i32x4.splat(start), i32x4(0, 1, 2, 3)), next = i32x4.add(index, i32x4.splat(4));
  // two vectors at a time: one's multiplications fill the waiting of the other's
  for (let at = values; at < end; at += 32) {
    const draw = mix(i32x4.add(mix(v128.xor(index, keys), a, b, c), second), a, b, c);
    const nextDraw = mix(i32x4.add(mix(v128.xor(next, keys), a, b, c), second), a, b, c);
    v128.store(at, v128.and(v128.load(at), i32x4.lt_u(draw, limits)));
    v128.store(at, v128.and(v128.load(at, 16), i32x4.lt_u(nextDraw, limits)), 16);
    index = i32x4.add(index, eight);
    next = i32x4.add(next, eight);
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
