// AssemblyScript (not TypeScript): float32 sums.
import { addF32, blockElements, sumOfSquares } from './measure.as';

/** Σ wᵢxᵢ, bytes `offset` to `end` of every pointer, in steps of 64, with sums of squares as in bf16. */
function blendBlock<Measures>(count: i32, pointers: usize, weights: usize, out: usize, offset: usize, end: usize, squares: usize): void {
  const zero = f32x4.splat(0);
  let outSquares = zero;
  for (let j = 0; j < count; j++) v128.store(squares + (<usize>j << 4), zero);
  for (let i = offset; i < end; i += 64) {
    // the sum starts at +0: −0 alone becomes +0
    let a = zero, b = zero, c = zero, d = zero;
    for (let j: usize = 0; j < <usize>count; j++) {
      const at: usize = <usize>load<u32>(pointers + (j << 2)) + i, w = v128.load32_splat(weights + (j << 2)), own = squares + (j << 4);
      const x0 = v128.load(at), x1 = v128.load(at, 16), x2 = v128.load(at, 32), x3 = v128.load(at, 48);
      if (isBoolean<Measures>()) v128.store(own, f32x4.add(v128.load(own), sumOfSquares(x0, x1, x2, x3)));
      a = f32x4.add(a, f32x4.mul(x0, w));
      b = f32x4.add(b, f32x4.mul(x1, w));
      c = f32x4.add(c, f32x4.mul(x2, w));
      d = f32x4.add(d, f32x4.mul(x3, w));
    }
    v128.store(out + i, a);
    v128.store(out + i, b, 16);
    v128.store(out + i, c, 32);
    v128.store(out + i, d, 48);
    outSquares = f32x4.add(outSquares, sumOfSquares(a, b, c, d));
  }
  v128.store(squares + (<usize>count << 4), outSquares);
}

/**
 * out = Σ wᵢ xᵢ over `elements` float32, with the statistics of every input, unless they are not wanted, and, last, of the
 * output added to `records`. `squares` has room for a vector for each. Inputs are zero up to a whole 64 bytes; the output
 * has room for them.
 */
export function blendF32(count: i32, pointers: usize, weights: usize, out: usize, elements: i32, records: usize, squares: usize, measuresInputs: bool): void {
  const end = <usize>elements << 2, first = measuresInputs ? 0 : count;
  for (let offset: usize = 0; offset < end; offset += <usize>blockElements << 2) {
    const blockEnd = min(end, offset + (<usize>blockElements << 2));
    if (measuresInputs) blendBlock<bool>(count, pointers, weights, out, offset, blockEnd, squares);
    else blendBlock<void>(count, pointers, weights, out, offset, blockEnd, squares);
    for (let j = first; j <= count; j++) {
      const from: usize = j < count ? <usize>load<u32>(pointers + (<usize>j << 2)) : out;
      addF32(from + offset, from + blockEnd, v128.load(squares + (<usize>j << 4)), records + (<usize>j << 4));
    }
  }
}

/** a ← a − b, `elements` float32; whole vectors. */
export function subtract(a: usize, b: usize, elements: i32): void {
  const end = <usize>elements << 2;
  for (let i: usize = 0; i < end; i += 16) v128.store(a + i, f32x4.sub(v128.load(a + i), v128.load(b + i)));
}
