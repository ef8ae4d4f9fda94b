// AssemblyScript (not TypeScript): IEEE half precision as eight lanes of 16 bits.
//
// Shifted into a float32's place, an f16 is its value times 2^-112, subnormals included; 2^112 goes into the weights.
// Rounding adds and subtracts 1.5 · 2^(e + 13), whose last place is the f16's. Both are exact while inputs are finite
// and weights stay well under 2^15; blocks with Inf or NaN and larger weights take the complete conversions.
import { exponentBits, exponentStep16, halfOverflow, halfScale, halfUnscale, magnitude16, negativeHalfOverflow, roundingShift, shiftedHalf, sign16, smallestNormalHalf } from './constants.as';
import { addSquares, addValue, blockElements, isTrusted, isZero } from './measure.as';

@inline
function even(x: v128, shifted: v128): v128 {
  return v128.and(i32x4.shr_s(i32x4.shl(x, 16), 3), shifted);
}

@inline
function odd(x: v128, shifted: v128): v128 {
  return v128.and(i32x4.shr_s(x, 3), shifted);
}

/** Four f16 in lanes of 32 bits to float32, complete (after Giesen, "half-to-float done quic"). */
@inline
function toFloat(half: v128): v128 {
  const magnitude = i32x4.shl(v128.and(half, i32x4.splat(0x7fff)), 13);
  const sign = i32x4.shl(v128.and(half, i32x4.splat(0x8000)), 16);
  const special = v128.and(i32x4.gt_s(magnitude, i32x4.splat(0x0f7fe000)), i32x4.splat(0x38000000));
  const normal = i32x4.add(i32x4.add(magnitude, i32x4.splat(0x38000000)), special);
  const subnormal = f32x4.sub(i32x4.add(magnitude, i32x4.splat(0x38800000)), i32x4.splat(0x38800000));
  return v128.or(v128.bitselect(subnormal, normal, i32x4.lt_s(magnitude, i32x4.splat(0x00800000))), sign);
}

/** Four float32 to f16 in lanes of 32 bits, complete: nearest-even, canonical NaN. */
@inline
function toHalf(x: v128): v128 {
  const sign = v128.and(x, i32x4.splat(0x80000000));
  const magnitude = v128.xor(x, sign);
  const tie = v128.and(i32x4.shr_u(magnitude, 13), i32x4.splat(1));
  const normal = i32x4.shr_u(i32x4.add(i32x4.add(magnitude, i32x4.splat(0xc8000fff)), tie), 13);
  const subnormal = i32x4.sub(f32x4.add(magnitude, i32x4.splat(0x3f000000)), i32x4.splat(0x3f000000));
  const finite = v128.bitselect(subnormal, normal, i32x4.lt_s(magnitude, i32x4.splat(0x38800000)));
  const bounded = v128.bitselect(i32x4.splat(0x7c00), finite, i32x4.ge_s(magnitude, i32x4.splat(0x47800000)));
  return v128.bitselect(i32x4.splat(0x7e00), v128.or(bounded, i32x4.shr_u(sign, 16)), i32x4.gt_s(magnitude, i32x4.splat(0x7f800000)));
}

/** Σ wᵢxᵢ by the complete conversions, bytes `offset` to `end` of every pointer. */
function blendBlockCompletely(count: i32, pointers: usize, weights: usize, out: usize, offset: usize, end: usize): void {
  const tableEnd = <usize>count << 2;
  for (let i = offset; i < end; i += 16) {
    let evens = f32x4.splat(0), odds = evens;
    for (let j: usize = 0; j < tableEnd; j += 4) {
      const x = v128.load(<usize>load<u32>(pointers + j) + i), w = v128.load32_splat(weights + j);
      evens = f32x4.add(evens, f32x4.mul(toFloat(v128.and(x, i32x4.splat(0xffff))), w));
      odds = f32x4.add(odds, f32x4.mul(toFloat(i32x4.shr_u(x, 16)), w));
    }
    v128.store(out + i, v128.or(toHalf(evens), i32x4.shl(toHalf(odds), 16)));
  }
}

/** A float32 rounded to the f16 grid, times 2^-112: bits 27 to 13 are the f16's without its sign. */
@inline
function onHalfGrid(x: v128, exponent: v128, least: v128, shift: v128, scale: v128, high: v128, low: v128): v128 {
  const bounded = f32x4.pmax(f32x4.pmin(x, high), low);
  const magic = i32x4.add(i32x4.max_s(v128.and(bounded, exponent), least), shift);
  return f32x4.mul(f32x4.sub(f32x4.add(bounded, magic), magic), scale);
}

