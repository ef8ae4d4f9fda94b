import fc from 'fast-check';
import { LowRankRows, type FactorRange, type LowRankUpdate } from '../../../src/checkpoint/low-rank';
import { plainKernel } from '../../../src/merge/kernels/plain';
import { compileKernels, SimdKernel } from '../../../src/merge/kernels/simd';

const simd = new SimdKernel(compileKernels());

interface Case { readonly rows: number; readonly columns: number; readonly rank: number; readonly isTransposed: boolean; readonly windowRows: number; readonly start: number; readonly seed: number }
const cases = fc.record({ rows: fc.integer({ min: 1, max: 40 }), columns: fc.integer({ min: 1, max: 37 }), rank: fc.integer({ min: 1, max: 9 }), isTransposed: fc.boolean(), windowRows: fc.integer({ min: 1, max: 40 }), start: fc.nat(), seed: fc.nat() });

function values(length: number, seed: number): Float32Array {
  return new Float32Array(length).map((_, k) => Math.sin(1 + seed + 7.13 * k) * 2 ** (((k * 2654435761) % 20) - 10));
}

/** An update by two terms of A and one of B, and the elements of its tensor from `start` on, by definition. */
function setUp({ rows, columns, rank, isTransposed, start, seed }: Case) {
  const [inputs, outputs] = isTransposed ? [rows, columns] : [columns, rows];
  const files = [values(rank * inputs, seed), values(rank * inputs, seed + 1), values(outputs * rank, seed + 2)];
  const weighted = (file: number, weight: number, shape: number[]) => ({ tensor: { dtype: 'F32' as const, shape, file: String(file), position: 0 }, weight });
  const update: LowRankUpdate = { a: [weighted(0, 0.3, [rank, inputs]), weighted(1, 0.7, [rank, inputs])], b: [weighted(2, 1, [outputs, rank])], rank, scale: 1.5, isTransposed, columns };
  const read = (ranges: readonly FactorRange[]) => ranges.map(({ tensor, byteOffset, byteLength }) => new Uint8Array(files[Number(tensor.file)].buffer, byteOffset, byteLength));
  const from = start % (rows * columns);
  const own = values(rows * columns - from, seed + 3);
  const expected = own.map((value, k) => {
    const [row, column] = [Math.floor((from + k) / columns), (from + k) % columns];
    const [input, output] = isTransposed ? [row, column] : [column, row];
    let sum = 0;
    for (let r = 0; r < rank; r++) {
      const [a, b] = [0.3 * files[0][r * inputs + input] + 0.7 * files[1][r * inputs + input], files[2][output * rank + r]];
      // the scale is in the left factor
      sum += isTransposed ? a * 1.5 * b : b * 1.5 * a;
    }
    return value + sum;
  });
  return { update, read, from, own, expected };
}

test.each([simd, plainKernel])('an update is added as it is defined, bit for bit, in pieces and windows: $name', (kernel) => {
  fc.assert(fc.property(cases, (one) => {
    const { update, read, from, own, expected } = setUp(one);
    const sizes = LowRankRows.sizes(update, one.windowRows);
    const [bytes, ...factors] = kernel.allocate([own.byteLength], sizes.map((size) => 8 * size));
    new Uint8Array(factors[0].buffer).fill(0xff, bytes.byteOffset);
    const [right, left] = factors.map(({ buffer, byteOffset, byteLength }) => new Float64Array(buffer, byteOffset, byteLength / 8));
    const got = new Float32Array(bytes.buffer, bytes.byteOffset, own.length);
    got.set(own);
    const added = new LowRankRows(update, [right, left]);
    added.setRight(read(added.rightRanges()));
    added.addInWindows(got, from, read, kernel.addLowRank);
    const different = expected.findIndex((value, k) => !Object.is(got[k], value));
    if (different >= 0) throw new Error(`element ${different} is ${got[different]}, expected ${expected[different]}`);
  }), { numRuns: 500 });
});
