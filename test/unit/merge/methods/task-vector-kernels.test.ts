import fc from 'fast-check';
import { toFloat32 } from '../../../../src/checkpoint/float-formats';
import { plainKernel } from '../../../../src/merge/kernels/plain';
import { compileKernels, SimdKernel } from '../../../../src/merge/kernels/simd';
import { divergence } from '../../../../src/merge/methods/arcee_fusion';
import { f32, mergeInMemory, type MemoryMerge } from './in-memory';

const simd = new SimdKernel(compileKernels());

/** The SIMD path against the plain loops: the same bits, but where a norm's last digit enters. */
function expectSame(merge: MemoryMerge, tolerance: number): void {
  const [actual, expected] = [mergeInMemory(merge), mergeInMemory({ ...merge, kernel: plainKernel })].map((bytes) => toFloat32(bytes, 'F32'));
  const scale = expected.reduce((most, x) => (Number.isFinite(x) ? Math.max(most, Math.abs(x)) : most), 0);
  const different = expected.findIndex((value, k) => !Object.is(actual[k], value) && !(Math.abs(actual[k] - value) <= tolerance * scale));
  if (different >= 0) throw new Error(`element ${different} is ${actual[different]}, expected ${expected[different]}`);
}

// few distinct values: many magnitudes are equal
const value = fc.oneof(fc.integer({ min: -4, max: 4 }).map((x) => x / 8), fc.float({ min: -10, max: 10, noNaN: true }), fc.constantFrom(NaN, Infinity, -0));
const cases = fc.integer({ min: 1, max: 60 }).chain((elements) => fc.record({
  method: fc.constantFrom('ties', 'dare_ties', 'dare_linear', 'task_arithmetic', 'breadcrumbs', 'breadcrumbs_ties', 'della', 'della_linear'),
  values: fc.array(fc.array(value, { minLength: elements, maxLength: elements }), { minLength: 2, maxLength: 6 }),
  weight: fc.constantFrom(0.5, 1, -0.7, 0),
  density: fc.constantFrom(0.2, 0.5, 0.83, 1),
  settings: fc.record({ normalize: fc.boolean(), lambda: fc.constantFrom(1, 0.7) }),
  rescale: fc.boolean(),
}));

test('every method of task vectors', () => {
  fc.assert(fc.property(cases, ({ method, values, weight, density, settings, rescale }) => {
    const own = method === 'task_arithmetic' ? {} : { density };
    // the rank of a NaN says nothing: it is refused before it could count
    const finite = (x: number) => (method.startsWith('della') && !Number.isFinite(x) ? 7 : x);
    const inputs = values.map((row, i) => f32(i === 0 ? 'base' : `expert-${i}`, Float32Array.from(row, finite), { weight: i % 2 ? weight : 0.4, ...own }));
    expectSame({ method, inputs, base: 'base', shape: [values[0].length], parameters: { ...settings, rescale }, seed: 5 }, rescale ? 2 ** -22 : 0);
  }), { numRuns: 400 });
});

test.each(['nuslerp', 'multislerp', 'warp', 'sce'])('%s around a base', (method) => {
  const finite = fc.float({ min: -10, max: 10, noNaN: true });
  const three = fc.integer({ min: 1, max: 60 }).chain((elements) => fc.array(fc.array(finite, { minLength: elements, maxLength: elements }), { minLength: 3, maxLength: 3 }));
  fc.assert(fc.property(three, fc.constantFrom(0.2, 0.5, 1), (values, weight) => {
    const inputs = values.map((row, i) => f32(i === 0 ? 'base' : `expert-${i}`, Float32Array.from(row), method === 'sce' ? {} : { weight }));
    expectSame({ method, inputs, base: 'base', shape: [values[0].length], parameters: method === 'sce' ? { select_topk: 0.5 } : {} }, 2 ** -22);
  }));
});

const few = fc.integer({ min: 1, max: 60 }).chain((elements) => fc.array(fc.array(value, { minLength: elements, maxLength: elements }), { minLength: 2, maxLength: 6 }));
const rows = (values: readonly (readonly number[])[]) => values.map((row, i) => f32(i === 0 ? 'base' : `expert-${i}`, Float32Array.from(row)));

