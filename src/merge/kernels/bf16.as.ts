// AssemblyScript (not TypeScript): bfloat16 as eight lanes of 16 bits.
//
// A bf16 is the upper half of a float32, so the odd elements of a vector are floats once the lower halves are masked
// away, and the even ones once they are shifted up: no shuffles. Sums and products stay in that split order and are
// woven together when they are rounded.
import { halfPlace, highHalf, magnitude16, ones } from './constants.as';
import { addSquares, addValue, blockElements, isTrusted, isZero, sumOfSquares } from './measure.as';

@inline
export function evenBF16(x: v128): v128 {
  return i32x4.shl(x, 16);
}

@inline
export function oddBF16(x: v128, high: v128): v128 {
  return v128.and(x, high);
}

/** Bits of a float32 rounded to nearest-even at bit 16: the upper half is the bf16, if it was no NaN. */
@inline
function rounded(x: v128, half: v128, one: v128): v128 {
  return i32x4.add(i32x4.add(x, half), v128.and(i32x4.shr_u(x, 16), one));
}

/** Eight bf16 from their even and odd elements in float32. */
@inline
function weave(even: v128, odd: v128, half: v128, one: v128): v128 {
  return i16x8.shuffle(i32x4.shr_u(rounded(even, half, one), 16), rounded(odd, half, one), 0, 9, 2, 11, 4, 13, 6, 15);
}

/** Makes every NaN the canonical one: rounding may have carried a payload into nonsense. */
function canonicalNaN(from: usize, end: usize): void {
  for (let at = from; at < end; at += 16) {
    const x = v128.load(at);
    v128.store(at, v128.bitselect(i16x8.splat(0x7fc0), x, i16x8.gt_s(v128.and(x, i16x8.splat(0x7fff)), i16x8.splat(0x7f80))));
  }
}

/**
 * Σ wᵢxᵢ of one block, with the lanes' sums of squares of every input, where `Measures` is bool and not void, and, last, of
 * the output in `squares`: a type, so that the loop is compiled for either. Reads and writes whole 64 bytes; `offset` and
 * `end` are bytes from every pointer.
 */
function blendBlock<Measures>(count: i32, pointers: usize, weights: usize, out: usize, offset: usize, end: usize, squares: usize): void {
  const half = halfPlace(), one = ones(), high = highHalf();
  const zero = f32x4.splat(0);
  let outSquares = zero;
  for (let j = 0; j < count; j++) v128.store(squares + (<usize>j << 4), zero);
  for (let i = offset; i < end; i += 64) {
    // the sum starts at +0: −0 alone becomes +0
    let even0 = zero, odd0 = zero, even1 = zero, odd1 = zero, even2 = zero, odd2 = zero, even3 = zero, odd3 = zero;
    for (let j: usize = 0; j < <usize>count; j++) {
      const at: usize = <usize>load<u32>(pointers + (j << 2)) + i, w = v128.load32_splat(weights + (j << 2)), own = squares + (j << 4);
      let x = v128.load(at), y = v128.load(at, 16), a = evenBF16(x), b = oddBF16(x, high), c = evenBF16(y), d = oddBF16(y, high), sum = zero;
      if (isBoolean<Measures>()) sum = f32x4.add(v128.load(own), sumOfSquares(a, b, c, d));
      even0 = f32x4.add(even0, f32x4.mul(a, w)); odd0 = f32x4.add(odd0, f32x4.mul(b, w));
      even1 = f32x4.add(even1, f32x4.mul(c, w)); odd1 = f32x4.add(odd1, f32x4.mul(d, w));
      x = v128.load(at, 32); y = v128.load(at, 48); a = evenBF16(x); b = oddBF16(x, high); c = evenBF16(y); d = oddBF16(y, high);
      if (isBoolean<Measures>()) v128.store(own, f32x4.add(sum, sumOfSquares(a, b, c, d)));
      even2 = f32x4.add(even2, f32x4.mul(a, w)); odd2 = f32x4.add(odd2, f32x4.mul(b, w));
      even3 = f32x4.add(even3, f32x4.mul(c, w)); odd3 = f32x4.add(odd3, f32x4.mul(d, w));
    }
    const r0 = weave(even0, odd0, half, one), r1 = weave(even1, odd1, half, one), r2 = weave(even2, odd2, half, one), r3 = weave(even3, odd3, half, one);
    v128.store(out + i, r0);
    v128.store(out + i, r1, 16);
    v128.store(out + i, r2, 32);
    v128.store(out + i, r3, 48);
    outSquares = f32x4.add(outSquares, sumOfSquares(evenBF16(r0), oddBF16(r0, high), evenBF16(r1), oddBF16(r1, high)));
    outSquares = f32x4.add(outSquares, sumOfSquares(evenBF16(r2), oddBF16(r2, high), evenBF16(r3), oddBF16(r3, high)));
  }
  v128.store(squares + (<usize>count << 4), outSquares);
  // a NaN among them
  if (!isTrusted(outSquares)) canonicalNaN(out + offset, out + end);
}

