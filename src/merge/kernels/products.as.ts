// AssemblyScript (not TypeScript): dot products of tensors as they are stored.
//
// bf16 and float32 are multiplied where they lie, other types after a block was decoded into the first-level cache. 64
// products are summed in the four lanes of a float32 vector and such sums in float64: the error stays under 1e-6 of the
// norms, and over many elements far under it. Blocks whose squares leave the range in which float32 can be trusted are
// done in float64, and so are small tensors, where nothing averages out.
import { decodeBF16, encodeBF16, evenBF16, oddBF16 } from './bf16.as';
import { highHalf } from './constants.as';
import { decodeF16, encodeF16 } from './f16.as';
import { subtract } from './f32.as';
import { blockElements, isZero } from './measure.as';

const blockBytes: usize = <usize>blockElements << 2;
/** Codes of the types in `dtypes`. */
const bf16: u32 = 0, f16: u32 = 1;
/** Squares below this may have lost underflowing terms, sums above it may have overflown on the way. */
const leastTrusted: f64 = 1e-30, mostTrusted: f64 = 1e37;

const fewElements: i32 = 16384;
/** Elements whose products are summed in float32. */
const runElements: usize = 64;

@inline
function addressAt(table: usize, index: i32): usize {
  return <usize>load<u32>(table + (<usize>index << 2));
}

/** `elements`, a multiple of 16, from element `start` of a tensor on, in float32. */
function decodeBlock(dtype: u32, tensor: usize, start: usize, to: usize, elements: i32): void {
  if (dtype == bf16) decodeBF16(tensor + (start << 1), to, elements);
  else if (dtype == f16) decodeF16(tensor + (start << 1), to, elements);
  else memory.copy(to, tensor + (start << 2), <usize>elements << 2);
}

/** The same of every tensor, into blocks of `scratch`. */
function decodeAll(count: i32, pointers: usize, dtypes: usize, start: usize, scratch: usize, elements: i32): void {
  for (let j = 0; j < count; j++) decodeBlock(load<u32>(dtypes + (<usize>j << 2)), addressAt(pointers, j), start, scratch + blockBytes * j, elements);
}

@inline
function widened(x: v128): v128 {
  return f64x2.add(f64x2.promote_low_f32x4(x), f64x2.promote_low_f32x4(i64x2.shuffle(x, x, 1, 1)));
}

@inline
function total(lanes: v128): f64 {
  return f64x2.extract_lane(lanes, 0) + f64x2.extract_lane(lanes, 1);
}

/** Four of the eight elements from `at` on, which x begins; the order is one that all vectors of a type have. */
@inline
function firstHalf<T>(x: v128): v128 {
  return sizeof<T>() == 2 ? evenBF16(x) : x;
}

@inline
function secondHalf<T>(x: v128, at: usize, high: v128): v128 {
  return sizeof<T>() == 2 ? oddBF16(x, high) : v128.load(at, 16);
}

/** ⟨x, x⟩, ⟨x, y⟩ and ⟨y, y⟩, less `origin` where there is one, of T = u16 for bf16 or f32. */
function pairProducts<T>(x: usize, y: usize, origin: usize, elements: i32, xx: usize, xy: usize, yy: usize): void {
  const high = highHalf(), end = <usize>elements * sizeof<T>();
  let sumXX = f64x2.splat(0), sumXY = sumXX, sumYY = sumXX;
  for (let run: usize = 0; run < end; run += runElements * sizeof<T>()) {
    const runEnd = min(end, run + runElements * sizeof<T>());
    let a = f32x4.splat(0), b = a, c = a;
    for (let i = run; i < runEnd; i += 8 * sizeof<T>()) {
      const x8 = v128.load(x + i), y8 = v128.load(y + i);
      let x0 = firstHalf<T>(x8), x1 = secondHalf<T>(x8, x + i, high), y0 = firstHalf<T>(y8), y1 = secondHalf<T>(y8, y + i, high);
      if (origin) {
        const o8 = v128.load(origin + i), o0 = firstHalf<T>(o8), o1 = secondHalf<T>(o8, origin + i, high);
        x0 = f32x4.sub(x0, o0);
        x1 = f32x4.sub(x1, o1);
        y0 = f32x4.sub(y0, o0);
        y1 = f32x4.sub(y1, o1);
      }
      a = f32x4.add(a, f32x4.add(f32x4.mul(x0, x0), f32x4.mul(x1, x1)));
      b = f32x4.add(b, f32x4.add(f32x4.mul(x0, y0), f32x4.mul(x1, y1)));
      c = f32x4.add(c, f32x4.add(f32x4.mul(y0, y0), f32x4.mul(y1, y1)));
    }
    sumXX = f64x2.add(sumXX, widened(a));
    sumXY = f64x2.add(sumXY, widened(b));
    sumYY = f64x2.add(sumYY, widened(c));
  }
  store<f64>(xx, total(sumXX));
  store<f64>(xy, total(sumXY));
  store<f64>(yy, total(sumYY));
}