test.each(['ram', 'ramplus_tl'])('%s', (method) => {
  fc.assert(fc.property(few, fc.constantFrom(0, 1e-5, 0.125, 3), (values, epsilon) => expectSame({ method, inputs: rows(values), base: 'base', shape: [values[0].length], parameters: { epsilon } }, 0)));
});

test('nearswap', () => {
  fc.assert(fc.property(few, fc.constantFrom(0, 1e-7, 0.125, 3), (values, t) => expectSame({ method: 'nearswap', inputs: rows(values.slice(0, 2)), base: 'base', shape: [values[0].length], parameters: { t } }, 0)));
});

test.each(['sce', 'ramplus_tl'])('%s over several chunks', (method) => {
  const inputs = [1, 2, 3].map((seed) => f32(seed === 1 ? 'base' : `expert-${seed}`, Float32Array.from({ length: 300_011 }, (_, k) => Math.round(64 * Math.sin(seed * k + seed)) / 64)));
  expectSame({ method, inputs, base: 'base', shape: [300_011], parameters: method === 'sce' ? { select_topk: 0.3 } : {} }, 2 ** -22);
});

test('della by rows', () => {
  fc.assert(fc.property(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 40 }), fc.integer({ min: 0, max: 5 }), (height, width, coarse) => {
    const row = (seed: number) => Array.from({ length: height * width }, (_, k) => Math.round(2 ** coarse * Math.sin(seed * (k + 1))) / 2 ** coarse);
    const inputs = [1, 2, 3].map((seed) => f32(seed === 1 ? 'base' : `expert-${seed}`, Float32Array.from(row(seed)), { weight: 0.5, density: 0.4 }));
    expectSame({ method: 'della', inputs, base: 'base', shape: [height, width], parameters: { rescale: false }, seed: 9 }, 0);
  }));
});

test.each(['ties', 'dare_ties', 'breadcrumbs', 'della'])('%s over several chunks', (method) => {
  const elements = 600_011;
  const row = (seed: number) => Float32Array.from({ length: elements }, (_, k) => Math.round(64 * Math.sin(seed * k + seed)) / 64);
  const inputs = [1, 2, 3].map((seed) => f32(seed === 1 ? 'base' : `expert-${seed}`, row(seed), { weight: 0.5, density: 0.37 }));
  expectSame({ method, inputs, base: 'base', shape: [elements], parameters: { rescale: false } }, 0);
});

describe('arcee_fusion', () => {
  const { vectors } = simd;
  const [p, q] = simd.allocate([4 * 5001, 4 * 5001]).map(({ buffer, byteOffset }) => new Float32Array(buffer, byteOffset, 5001));

  test.each([1, 2, 3, 4, 7, 1024, 5001])('divergences of rows of %i against a sum in float64', (length) => {
    const random = (scale: number, seed: number) => Float32Array.from({ length }, (_, k) => scale * Math.sin(seed * (k + 1) ** 2));
    for (const [own, other] of [[random(1, 1), random(1, 2)], [random(0.02, 1), random(0.02, 3)], [random(30, 1), random(300, 2)], [random(2000, 5), random(1, 2)]]) {
      p.set(own);
      q.set(other);
      const expected = divergence(own, other);
      expect(Math.abs(vectors.divergence(p.subarray(0, length), q.subarray(0, length)) - expected)).toBeLessThanOrEqual(1e-12 * expected + 1e-14);
    }
    q.set([NaN], length - 1);
    expect(vectors.divergence(p.subarray(0, length), q.subarray(0, length))).toBeNaN();
  });

  test('takes the same values, over several chunks', () => {
    const shape = [401, 1501];
    const inputs = [1, 2].map((seed) => f32(seed === 1 ? 'base' : 'expert', Float32Array.from({ length: shape[0] * shape[1] }, (_, k) => 0.02 * Math.sin(k) + (seed === 1 ? 0 : 0.002 * Math.sin(seed * k * k)))));
    expectSame({ method: 'arcee_fusion', inputs, base: 'base', shape }, 0);
  });
});
