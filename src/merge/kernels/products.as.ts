// AssemblyScript (not TypeScript): dot products of tensors as they are stored.
//
// Blocks are decoded into the first-level cache. Four products are summed in float32 and such sums in float64: the error
// stays under 1e-7 of the norms, and over many elements far under it. Blocks whose squares leave the range in which
// float32 can be trusted are done in float64, and so are small tensors, where nothing averages out.
import { decodeBF16, encodeBF16 } from './bf16.as';
import { decodeF16, encodeF16 } from './f16.as';
import { subtract } from './f32.as';
import { blockElements, isZero } from './measure.as';

const blockBytes: usize = <usize>blockElements << 2;
/** Codes of the types in `dtypes`. */
const bf16: u32 = 0, f16: u32 = 1;
/** Squares below this may have lost underflowing terms, sums above it may have overflown on the way. */
const leastTrusted: f64 = 1e-30, mostTrusted: f64 = 1e37;

const fewElements: i32 = 16384;

/** `elements`, a multiple of 16, from element `start` of a tensor on, in float32. */
function decodeBlock(dtype: u32, tensor: usize, start: usize, to: usize, elements: i32): void {
  if (dtype == bf16) decodeBF16(tensor + (start << 1), to, elements);
  else if (dtype == f16) decodeF16(tensor + (start << 1), to, elements);
  else memory.copy(to, tensor + (start << 2), <usize>elements << 2);
}

@inline
function widened(x: v128): v128 {
  return f64x2.add(f64x2.promote_low_f32x4(x), f64x2.promote_low_f32x4(i64x2.shuffle(x, x, 1, 1)));
}

@inline
function total(lanes: v128): f64 {
  return f64x2.extract_lane(lanes, 0) + f64x2.extract_lane(lanes, 1);
}

@inline
function fourProducts(x: usize, y: usize): v128 {
  const a = f32x4.add(f32x4.mul(v128.load(x), v128.load(y)), f32x4.mul(v128.load(x, 16), v128.load(y, 16)));
  const b = f32x4.add(f32x4.mul(v128.load(x, 32), v128.load(y, 32)), f32x4.mul(v128.load(x, 48), v128.load(y, 48)));
  return f32x4.add(a, b);
}

function product(x: usize, y: usize, end: usize): f64 {
  let sum = f64x2.splat(0);
  for (let i: usize = 0; i < end; i += 64) sum = f64x2.add(sum, widened(fourProducts(x + i, y + i)));
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

/** Products of the rows of one block, into `out`. Returns whether the squares are in the trusted range. */
function blockProducts(count: i32, origin: i32, end: usize, rows: usize, out: usize, inDouble: bool): bool {
  let areTrusted = true;
  for (let i = 0; i < count; i++) {
    const x = rows + blockBytes * i;
    for (let j = i; j < count; j++) {
      const y = rows + blockBytes * j;
      let sum: f64 = 0;
      if (i != origin && j != origin) sum = inDouble ? productInDouble(x, y, end) : product(x, y, end);
      store<f64>(out, sum);
      out += 8;
      if (i == j) areTrusted = areTrusted && ((sum > leastTrusted && sum < mostTrusted) || (sum == 0 && isZero(x, x + end)) || i == origin);
    }
  }
  return areTrusted;
}

/**
 * Adds the dot products of `count` tensors, less the one at `origin` where that is not negative, to `sums`: f64, the
 * products of i with i, i + 1, … behind those of i − 1, with room for as many again. `pointers` and `dtypes` are u32. Tensors are zero up to a whole
 * 64 bytes; `scratch` has room for a block of float32 for each.
 */
export function addProducts(count: i32, pointers: usize, dtypes: usize, origin: i32, elements: i32, scratch: usize, sums: usize): void {
  for (let start = 0; start < elements; start += blockElements) {
    const length = (min(elements - start, blockElements) + 15) & ~15;
    const end = <usize>length << 2;
    for (let j = 0; j < count; j++) decodeBlock(load<u32>(dtypes + (<usize>j << 2)), load<u32>(pointers + (<usize>j << 2)), start, scratch + blockBytes * j, length);
    if (origin >= 0) for (let j = 0; j < count; j++) if (j != origin) subtract(scratch + blockBytes * j, scratch + blockBytes * origin, length);
    const fresh = sums + (<usize>(count * (count + 1)) << 2);
    if (elements < fewElements || !blockProducts(count, origin, end, scratch, fresh, false)) blockProducts(count, origin, end, scratch, fresh, true);
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
    for (let j = 0; j < count; j++) decodeBlock(load<u32>(dtypes + (<usize>j << 2)), load<u32>(pointers + (<usize>j << 2)), start, scratch + blockBytes * j, length);
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