/** ⟨x, y⟩ */
function product<T>(x: usize, y: usize, origin: usize, elements: i32): f64 {
  const high = highHalf(), end = <usize>elements * sizeof<T>();
  let sum = f64x2.splat(0);
  for (let run: usize = 0; run < end; run += runElements * sizeof<T>()) {
    const runEnd = min(end, run + runElements * sizeof<T>());
    let a = f32x4.splat(0);
    for (let i = run; i < runEnd; i += 8 * sizeof<T>()) {
      const x8 = v128.load(x + i), y8 = v128.load(y + i);
      let x0 = firstHalf<T>(x8), x1 = secondHalf<T>(x8, x + i, high), y0 = firstHalf<T>(y8), y1 = secondHalf<T>(y8, y + i, high);
      if (origin) {
        const o8 = v128.load(origin + i), o0 = firstHalf<T>(o8), o1 = secondHalf<T>(o8, origin + i, high);
        x0 = f32x4.sub(x0, o0);
        x1 = f32x4.sub(x1, o1);
        y0 = f32x4.sub(y0, o0);
        y1 = f32x4.sub(y1, o1);
      }
      a = f32x4.add(a, f32x4.add(f32x4.mul(x0, y0), f32x4.mul(x1, y1)));
    }
    sum = f64x2.add(sum, widened(a));
  }
  return total(sum);
}

/** Products of float32 are exact in float64. */
function productInDouble(x: usize, y: usize, end: usize): f64 {
  let sum = f64x2.splat(0);
  for (let i: usize = 0; i < end; i += 16) {
    const a = v128.load(x + i), b = v128.load(y + i);
    sum = f64x2.add(sum, f64x2.mul(f64x2.promote_low_f32x4(a), f64x2.promote_low_f32x4(b)));
    sum = f64x2.add(sum, f64x2.mul(f64x2.promote_low_f32x4(i64x2.shuffle(a, a, 1, 1)), f64x2.promote_low_f32x4(i64x2.shuffle(b, b, 1, 1))));
  }
  return total(sum);
}

/** Where the product of i and j, i ≤ j, stands among those of `count` tensors. */
@inline
function placeOf(i: i32, j: i32, count: i32): usize {
  return <usize>(i * count - ((i * (i - 1)) >> 1) + j - i) << 3;
}

/** The index after i, leaving out the origin. */
@inline
function after(i: i32, origin: i32): i32 {
  return i + 1 == origin ? i + 2 : i + 1;
}

/** Products of `count` vectors of T, whose addresses are in `rows`, into `out`. */
function blockProducts<T>(count: i32, origin: i32, elements: i32, rows: usize, out: usize): void {
  const from: usize = origin < 0 ? 0 : addressAt(rows, origin);
  for (let i = after(-1, origin); i < count; ) {
    const x = addressAt(rows, i), next = after(i, origin);
    if (next >= count) {
      store<f64>(out + placeOf(i, i, count), product<T>(x, x, from, elements));
      break;
    }
    const y = addressAt(rows, next), others = after(next, origin);
    pairProducts<T>(x, y, from, elements, out + placeOf(i, i, count), out + placeOf(i, next, count), out + placeOf(next, next, count));
    for (let j = others; j < count; j = after(j, origin)) {
      const z = addressAt(rows, j);
      store<f64>(out + placeOf(i, j, count), product<T>(x, z, from, elements));
      store<f64>(out + placeOf(next, j, count), product<T>(y, z, from, elements));
    }
    i = others;
  }
}

/** The same in float64, of blocks of float32 in `scratch` from which the origin is gone. */
function blockProductsInDouble(count: i32, origin: i32, elements: i32, scratch: usize, out: usize): void {
  for (let i = after(-1, origin); i < count; i = after(i, origin)) {
    for (let j = i; j < count; j = after(j, origin)) store<f64>(out + placeOf(i, j, count), productInDouble(scratch + blockBytes * i, scratch + blockBytes * j, <usize>elements << 2));
  }
}

