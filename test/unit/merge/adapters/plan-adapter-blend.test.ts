import { readFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { openCheckpoint } from '../../../../src/checkpoint/checkpoint';
import { decodeInto } from '../../../../src/checkpoint/float-formats';
import { dtypeBytes } from '../../../../src/checkpoint/dtype';
import { nameCheckpoints } from '../../../../src/checkpoint/names';
import { elementCount } from '../../../../src/checkpoint/safetensors-header';
import { planAdapterBlend, type AdapterBlendOptions } from '../../../../src/merge/adapters/plan-adapter-blend';
import { thinSvd } from '../../../../src/merge/adapters/svd';
import { differenceAt, productsOf, type Factors } from '../../../../src/merge/adapters/update-algebra';
import type { MergeRequest } from '../../../../src/merge/request';
import { plainKernel } from '../../../../src/merge/kernels/plain';
import { FileCache } from '../../../../src/merge/sources/open-files';
import { openSource } from '../../../../src/merge/sources/registry';

const fixtures = path.join(__dirname, '../../../fixtures/adapters');
interface Case {
  readonly adapters: string[];
  readonly weights: number[];
  readonly modules: Record<string, { exact: number[][]; difference: number | null; errors: number[] }>;
}
const cases = JSON.parse(readFileSync(path.join(fixtures, 'blends.json'), 'utf8')) as Case[];
const inputsOf = async (names: readonly string[]) => nameCheckpoints(await Promise.all(names.map((name) => openCheckpoint(path.join(fixtures, name)))));
const options: Omit<AdapterBlendOptions, 'weights'> = { space: 'delta', rank: null, base: null, mergeIntoBase: false, dtype: null, metadata: {} };

/** Every tensor of a request whose inputs are summed with their weights. */
function valuesOf({ files }: MergeRequest): Map<string, { shape: readonly number[]; values: Float64Array }> {
  const cache = new FileCache();
  const all = new Map<string, { shape: readonly number[]; values: Float64Array }>();
  for (const { name, shape, inputs } of files.flatMap(({ tensors }) => tensors)) {
    const sum = new Float64Array(elementCount(shape));
    for (const { source, parameters } of inputs) {
      const bytes = new Uint8Array(sum.length * dtypeBytes[source.dtype]);
      // in two parts, to begin within a row
      const half = 4 * Math.floor(sum.length / 3);
      const reader = openSource(source, cache, plainKernel);
      reader.scratch?.use(plainKernel.allocate(reader.scratch.sizes(sum.length)));
      reader.bytes(0, bytes.subarray(0, half));
      reader.bytes(half / 4, bytes.subarray(half));
      const values = new Float64Array(sum.length);
      decodeInto(bytes, source.dtype, values);
      for (let k = 0; k < sum.length; k++) sum[k] += Number(parameters.weight) * values[k];
    }
    all.set(name, { shape, values: sum });
  }
  cache.close();
  return all;
}

/** B·A of the module, [out][in], and its rank. */
function productOf(request: MergeRequest, module: string): { product: number[][]; rank: number } {
  const values = valuesOf(request);
  const [a, b] = ['A', 'B'].map((factor) => values.get(`base_model.model.${module}.lora_${factor}.weight`) ?? { shape: [0, 0], values: new Float64Array() });
  const [rank, columns] = a.shape;
  const product = Array.from({ length: b.shape[0] }, (_, i) => Array.from({ length: columns }, (_unused, j) => {
    let sum = 0;
    for (let k = 0; k < rank; k++) sum += b.values[i * rank + k] * a.values[k * columns + j];
    return sum;
  }));
  return { product, rank };
}

function expectClose(got: readonly (readonly number[])[], expected: readonly (readonly number[])[], tolerance = 1e-6): void {
  expect(got.map((row) => row.length)).toEqual(expected.map((row) => row.length));
  for (const [i, row] of expected.entries()) for (const [j, value] of row.entries()) expect(Math.abs(got[i][j] - value)).toBeLessThanOrEqual(tolerance * Math.max(1, Math.abs(value)));
}

describe('against numpy', () => {
  test.each(cases)('$adapters at $weights', async ({ adapters, weights, modules }) => {
    const inputs = await inputsOf(adapters);
    const { request, report, files } = await planAdapterBlend(inputs, { ...options, weights });
    const config = JSON.parse(files.get('adapter_config.json') ?? '') as { r: number; lora_alpha: number; rank_pattern: Record<string, number>; alpha_pattern: Record<string, number> };
    expect(config.lora_alpha).toBe(config.r);
    expect(Object.keys(report.differences).sort()).toEqual(Object.keys(modules).sort());
    for (const [module, { exact, difference, errors }] of Object.entries(modules)) {
      const got = report.differences[module];
      if (difference === null) expect(got).toBeNull();
      else expect(got).toBeCloseTo(difference, 9);
      const { product, rank } = productOf(request as MergeRequest, module);
      expectClose(product, exact);
      expect(config.rank_pattern[module] ?? config.r).toBe(rank);
      expect(config.alpha_pattern[module] ?? config.lora_alpha).toBe(rank);
      for (const cut of [1, 2]) {
        const shorter = await planAdapterBlend(inputs, { ...options, weights, rank: cut });
        expect(shorter.report.truncation?.[module]).toBeCloseTo(errors[cut - 1], 7);
        const { product: approximation } = productOf(shorter.request as MergeRequest, module);
        const [lost, norm] = [(i: number, j: number) => approximation[i][j] - exact[i][j], (i: number, j: number) => exact[i][j]].map((entry) => Math.hypot(...exact.flatMap((row, i) => row.map((_, j) => entry(i, j)))));
        expect(lost / norm).toBeCloseTo(errors[cut - 1], 6);
      }
    }
  });

  test('a rank that is large enough loses nothing', async () => {
    const [{ adapters, weights, modules }] = cases;
    const { request, report } = await planAdapterBlend(await inputsOf(adapters), { ...options, weights, rank: 16 });
    for (const [module, { exact }] of Object.entries(modules)) {
      expect(report.truncation?.[module]).toBeLessThan(1e-12);
      expectClose(productOf(request as MergeRequest, module).product, exact);
    }
  });

  test('merged into the base, in both spaces', async () => {
    const base = await openCheckpoint(path.join(fixtures, 'llama'));
    for (const { adapters, weights, modules } of cases.slice(0, 2)) {
      for (const space of ['delta', 'factor'] as const) {
        const { request } = await planAdapterBlend(await inputsOf(adapters), { ...options, weights, base, mergeIntoBase: true, space });
        const values = valuesOf(request as MergeRequest);
        expect([...values.keys()].sort()).toEqual([...base.tensors.keys()].sort());
        const original = valuesOf({ inputs: [], seed: 0, files: [{ file: '', metadata: {}, tensors: [...base.tensors.values()].map(({ name, shape, dtype, file, position }) => ({ name, shape, dtype, method: 'linear', parameters: {}, base: null, inputs: [{ input: 0, source: { kind: 'stored' as const, dtype, file, position }, parameters: { weight: 1 } }] })) }] });
        for (const [module, { exact, difference }] of Object.entries(modules)) {
          const name = `${module}.weight`;
          const flat = exact.flat();
          const update = [...(values.get(name)?.values ?? [])].map((value, k) => value - (original.get(name)?.values[k] ?? 0));
          const distance = Math.hypot(...flat.map((value, k) => update[k] - value)) / Math.hypot(...flat);
          expect(distance).toBeCloseTo(space === 'delta' ? 0 : (difference ?? NaN), 5);
        }
        expect(values.get('lm_head.weight')?.values).toEqual(original.get('lm_head.weight')?.values);
      }
    }
  });
});

test('whole tensors that one adapter alone replaces: what the other leaves is the base', async () => {
  const base = await openCheckpoint(path.join(fixtures, 'llama'));
  const [everything] = await inputsOf(['everything']);
  const inputs = nameCheckpoints([everything.checkpoint, ...(await inputsOf(['plain'])).map(({ checkpoint }) => checkpoint)]);
  await expect(planAdapterBlend(inputs, { ...options, weights: [0.25, 0.75] })).rejects.toMatchObject({ name: 'AdapterBlendError', message: expect.stringContaining('--merge-into-base') as string });
  const { request } = await planAdapterBlend(inputs, { ...options, weights: [0.25, 0.75], base, mergeIntoBase: true });
  const head = (await openCheckpoint(path.join(fixtures, 'everything.merged.safetensors'))).tensors.get('lm_head.weight');
  const of = (tensor: typeof head) => {
    const { dtype, file, position, shape, name } = tensor as NonNullable<typeof head>;
    return valuesOf({ inputs: [], seed: 0, files: [{ file: '', metadata: {}, tensors: [{ name, shape, dtype, method: 'linear', parameters: {}, base: null, inputs: [{ input: 0, source: { kind: 'stored', dtype, file, position }, parameters: { weight: 1 } }] }] }] }).get(name)?.values ?? new Float64Array();
  };
  const [trained, original] = [of(head), of(base.tensors.get('lm_head.weight'))];
  const blended = valuesOf(request as MergeRequest).get('lm_head.weight')?.values ?? new Float64Array();
  for (const [k, value] of blended.entries()) expect(value).toBeCloseTo(0.25 * trained[k] + 0.75 * original[k], 6);
});

test('refusals say which option helps', async () => {
  const inputs = await inputsOf(['plain', 'other']);
  const refused = (changes: Partial<AdapterBlendOptions>) => expect(planAdapterBlend(inputs, { ...options, weights: [0.5, 0.5], ...changes })).rejects;
  await refused({ weights: [0, 0] }).toMatchObject({ name: 'AdapterBlendError' });
  await refused({ mergeIntoBase: true }).toMatchObject({ message: expect.stringContaining('--base') as string });
  await refused({ rank: 2, space: 'factor' }).toMatchObject({ message: expect.stringContaining('--space delta') as string });
  await refused({ base: await openCheckpoint(path.join(fixtures, 'gpt2')) }).toMatchObject({ name: 'AdapterMismatchError' });
});

describe('algebra', () => {
  const vectors = (count: number, length: number) => fc.array(fc.array(fc.double({ min: -2, max: 2, noNaN: true }), { minLength: length, maxLength: length }).map((list) => Float64Array.from(list)), { minLength: count, maxLength: count });
  const factors = (weight: number) => fc.tuple(vectors(2, 5), vectors(2, 4)).map(([b, a]): Factors => ({ b, a, scale: 1.5, weight }));

  const factorDifference = (adapters: readonly Factors[]) => differenceAt(productsOf(adapters), adapters.map(({ weight }) => weight));

  test('where one expert has all the weight, factor space is delta space', () => {
    fc.assert(fc.property(factors(1), factors(0), (one, other) => {
      const difference = factorDifference([one, other]);
      expect(difference === null || difference === 0).toBe(true);
    }));
  });

  test('the order of the adapters changes nothing', () => {
    fc.assert(fc.property(factors(0.3), factors(0.7), (one, other) => {
      const [first, second] = [factorDifference([one, other]), factorDifference([other, one])];
      if (first === null || second === null) expect(first).toBe(second);
      // below the root of float64's precision the Gram matrices cancel
      else expect(Math.abs(first - second)).toBeLessThanOrEqual(1e-6 * Math.max(1, first));
    }));
  });

  test.each([1e-162, 5e-324, 1e200])('singular values whose squares float64 does not hold: %d', (value) => {
    const { u, values } = thinSvd([Float64Array.of(0, value, 0), Float64Array.of(0, 0, 0)]);
    expect([...values]).toEqual([value, 0]);
    expect(Math.abs(u[0][1])).toBe(1);
  });

  test.each([[3, 6], [4, 4], [5, 3]])('a singular value decomposition of %i columns of %i gives its matrix back, of orthonormal vectors', (columns, rows) => {
    fc.assert(fc.property(vectors(columns, rows), (matrix) => {
      const { u, values, v } = thinSvd(matrix);
      const size = Math.max(1e-300, values[0]);
      expect([...values]).toEqual([...values].sort((a, b) => b - a));
      for (const [j, column] of matrix.entries()) for (const [i, value] of column.entries()) {
        expect(Math.abs(u.reduce((sum, left, k) => sum + left[i] * values[k] * v[k][j], 0) - value)).toBeLessThanOrEqual(1e-13 * size);
      }
      for (const [p, left] of u.entries()) for (const [q, right] of u.entries()) {
        if (values[p] < 1e-12 * size || values[q] < 1e-12 * size) continue;
        expect(left.reduce((sum, value, i) => sum + value * right[i], 0)).toBeCloseTo(p === q ? 1 : 0, 10);
      }
    }));
  });
});
