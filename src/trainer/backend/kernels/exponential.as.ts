// AssemblyScript (not TypeScript): exponential and hyperbolic tangent.
import { at } from './vectors.as';

/**
 * eˣ to about 1 ulp: x = n ln 2 + r, then a polynomial in r (Cephes expf) times 2ⁿ. 2ⁿ is applied in two halves so that
 * overflow gives infinity and underflow fades through the subnormals to zero; NaN stays NaN.
 */
@inline
export function exponential(value: v128): v128 {
  const x = f32x4.max(f32x4.min(value, f32x4.splat(89.0)), f32x4.splat(-104.0));
  const n = f32x4.nearest(f32x4.mul(x, f32x4.splat(1.44269504)));
  // ln 2 in two parts, the first with few bits: n times it is exact
  let r = f32x4.sub(x, f32x4.mul(n, f32x4.splat(0.693359375)));
  r = f32x4.sub(r, f32x4.mul(n, f32x4.splat(-2.12194440e-4)));
  let p = f32x4.splat(1.9875691500e-4);
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(1.3981999507e-3));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(8.3334519073e-3));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(4.1665795894e-2));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(1.6666665459e-1));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(5.0000001201e-1));
  p = f32x4.add(f32x4.add(f32x4.mul(f32x4.mul(p, r), r), r), f32x4.splat(1));
  const exponent = i32x4.trunc_sat_f32x4_s(n);
  const half = i32x4.shr_s(exponent, 1);
  return f32x4.mul(f32x4.mul(p, powerOfTwo(half)), powerOfTwo(i32x4.sub(exponent, half)));
}

@inline
function powerOfTwo(exponent: v128): v128 {
  return i32x4.shl(i32x4.add(exponent, i32x4.splat(127)), 23);
}

/**
 * tanh x as a ratio of polynomials, x·P(x²)/Q(x²) (Eigen's `generic_fast_tanh_float`, as in TensorFlow), within 4.2e-7:
 * half the work of an exponential and its division. Beyond ±7.905 tanh is 1 to within a rounding, and below 4e-4 it is x.
 */
@inline
export function hyperbolicTangent(value: v128): v128 {
  const x = f32x4.max(f32x4.min(value, f32x4.splat(7.90531110763549805)), f32x4.splat(-7.90531110763549805));
  const square = f32x4.mul(x, x);
  let p = f32x4.splat(-2.76076847742355e-16);
  p = f32x4.add(f32x4.mul(p, square), f32x4.splat(2.00018790482477e-13));
  p = f32x4.add(f32x4.mul(p, square), f32x4.splat(-8.60467152213735e-11));
  p = f32x4.add(f32x4.mul(p, square), f32x4.splat(5.12229709037114e-8));
  p = f32x4.add(f32x4.mul(p, square), f32x4.splat(1.48572235717979e-5));
  p = f32x4.add(f32x4.mul(p, square), f32x4.splat(6.37261928875436e-4));
  p = f32x4.add(f32x4.mul(p, square), f32x4.splat(4.89352455891786e-3));
  let q = f32x4.splat(1.19825839466702e-6);
  q = f32x4.add(f32x4.mul(q, square), f32x4.splat(1.18534705686654e-4));
  q = f32x4.add(f32x4.mul(q, square), f32x4.splat(2.26843463243900e-3));
  q = f32x4.add(f32x4.mul(q, square), f32x4.splat(4.89352518554385e-3));
  const ratio = f32x4.div(f32x4.mul(x, p), q);
  return v128.bitselect(value, ratio, f32x4.lt(f32x4.abs(value), f32x4.splat(0.0004)));
}

/** y[i] = tanh x[i], i < count. */
export function tanh(x: usize, y: usize, count: i32): void {
  let i = 0;
  for (; i + 4 <= count; i += 4) v128.store(at(y, i), hyperbolicTangent(v128.load(at(x, i))));
  for (; i < count; i++) v128.store_lane<f32>(at(y, i), hyperbolicTangent(v128.load_zero<f32>(at(x, i))), 0);
}

/** y[i] = exp x[i], i < count. */
export function exp(x: usize, y: usize, count: i32): void {
  let i = 0;
  for (; i + 4 <= count; i += 4) v128.store(at(y, i), exponential(v128.load(at(x, i))));
  for (; i < count; i++) v128.store_lane<f32>(at(y, i), exponential(v128.load_zero<f32>(at(x, i))), 0);
}