function measureBlock(from: usize, end: usize, record: usize): void {
  const high = highHalf();
  let sum = f32x4.splat(0);
  for (let at = from; at < end; at += 32) {
    const x = v128.load(at), y = v128.load(at, 16);
    sum = f32x4.add(sum, sumOfSquares(evenBF16(x), oddBF16(x, high), evenBF16(y), oddBF16(y, high)));
  }
  addBlock(from, end, sum, record);
}

/** Adds one block to a record by its sums of squares, or element by element where they cannot be trusted. */
function addBlock(from: usize, end: usize, sum: v128, record: usize): void {
  if (isTrusted(sum)) addSquares(record, sum);
  else if (!isZero(from, end)) for (let at = from; at < end; at += 2) addValue(record, reinterpret<f32>(<u32>load<u16>(at) << 16));
}

/**
 * out = Σ wᵢ xᵢ over `elements` bf16, with the statistics of every input, unless they are not wanted, and, last, of the
 * output added to `records`. `pointers` are u32, `weights` float32, `squares` has room for a vector for each. Inputs are
 * zero up to a whole 64 bytes; the output has room for them.
 */
export function blendBF16(count: i32, pointers: usize, weights: usize, out: usize, elements: i32, records: usize, squares: usize, measuresInputs: bool): void {
  const end = <usize>elements << 1, first = measuresInputs ? 0 : count;
  for (let offset: usize = 0; offset < end; offset += <usize>blockElements << 1) {
    const blockEnd = min(end, offset + (<usize>blockElements << 1));
    if (measuresInputs) blendBlock<bool>(count, pointers, weights, out, offset, blockEnd, squares);
    else blendBlock<void>(count, pointers, weights, out, offset, blockEnd, squares);
    for (let j = first; j <= count; j++) {
      const from: usize = j < count ? <usize>load<u32>(pointers + (<usize>j << 2)) : out;
      addBlock(from + offset, from + blockEnd, v128.load(squares + (<usize>j << 4)), records + (<usize>j << 4));
    }
  }
}

/** Adds `elements` bf16 to a record; zero up to a whole 64 bytes. */
export function measureBF16(from: usize, elements: i32, record: usize): void {
  const end = from + (<usize>elements << 1);
  for (let block = from; block < end; block += <usize>blockElements << 1) measureBlock(block, min(end, block + (<usize>blockElements << 1)), record);
}

/** bf16 to float32, exactly. */
export function decodeBF16(from: usize, to: usize, elements: i32): void {
  const zero = i32x4.splat(0);
  for (let i: usize = 0; i < <usize>elements; i += 8) {
    const x = v128.load(from + (i << 1));
    v128.store(to + (i << 2), i16x8.shuffle(zero, x, 0, 8, 1, 9, 2, 10, 3, 11));
    v128.store(to + (i << 2), i16x8.shuffle(zero, x, 4, 12, 5, 13, 6, 14, 7, 15), 16);
  }
}

/** The upper half that rounding leaves; NaN, whose payload may carry into the exponent, becomes the canonical one first. */
@inline
function roundedOrNaN(x: v128, half: v128, one: v128): v128 {
  return v128.bitselect(rounded(x, half, one), i32x4.splat(0x7fc00000), f32x4.eq(x, x));
}

/** float32 to bf16, to nearest, ties to even. */
export function encodeBF16(from: usize, to: usize, elements: i32): void {
  const half = halfPlace(), one = ones();
  for (let i: usize = 0; i < <usize>elements; i += 8) {
    const a = roundedOrNaN(v128.load(from + (i << 2)), half, one), b = roundedOrNaN(v128.load(from + (i << 2), 16), half, one);
    v128.store(to + (i << 1), i16x8.shuffle(a, b, 1, 3, 5, 7, 9, 11, 13, 15));
  }
}
