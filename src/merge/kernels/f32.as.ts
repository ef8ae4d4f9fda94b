// AssemblyScript (not TypeScript): float32 sums and dot products.
import { blockElements, measureF32 } from './measure.as';

/** Σ wᵢxᵢ, bytes `offset` to `end` of every pointer, in steps of 64. */
function blendBlock(count: i32, pointers: usize, weights: usize, out: usize, offset: usize, end: usize): void {
  const zero = f32x4.splat(0);
  const tableEnd = <usize>count << 2;
  for (let i = offset; i < end; i += 64) {
    const first: usize = <usize>load<u32>(pointers) + i;
    let w = v128.load32_splat(weights);
    let a = f32x4.mul(v128.load(first), w), b = f32x4.mul(v128.load(first, 16), w), c = f32x4.mul(v128.load(first, 32), w), d = f32x4.mul(v128.load(first, 48), w);
    for (let j: usize = 4; j < tableEnd; j += 4) {
      const next: usize = <usize>load<u32>(pointers + j) + i;
      w = v128.load32_splat(weights + j);
      a = f32x4.add(a, f32x4.mul(v128.load(next), w));
      b = f32x4.add(b, f32x4.mul(v128.load(next, 16), w));
      c = f32x4.add(c, f32x4.mul(v128.load(next, 32), w));
      d = f32x4.add(d, f32x4.mul(v128.load(next, 48), w));
    }
    v128.store(out + i, f32x4.add(a, zero));
    v128.store(out + i, f32x4.add(b, zero), 16);
    v128.store(out + i, f32x4.add(c, zero), 32);
    v128.store(out + i, f32x4.add(d, zero), 48);
  }
}

/**
 * out = Σ wᵢ xᵢ over `elements` float32, with the statistics of every input and, last, of the output added to
 * `records`. Inputs are zero up to a whole 64 bytes; the output has room for them.
 */
export function blendF32(count: i32, pointers: usize, weights: usize, out: usize, elements: i32, records: usize): void {
  const end = <usize>elements << 2;
  for (let offset: usize = 0; offset < end; offset += <usize>blockElements << 2) {
    const blockEnd = min(end, offset + (<usize>blockElements << 2));
    const length = <i32>((blockEnd - offset) >> 2);
    blendBlock(count, pointers, weights, out, offset, blockEnd);
    for (let j = 0; j < count; j++) measureF32(<usize>load<u32>(pointers + (<usize>j << 2)) + offset, length, records + (<usize>j << 4));
    measureF32(out + offset, length, records + (<usize>count << 4));
  }
}

/** a ← a − b, `elements` float32; whole vectors. */
export function subtract(a: usize, b: usize, elements: i32): void {
  const end = <usize>elements << 2;
  for (let i: usize = 0; i < end; i += 16) v128.store(a + i, f32x4.sub(v128.load(a + i), v128.load(b + i)));
}

/** Adds Σ xx, Σ xy and Σ yy, three f64, to `sums`. Products of float32 are exact in float64. Zero up to a whole vector. */
export function addPairProducts(x: usize, y: usize, elements: i32, sums: usize): void {
  let xx0 = f64x2.splat(0), xx1 = xx0, xy0 = xx0, xy1 = xx0, yy0 = xx0, yy1 = xx0;
  const end = <usize>elements << 2;
  for (let i: usize = 0; i < end; i += 16) {
    const a = v128.load(x + i), b = v128.load(y + i);
    const a0 = f64x2.promote_low_f32x4(a), a1 = f64x2.promote_low_f32x4(i64x2.shuffle(a, a, 1, 1));
    const b0 = f64x2.promote_low_f32x4(b), b1 = f64x2.promote_low_f32x4(i64x2.shuffle(b, b, 1, 1));
    xx0 = f64x2.add(xx0, f64x2.mul(a0, a0)); xx1 = f64x2.add(xx1, f64x2.mul(a1, a1));
    xy0 = f64x2.add(xy0, f64x2.mul(a0, b0)); xy1 = f64x2.add(xy1, f64x2.mul(a1, b1));
    yy0 = f64x2.add(yy0, f64x2.mul(b0, b0)); yy1 = f64x2.add(yy1, f64x2.mul(b1, b1));
  }
  addLanes(sums, f64x2.add(xx0, xx1));
  addLanes(sums + 8, f64x2.add(xy0, xy1));
  addLanes(sums + 16, f64x2.add(yy0, yy1));
}

/** Adds Σ xy to the f64 `sum`. Zero up to a whole vector. */
export function addProduct(x: usize, y: usize, elements: i32, sum: usize): void {
  let low = f64x2.splat(0), high = low;
  const end = <usize>elements << 2;
  for (let i: usize = 0; i < end; i += 16) {
    const a = v128.load(x + i), b = v128.load(y + i);
    low = f64x2.add(low, f64x2.mul(f64x2.promote_low_f32x4(a), f64x2.promote_low_f32x4(b)));
    high = f64x2.add(high, f64x2.mul(f64x2.promote_low_f32x4(i64x2.shuffle(a, a, 1, 1)), f64x2.promote_low_f32x4(i64x2.shuffle(b, b, 1, 1))));
  }
  addLanes(sum, f64x2.add(low, high));
}

@inline
function addLanes(sum: usize, lanes: v128): void {
  store<f64>(sum, load<f64>(sum) + f64x2.extract_lane(lanes, 0) + f64x2.extract_lane(lanes, 1));
}
