// AssemblyScript (not TypeScript): sums of squares and counts of what is not finite.
//
// A record of statistics is 16 bytes: the sum of squares (f64), the number of NaN (u32), the number of infinities (u32).
// Squares are summed in float32 within a block, 128 quadruples a lane, and in float64 over blocks: the error stays under 1e-6.
// Where that float32 sum is not finite or may have lost what it summed, the block is done again element by element.

/** Elements of a block: small enough to stay in the first-level cache with its siblings. */
export const blockElements: i32 = 2048;
/** A sum of squares below this may have lost underflowing terms. */
const leastTrusted: f32 = 1e-30;

@inline
export function isTrusted(sum: v128): bool {
  const total = f32x4.extract_lane(sum, 0) + f32x4.extract_lane(sum, 1) + f32x4.extract_lane(sum, 2) + f32x4.extract_lane(sum, 3);
  return total > leastTrusted && total < Infinity;
}

/** Adds the lanes of a float32 vector to a record's sum, in float64. */
@inline
export function addSquares(record: usize, sum: v128): void {
  const pairs = f64x2.add(f64x2.promote_low_f32x4(sum), f64x2.promote_low_f32x4(i32x4.shuffle(sum, sum, 2, 3, 2, 3)));
  store<f64>(record, load<f64>(record) + f64x2.extract_lane(pairs, 0) + f64x2.extract_lane(pairs, 1));
}

/** Counts one value that needs a look of its own. */
@inline
export function addValue(record: usize, value: f32): void {
  if (value - value == 0) store<f64>(record, load<f64>(record) + <f64>value * <f64>value);
  else if (value != value) store<u32>(record, load<u32>(record, 8) + 1, 8);
  else store<u32>(record, load<u32>(record, 12) + 1, 12);
}

/** Whether every bit is zero; reads whole vectors. */
export function isZero(from: usize, end: usize): bool {
  let bits = i32x4.splat(0);
  for (let at = from; at < end; at += 16) bits = v128.or(bits, v128.load(at));
  return !v128.any_true(bits);
}

@inline
export function sumOfSquares(a: v128, b: v128, c: v128, d: v128): v128 {
  return f32x4.add(f32x4.add(f32x4.mul(a, a), f32x4.mul(b, b)), f32x4.add(f32x4.mul(c, c), f32x4.mul(d, d)));
}

/** Adds one block of float32 to a record by its sums of squares, or element by element where they cannot be trusted. */
@inline
export function addF32(from: usize, end: usize, sum: v128, record: usize): void {
  if (isTrusted(sum)) addSquares(record, sum);
  else if (!isZero(from, end)) for (let at = from; at < end; at += 4) addValue(record, load<f32>(at));
}

/** Adds `elements` float32 to a record; whole blocks of 64 bytes are read, so what lies behind has to be zero. */
export function measureF32(from: usize, elements: i32, record: usize): void {
  const end = from + (<usize>elements << 2);
  for (let block = from; block < end; block += <usize>blockElements << 2) {
    const blockEnd = min(end, block + (<usize>blockElements << 2));
    let sum = f32x4.splat(0);
    for (let at = block; at < blockEnd; at += 64) sum = f32x4.add(sum, sumOfSquares(v128.load(at), v128.load(at, 16), v128.load(at, 32), v128.load(at, 48)));
    addF32(block, blockEnd, sum, record);
  }
}
