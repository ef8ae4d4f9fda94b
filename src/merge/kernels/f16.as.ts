// AssemblyScript (not TypeScript): IEEE half precision as eight lanes of 16 bits.
//
// Shifted into a float32's place, an f16 is its value times 2^-112, subnormals included. Rounding adds 1.5 · 2^(e + 13), whose
// last place is the f16's: the lower bits are then the mantissa, as a number with a sign. Both are exact for what is
// finite. Inf and NaN come out as 65536 or more, and NaN as itself, so that the sums of squares, which are wanted anyway,
// show them: such blocks are done again by the complete conversions. No result is subnormal in float32, which a processor
// may take a hundred times as long for.
import { evenShift, exponentBits, exponentStep16, halfUnscale, magnitude16, rebiasHalf, roundingShift, shiftedHalf, sign16, smallestNormalHalf } from './constants.as';
import { addSquares, addValue, blockElements, isTrusted, isZero, sumOfSquares } from './measure.as';

/** Squares of what was weighed by less may underflow. */
const leastSquare: f32 = 1e-12;

/** The even elements times 2^-112. */
@inline
function scaledEven(x: v128, place: v128, shifted: v128): v128 {
  return v128.and(i32x4.dot_i16x8_s(x, place), shifted);
}

@inline
function scaledOdd(x: v128, shifted: v128): v128 {
  return v128.and(i32x4.shr_s(x, 3), shifted);
}

@inline
function even(x: v128, place: v128, shifted: v128, unscale: v128): v128 {
  return f32x4.mul(scaledEven(x, place, shifted), unscale);
}

@inline
function odd(x: v128, shifted: v128, unscale: v128): v128 {
  return f32x4.mul(scaledOdd(x, shifted), unscale);
}

