// AssemblyScript (not TypeScript): how far the softmax of one row is from that of another, in float64, two lanes at a
// time. Exponentials and logarithms are good to about 10⁻¹⁵ of themselves.

const constants: usize = memory.data<f64>([
  1.4426950408889634, 1.4426950408889634,       // log₂ e
  6755399441055744.0, 6755399441055744.0,       // 1.5 · 2⁵²: added to a small number, its last bits are the nearest integer
  0.6931471803691238, 0.6931471803691238,       // ln 2, upper bits
  1.9082149292705877e-10, 1.9082149292705877e-10, // and the rest
  -708, -708,                                   // e to it is still a normal number
  1, 1,
  1e-8, 1e-8,
  1.4142135623730951, 1.4142135623730951,
], 16);

@inline function constant(index: usize): v128 { return v128.load(constants + (index << 4)); }

/** 1/k! for k = 12 … 2, and 1/(2k + 1) for k = 10 … 1, each twice. */
const exponential: usize = memory.data<f64>([
  2.08767569878681e-9, 2.08767569878681e-9, 2.505210838544172e-8, 2.505210838544172e-8, 2.755731922398589e-7, 2.755731922398589e-7,
  2.7557319223985893e-6, 2.7557319223985893e-6, 2.48015873015873e-5, 2.48015873015873e-5, 1.984126984126984e-4, 1.984126984126984e-4,
  1.388888888888889e-3, 1.388888888888889e-3, 8.333333333333333e-3, 8.333333333333333e-3, 4.1666666666666664e-2, 4.1666666666666664e-2,
  0.16666666666666666, 0.16666666666666666, 0.5, 0.5,
], 16);
const logarithm: usize = memory.data<f64>([
  0.047619047619047616, 0.047619047619047616, 0.05263157894736842, 0.05263157894736842, 0.058823529411764705, 0.058823529411764705,
  0.06666666666666667, 0.06666666666666667, 0.07692307692307693, 0.07692307692307693, 0.09090909090909091, 0.09090909090909091,
  0.1111111111111111, 0.1111111111111111, 0.14285714285714285, 0.14285714285714285, 0.2, 0.2, 0.3333333333333333, 0.3333333333333333,
], 16);

/** c₀xⁿ⁻¹ + … + cₙ₋₁ by Horner's rule. */
@inline
function polynomial(coefficients: usize, count: usize, x: v128): v128 {
  let sum = v128.load(coefficients);
  for (let k: usize = 1; k < count; k++) sum = f64x2.add(f64x2.mul(sum, x), v128.load(coefficients + (k << 4)));
  return sum;
}

/** eˣ for x ≤ 0: 2ᵏeʳ with |r| ≤ ln 2 / 2. */
@inline
function exp(x: v128): v128 {
  const bounded = f64x2.max(x, constant(4));
  const shifted = f64x2.add(f64x2.mul(bounded, constant(0)), constant(1));
  const k = f64x2.sub(shifted, constant(1));
  const r = f64x2.sub(f64x2.sub(bounded, f64x2.mul(k, constant(2))), f64x2.mul(k, constant(3)));
  const one = constant(5);
  const power = f64x2.add(one, f64x2.mul(r, f64x2.add(one, f64x2.mul(r, polynomial(exponential, 11, r)))));
  return i64x2.add(power, i64x2.shl(shifted, 52));
}

/** ln x of normal x > 0, and NaN of NaN and ∞: x = 2ᵏm with m next to 1, ln m = 2(s + s³/3 + …) with s = (m − 1)/(m + 1). */
@inline
function log(x: v128): v128 {
  const one = constant(5);
  let m = v128.or(v128.and(x, i64x2.splat(0x000fffffffffffff)), one);
  const isLarge = f64x2.gt(m, constant(7));
  // a mask is −1
  const k = i64x2.sub(i64x2.sub(i64x2.shr_u(x, 52), i64x2.splat(1023)), isLarge);
  m = v128.bitselect(i64x2.sub(m, i64x2.splat(0x0010000000000000)), m, isLarge);
  const exponent = f64x2.sub(i64x2.add(k, constant(1)), constant(1));
  const s = f64x2.div(f64x2.sub(m, one), f64x2.add(m, one)), z = f64x2.mul(s, s);
  const half = f64x2.add(s, f64x2.mul(s, f64x2.mul(z, polynomial(logarithm, 10, z))));
  const sum = f64x2.add(f64x2.add(half, half), f64x2.add(f64x2.mul(exponent, constant(3)), f64x2.mul(exponent, constant(2))));
  return f64x2.add(sum, f64x2.sub(x, x));
}