/** Whether all squares are in the trusted range, or of a vector that is the origin, or zero, bit for bit. */
function areTrusted(count: i32, origin: i32, bytes: usize, rows: usize, products: usize): bool {
  for (let i = after(-1, origin); i < count; i = after(i, origin)) {
    const square = load<f64>(products + placeOf(i, i, count)), x = addressAt(rows, i);
    if (square > leastTrusted && square < mostTrusted) continue;
    if (square != 0 || !(origin < 0 ? isZero(x, x + bytes) : areSame(x, addressAt(rows, origin), bytes))) return false;
  }
  return true;
}

function areSame(a: usize, b: usize, bytes: usize): bool {
  let bits = i32x4.splat(0);
  for (let i: usize = 0; i < bytes; i += 16) bits = v128.or(bits, v128.xor(v128.load(a + i), v128.load(b + i)));
  return !v128.any_true(bits);
}

/**
 * Adds the dot products of `count` tensors, less the one at `origin` where that is not negative, to `sums`: f64, the
 * products of i with i, i + 1, … behind those of i − 1, with room for as many again. `pointers` and `dtypes` are u32. Tensors are zero up to a whole
 * 64 bytes; `scratch` has room for a block of float32 for each, and one more.
 */
export function addProducts(count: i32, pointers: usize, dtypes: usize, origin: i32, elements: i32, scratch: usize, sums: usize): void {
  const fresh = sums + (<usize>(count * (count + 1)) << 2);
  const rows = scratch + blockBytes * count;
  const type = load<u32>(dtypes);
  let isDecoded = type == f16;
  for (let j = 1; j < count; j++) isDecoded = isDecoded || load<u32>(dtypes + (<usize>j << 2)) != type;
  const size: usize = isDecoded || type != bf16 ? 4 : 2;
  for (let start = 0; start < elements; start += blockElements) {
    const length = (min(elements - start, blockElements) + 15) & ~15;
    if (isDecoded) decodeAll(count, pointers, dtypes, start, scratch, length);
    for (let j = 0; j < count; j++) store<u32>(rows + (<usize>j << 2), <u32>(isDecoded ? scratch + blockBytes * j : addressAt(pointers, j) + <usize>start * size));
    if (size == 2) blockProducts<u16>(count, origin, length, rows, fresh);
    else blockProducts<f32>(count, origin, length, rows, fresh);
    if (elements < fewElements || !areTrusted(count, origin, <usize>length * size, rows, fresh)) {
      if (!isDecoded) decodeAll(count, pointers, dtypes, start, scratch, length);
      if (origin >= 0) for (let j = after(-1, origin); j < count; j = after(j, origin)) subtract(scratch + blockBytes * j, scratch + blockBytes * origin, length);
      blockProductsInDouble(count, origin, length, scratch, fresh);
    }
    for (let at = sums; at < fresh; at += 8) store<f64>(at, load<f64>(at) + load<f64>(at + (fresh - sums)));
  }
}

/**
 * out = θ₀ + Σ wᵢ(θᵢ − θ₀), every difference, product and sum in float32 and one rounding to the type `outDtype`; the
 * first of the `count` tensors is θ₀, and the weights, float32, are those of the others. The rest as in `addProducts`.
 */
export function blendAroundFirst(count: i32, pointers: usize, dtypes: usize, weights: usize, out: usize, outDtype: u32, elements: i32, scratch: usize): void {
  const rowsEnd = blockBytes * count;
  for (let start = 0; start < elements; start += blockElements) {
    const own = min(elements - start, blockElements), length = (own + 15) & ~15;
    const end = <usize>length << 2;
    decodeAll(count, pointers, dtypes, start, scratch, length);
    for (let i: usize = scratch; i < scratch + end; i += 16) {
      const first = v128.load(i);
      let sum = f32x4.splat(0);
      for (let row = blockBytes, at = weights; row < rowsEnd; row += blockBytes, at += 4) sum = f32x4.add(sum, f32x4.mul(f32x4.sub(v128.load(i + row), first), v128.load32_splat(at)));
      v128.store(i, f32x4.add(first, sum));
    }
    if (outDtype == bf16) encodeBF16(scratch, out + (<usize>start << 1), own);
    else if (outDtype == f16) encodeF16(scratch, out + (<usize>start << 1), own);
    else memory.copy(out + (<usize>start << 2), scratch, <usize>own << 2);
  }
}