/** Whether no value that went into these sums was 65536 or more, or NaN. */
@inline
function isOrdinary(sums: v128): bool {
  return i32x4.all_true(f32x4.lt(sums, f32x4.splat(4294967296.0)));
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

/** Bits of the power of two of a float32, or of the smallest normal f16 where that is more. */
@inline
function halfExponent(x: v128, exponent: v128, least: v128): v128 {
  return i32x4.max_s(v128.and(x, exponent), least);
}

/**
 * Eight f16 from even and odd sums in float32, the powers of two that they are rounded at, and the sums with 1.5 · 2^(e + 13)
 * added: power and mantissa as whole numbers, carries included, with the sum's own sign, which what underflows keeps.
 */
@inline
function encoded(even: v128, odd: v128, evenExponent: v128, oddExponent: v128, evenPlaced: v128, oddPlaced: v128, signs: v128, rebias: v128): v128 {
  const mantissa = i16x8.abs(weave(evenPlaced, i32x4.shl(oddPlaced, 16)));
  const power = i16x8.add(weave(i32x4.shr_u(evenExponent, 13), i32x4.shl(oddExponent, 3)), rebias);
  return v128.or(i16x8.add(mantissa, power), v128.and(weave(i32x4.shr_u(even, 16), odd), signs));
}

/**
 * Fast Σ wᵢxᵢ of one block, with the lanes' sums of squares of every wᵢxᵢ and, last, of the output in `squares`. Where
 * an input or the output is not ordinary the result is wrong.
 */
function blendBlock(count: i32, pointers: usize, weights: usize, out: usize, offset: usize, end: usize, squares: usize): void {
  const place = evenShift(), shifted = shiftedHalf(), unscale = halfUnscale(), signs = sign16(), rebias = rebiasHalf();
  const exponent = exponentBits(), least = smallestNormalHalf(), shift = roundingShift();
  const zero = f32x4.splat(0);
  for (let j = 0; j <= count; j++) v128.store(squares + (<usize>j << 4), zero);
  const outSquares = squares + (<usize>count << 4);
  for (let i = offset; i < end; i += 32) {
    let even0 = zero, odd0 = zero, even1 = zero, odd1 = zero;
    for (let j: usize = 0; j < <usize>count; j++) {
      const at: usize = <usize>load<u32>(pointers + (j << 2)) + i, w = f32x4.mul(v128.load32_splat(weights + (j << 2)), unscale), own = squares + (j << 4);
      const x = v128.load(at), y = v128.load(at, 16);
      const a = f32x4.mul(scaledEven(x, place, shifted), w), b = f32x4.mul(scaledOdd(x, shifted), w);
      const c = f32x4.mul(scaledEven(y, place, shifted), w), d = f32x4.mul(scaledOdd(y, shifted), w);
      v128.store(own, f32x4.add(v128.load(own), sumOfSquares(a, b, c, d)));
      even0 = f32x4.add(even0, a); odd0 = f32x4.add(odd0, b);
      even1 = f32x4.add(even1, c); odd1 = f32x4.add(odd1, d);
    }
    const e0 = halfExponent(even0, exponent, least), o0 = halfExponent(odd0, exponent, least), e1 = halfExponent(even1, exponent, least), o1 = halfExponent(odd1, exponent, least);
    const evenUnit0 = i32x4.add(e0, shift), oddUnit0 = i32x4.add(o0, shift), evenUnit1 = i32x4.add(e1, shift), oddUnit1 = i32x4.add(o1, shift);
    const evenPlaced0 = f32x4.add(even0, evenUnit0), oddPlaced0 = f32x4.add(odd0, oddUnit0), evenPlaced1 = f32x4.add(even1, evenUnit1), oddPlaced1 = f32x4.add(odd1, oddUnit1);
    v128.store(out + i, encoded(even0, odd0, e0, o0, evenPlaced0, oddPlaced0, signs, rebias));
    v128.store(out + i, encoded(even1, odd1, e1, o1, evenPlaced1, oddPlaced1, signs, rebias), 16);
    v128.store(outSquares, f32x4.add(v128.load(outSquares), sumOfSquares(f32x4.sub(evenPlaced0, evenUnit0), f32x4.sub(oddPlaced0, oddUnit0), f32x4.sub(evenPlaced1, evenUnit1), f32x4.sub(oddPlaced1, oddUnit1))));
  }
}

/** Lower halves of the first and upper halves of the second. */
@inline
function weave(lower: v128, upper: v128): v128 {
  return i16x8.shuffle(lower, upper, 0, 9, 2, 11, 4, 13, 6, 15);
}

function measureBlock(from: usize, end: usize, record: usize): void {
  const place = evenShift(), shifted = shiftedHalf(), unscale = halfUnscale();
  let sum = f32x4.splat(0);
  for (let at = from; at < end; at += 32) {
    const x = v128.load(at), y = v128.load(at, 16);
    sum = f32x4.add(sum, sumOfSquares(even(x, place, shifted, unscale), odd(x, shifted, unscale), even(y, place, shifted, unscale), odd(y, shifted, unscale)));
  }
  addBlock(from, end, sum, record);
}

/** Adds one block to a record by its sums of squares, or element by element where they cannot be trusted. */
function addBlock(from: usize, end: usize, sum: v128, record: usize): void {
  if (isTrusted(sum) && isOrdinary(sum)) addSquares(record, sum);
  else if (!isZero(from, end)) for (let at = from; at < end; at += 2) addValue(record, f32x4.extract_lane(toFloat(i32x4.splat(load<u16>(at))), 0));
}

/** Turns the sums of squares of what was weighed into those of the input. Returns whether they show that all of it was ordinary. */
@inline
function unweigh(squares: usize, weight: f32): bool {
  const sums = f32x4.div(v128.load(squares), f32x4.splat(weight * weight));
  v128.store(squares, sums);
  return weight * weight > leastSquare && isOrdinary(sums);
}

/**
 * out = Σ wᵢ xᵢ over `elements` f16, with the statistics of every input, which are needed here to see what is not ordinary,
 * and, last, of the output added to `records`.
 * `squares` has room for a vector for each of them. Inputs are zero up to a whole 64 bytes; the output has room for them.
 */
export function blendF16(count: i32, pointers: usize, weights: usize, out: usize, elements: i32, records: usize, squares: usize): void {
  const end = <usize>elements << 1;
  for (let offset: usize = 0; offset < end; offset += <usize>blockElements << 1) {
    const blockEnd = min(end, offset + (<usize>blockElements << 1));
    blendBlock(count, pointers, weights, out, offset, blockEnd, squares);
    let isWrong = !isOrdinary(v128.load(squares + (<usize>count << 4)));
    for (let j = 0; j < count; j++) isWrong = !unweigh(squares + (<usize>j << 4), load<f32>(weights + (<usize>j << 2))) || isWrong;
    // to the end of what the fast way has written, which the measure reads
    if (isWrong) blendBlockCompletely(count, pointers, weights, out, offset, (blockEnd + 31) & ~31);
    for (let j = 0; j <= count; j++) {
      const from: usize = (j < count ? <usize>load<u32>(pointers + (<usize>j << 2)) : out) + offset, record = records + (<usize>j << 4);
      if (isWrong) measureBlock(from, from + blockEnd - offset, record);
      else addBlock(from, from + blockEnd - offset, v128.load(squares + (<usize>j << 4)), record);
    }
  }
}

/** Adds `elements` f16 to a record; zero up to a whole 64 bytes. */
export function measureF16(from: usize, elements: i32, record: usize): void {
  const end = from + (<usize>elements << 1);
  for (let block = from; block < end; block += <usize>blockElements << 1) measureBlock(block, min(end, block + (<usize>blockElements << 1)), record);
}

/** f16 to float32, exactly. */
export function decodeF16(from: usize, to: usize, elements: i32): void {
  const place = evenShift(), shifted = shiftedHalf(), unscale = halfUnscale(), step = exponentStep16(), magnitude = magnitude16();
  for (let block = 0; block < elements; block += blockElements) {
    const end = <usize>min(elements, block + blockElements);
    let special = f32x4.splat(0);
    for (let i = <usize>block; i < end; i += 8) {
      const x = v128.load(from + (i << 1));
      special = v128.or(special, i16x8.add(v128.and(x, magnitude), step));
      const evens = even(x, place, shifted, unscale), odds = odd(x, shifted, unscale);
      v128.store(to + (i << 2), i32x4.shuffle(evens, odds, 0, 4, 1, 5));
      v128.store(to + (i << 2), i32x4.shuffle(evens, odds, 2, 6, 3, 7), 16);
    }
    if (v128.any_true(v128.and(special, sign16()))) decodeCompletely(from, to, block, end);
  }
}

function decodeCompletely(from: usize, to: usize, start: usize, end: usize): void {
  for (let i = start; i < end; i += 8) {
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
