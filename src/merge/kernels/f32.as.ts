// AssemblyScript (not TypeScript): float32 sums.
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