/** Fills `out`, [elements] float64, with e to the values less their largest, and returns the sum. */
function exponentials(values: usize, elements: i32, out: usize): f64 {
  const vectors = elements & ~3, end = values + (<usize>vectors << 2);
  let largest = f32x4.splat(-Infinity);
  for (let at = values; at < end; at += 16) largest = f32x4.max(largest, v128.load(at));
  let most: f32 = max(max(f32x4.extract_lane(largest, 0), f32x4.extract_lane(largest, 1)), max(f32x4.extract_lane(largest, 2), f32x4.extract_lane(largest, 3)));
  for (let i = vectors; i < elements; i++) most = max(most, load<f32>(values + (<usize>i << 2)));
  const origin = f64x2.splat(<f64>most);
  let sum = f64x2.splat(0), to = out;
  for (let at = values; at < end; at += 16, to += 32) {
    const x = v128.load(at);
    const low = exp(f64x2.sub(f64x2.promote_low_f32x4(x), origin)), high = exp(f64x2.sub(f64x2.promote_low_f32x4(i64x2.shuffle(x, x, 1, 1)), origin));
    v128.store(to, low);
    v128.store(to, high, 16);
    sum = f64x2.add(sum, f64x2.add(low, high));
  }
  let total = f64x2.extract_lane(sum, 0) + f64x2.extract_lane(sum, 1);
  for (let i = vectors; i < elements; i++, to += 8) {
    const power = f64x2.extract_lane(exp(f64x2.sub(f64x2.splat(<f64>load<f32>(values + (<usize>i << 2))), origin)), 0);
    store<f64>(to, power);
    total += power;
  }
  return total;
}

/**
 * KL(softmax a ‖ softmax b) of `elements` float32 each, both shifted up by 10⁻⁸. `ownPowers` and `otherPowers` have room
 * for that many float64, up to a whole vector.
 */
export function divergence(a: usize, b: usize, elements: i32, ownPowers: usize, otherPowers: usize): f64 {
  const own = f64x2.splat(1 / exponentials(a, elements, ownPowers)), other = f64x2.splat(1 / exponentials(b, elements, otherPowers));
  const shift = constant(6), end = <usize>(elements & ~1) << 3;
  let sum = f64x2.splat(0);
  for (let i: usize = 0; i < end; i += 16) {
    const p = f64x2.add(f64x2.mul(v128.load(ownPowers + i), own), shift), q = f64x2.add(f64x2.mul(v128.load(otherPowers + i), other), shift);
    sum = f64x2.add(sum, f64x2.mul(p, log(f64x2.div(p, q))));
  }
  let total = f64x2.extract_lane(sum, 0) + f64x2.extract_lane(sum, 1);
  if (elements & 1) {
    const p = f64x2.add(f64x2.mul(v128.load64_splat(ownPowers + end), own), shift), q = f64x2.add(f64x2.mul(v128.load64_splat(otherPowers + end), other), shift);
    total += f64x2.extract_lane(f64x2.mul(p, log(f64x2.div(p, q))), 0);
  }
  return total;
}

/** out = |a − b| · factor over `elements` float32, the product in float64; whole vectors. */
export function scaledDistance(a: usize, b: usize, elements: i32, factor: f64, out: usize): void {
  const end = <usize>elements << 2, factors = f64x2.splat(factor);
  for (let i: usize = 0; i < end; i += 16) {
    const distance = f32x4.abs(f32x4.sub(v128.load(a + i), v128.load(b + i)));
    const low = f64x2.mul(f64x2.promote_low_f32x4(distance), factors), high = f64x2.mul(f64x2.promote_low_f32x4(i64x2.shuffle(distance, distance, 1, 1)), factors);
    v128.store(out + i, i64x2.shuffle(f32x4.demote_f64x2_zero(low), f32x4.demote_f64x2_zero(high), 0, 2));
  }
}

/** out = a where the mark is `least` or more, else b; `elements` float32, whole vectors. */
export function chooseMarked(a: usize, b: usize, marks: usize, elements: i32, least: f32, out: usize): void {
  const end = <usize>elements << 2, leasts = f32x4.splat(least);
  for (let i: usize = 0; i < end; i += 16) v128.store(out + i, v128.bitselect(v128.load(a + i), v128.load(b + i), f32x4.ge(v128.load(marks + i), leasts)));
}