/** Fast Σ wᵢxᵢ of one block; `scaled` are the weights times 2^112. Returns whether an input was Inf or NaN: then the result is wrong. */
function blendBlock(count: i32, pointers: usize, scaled: usize, out: usize, offset: usize, end: usize): bool {
  const magnitude = magnitude16(), shifted = shiftedHalf(), step = exponentStep16(), signs = sign16();
  const exponent = exponentBits(), least = smallestNormalHalf(), shift = roundingShift(), scale = halfScale(), high = halfOverflow(), low = negativeHalfOverflow();
  const zero = f32x4.splat(0);
  const tableEnd = <usize>count << 2;
  let special = zero;
  for (let i = offset; i < end; i += 32) {
    const first: usize = <usize>load<u32>(pointers) + i;
    let w = v128.load32_splat(scaled);
    let x = v128.load(first), y = v128.load(first, 16);
    special = v128.or(special, v128.or(i16x8.add(v128.and(x, magnitude), step), i16x8.add(v128.and(y, magnitude), step)));
    let even0 = f32x4.mul(even(x, shifted), w), odd0 = f32x4.mul(odd(x, shifted), w);
    let even1 = f32x4.mul(even(y, shifted), w), odd1 = f32x4.mul(odd(y, shifted), w);
    for (let j: usize = 4; j < tableEnd; j += 4) {
      const next: usize = <usize>load<u32>(pointers + j) + i;
      w = v128.load32_splat(scaled + j);
      x = v128.load(next);
      y = v128.load(next, 16);
      special = v128.or(special, v128.or(i16x8.add(v128.and(x, magnitude), step), i16x8.add(v128.and(y, magnitude), step)));
      even0 = f32x4.add(even0, f32x4.mul(even(x, shifted), w)); odd0 = f32x4.add(odd0, f32x4.mul(odd(x, shifted), w));
      even1 = f32x4.add(even1, f32x4.mul(even(y, shifted), w)); odd1 = f32x4.add(odd1, f32x4.mul(odd(y, shifted), w));
    }
    even0 = f32x4.add(even0, zero); odd0 = f32x4.add(odd0, zero);
    even1 = f32x4.add(even1, zero); odd1 = f32x4.add(odd1, zero);
    const e0 = onHalfGrid(even0, exponent, least, shift, scale, high, low), o0 = onHalfGrid(odd0, exponent, least, shift, scale, high, low);
    const e1 = onHalfGrid(even1, exponent, least, shift, scale, high, low), o1 = onHalfGrid(odd1, exponent, least, shift, scale, high, low);
    // the sign is the sum's own: −0 and what underflows keep it
    v128.store(out + i, v128.or(weave(i32x4.shr_u(e0, 13), i32x4.shl(o0, 3)), v128.and(weave(i32x4.shr_u(even0, 16), odd0), signs)));
    v128.store(out + i, v128.or(weave(i32x4.shr_u(e1, 13), i32x4.shl(o1, 3)), v128.and(weave(i32x4.shr_u(even1, 16), odd1), signs)), 16);
  }
  return v128.any_true(v128.and(special, signs));
}

/** Lower halves of the first and upper halves of the second. */
@inline
function weave(lower: v128, upper: v128): v128 {
  return i16x8.shuffle(lower, upper, 0, 9, 2, 11, 4, 13, 6, 15);
}

function measureBlock(from: usize, end: usize, record: usize): void {
  const magnitude = magnitude16(), shifted = shiftedHalf(), step = exponentStep16(), unscale = halfUnscale();
  let a = f32x4.splat(0), b = a, special = a;
  for (let at = from; at < end; at += 16) {
    const x = v128.load(at);
    special = v128.or(special, i16x8.add(v128.and(x, magnitude), step));
    const x0 = f32x4.mul(even(x, shifted), unscale), x1 = f32x4.mul(odd(x, shifted), unscale);
    a = f32x4.add(a, f32x4.mul(x0, x0));
    b = f32x4.add(b, f32x4.mul(x1, x1));
  }
  const sum = f32x4.add(a, b);
  if (isTrusted(sum) && !v128.any_true(v128.and(special, sign16()))) addSquares(record, sum);
  else if (!isZero(from, end)) for (let at = from; at < end; at += 2) addValue(record, f32x4.extract_lane(toFloat(i32x4.splat(load<u16>(at))), 0));
}

/**
 * out = Σ wᵢ xᵢ over `elements` f16, with the statistics of every input and, last, of the output added to `records`.
 * `scaled` are the weights times 2^112, or 0 where a weight is too large for that. Inputs are zero up to a whole 64
 * bytes; the output has room for them.
 */
export function blendF16(count: i32, pointers: usize, weights: usize, scaled: usize, out: usize, elements: i32, records: usize): void {
  const end = <usize>elements << 1;
  for (let offset: usize = 0; offset < end; offset += <usize>blockElements << 1) {
    const blockEnd = min(end, offset + (<usize>blockElements << 1));
    if (scaled == 0 || blendBlock(count, pointers, scaled, out, offset, blockEnd)) blendBlockCompletely(count, pointers, weights, out, offset, blockEnd);
    for (let j = 0; j < count; j++) {
      const input: usize = load<u32>(pointers + (<usize>j << 2));
      measureBlock(input + offset, input + blockEnd, records + (<usize>j << 4));
    }
    measureBlock(out + offset, out + blockEnd, records + (<usize>count << 4));
  }
}

/** Adds `elements` f16 to a record; zero up to a whole 64 bytes. */
export function measureF16(from: usize, elements: i32, record: usize): void {
  const end = from + (<usize>elements << 1);
  for (let block = from; block < end; block += <usize>blockElements << 1) measureBlock(block, min(end, block + (<usize>blockElements << 1)), record);
}

/** f16 to float32, exactly. */
export function decodeF16(from: usize, to: usize, elements: i32): void {
  for (let i: usize = 0; i < <usize>elements; i += 8) {
    const x = v128.load(from + (i << 1));
    v128.store(to + (i << 2), toFloat(i32x4.extend_low_i16x8_u(x)));
    v128.store(to + (i << 2), toFloat(i32x4.extend_high_i16x8_u(x)), 16);
  }
}

/** float32 to f16, to nearest, ties to even. */
export function encodeF16(from: usize, to: usize, elements: i32): void {
  for (let i: usize = 0; i < <usize>elements; i += 8) {
    const a = toHalf(v128.load(from + (i << 2))), b = toHalf(v128.load(from + (i << 2), 16));
    v128.store(to + (i << 1), i16x8.shuffle(a, b, 0, 2, 4, 6, 8, 10, 12, 14));
  }
}
