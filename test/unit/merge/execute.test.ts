import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { openCheckpoint } from '../../../src/checkpoint/checkpoint';
import { dtypeBytes, type Dtype, type FloatDtype } from '../../../src/checkpoint/dtype';
import { nameCheckpoints } from '../../../src/checkpoint/names';
import { fromFloat32, readHeader, toFloat32, writeSafetensors } from '../../../src/checkpoint/safetensors';
import { blendParameters } from '../../../src/merge/blend-parameters';
import { blendRequest } from '../../../src/merge/blend-request';
import { executeMerge, type Execution } from '../../../src/merge/execute';
import { plainKernel } from '../../../src/merge/kernels/plain';
import { linear } from '../../../src/merge/methods/linear';
import { planMerge, type MergePlan } from '../../../src/merge/plan';

let root: string;
beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 'merge-'));
});
afterEach(() => rmSync(root, { recursive: true }));

interface Spec { readonly name: string; readonly dtype: Dtype; readonly elements: number }
/** Odd lengths, so that what follows lies at odd places; mixed types; more than a chunk; nothing at all. */
const specs: readonly Spec[] = [
  { name: 'a', dtype: 'BF16', elements: 530_001 }, { name: 'b', dtype: 'BF16', elements: 3 }, { name: 'c', dtype: 'F8_E4M3', elements: 5 },
  { name: 'd', dtype: 'F16', elements: 100_003 }, { name: 'e', dtype: 'F32', elements: 270_007 }, { name: 'empty', dtype: 'F32', elements: 0 },
  { name: 'f', dtype: 'F64', elements: 11 }, { name: 'ids', dtype: 'I64', elements: 7 }, { name: 'z', dtype: 'F32', elements: 1 },
];

const made = new Map<string, Uint8Array>();
function dataOf(spec: Spec, seed: number): Uint8Array {
  const key = `${spec.name} ${seed}`;
  if (!made.has(key)) made.set(key, makeData(spec, seed));
  return (made.get(key) as Uint8Array).slice();
}

function makeData({ dtype, elements }: Spec, seed: number): Uint8Array {
  if (dtype === 'I64') return new Uint8Array(8 * elements).map((_, i) => i);
  const values = Float32Array.from({ length: elements }, (_, i) => Math.sin(seed + i * (1 + seed)));
  return dtype === 'F64' ? new Uint8Array(Float64Array.from(values).buffer) : fromFloat32(values, dtype);
}

async function plan(weights: readonly number[], change: (name: string, seed: number, data: Uint8Array) => void = () => undefined, dtype: FloatDtype | null = null): Promise<MergePlan> {
  const files = await Promise.all(weights.map(async (_, seed) => {
    const file = path.join(root, `expert-${seed}.safetensors`);
    await writeSafetensors(file, specs.map((spec) => {
      const data = dataOf(spec, seed);
      change(spec.name, seed, data);
      return { name: spec.name, dtype: spec.dtype, shape: [spec.elements], data };
    }));
    return file;
  }));
  const checkpoints = nameCheckpoints(await Promise.all(files.map(openCheckpoint)));
  return planMerge(blendRequest(checkpoints, { method: linear, parameters: blendParameters(linear, checkpoints.map(({ name }) => name), { weights, extrapolate: true }), base: null, dtype, metadata: {} }));
}

async function execute(merge: MergePlan, name: string, options: Partial<Execution> = {}) {
  const directory = path.join(root, name);
  mkdirSync(directory);
  const result = await executeMerge({ plan: merge, directory, allowNan: false, ...options });
  const file = path.join(directory, 'model.safetensors');
  const header = await readHeader(file);
  return { result, header, data: readFileSync(file).subarray(header.dataOffset) };
}

function expected(merge: MergePlan, weights: readonly number[]): Buffer {
  const tensors = merge.files[0].tensors.map(({ name, dtype, elements }) => {
    const spec = specs.find((known) => known.name === name) as Spec;
    const out = new Uint8Array(elements * dtypeBytes[dtype]);
    if (spec.dtype === 'I64') return dataOf(spec, 0);
    plainKernel.blendChunk(weights.map((_, seed) => ({ bytes: dataOf(spec, seed), dtype: spec.dtype as FloatDtype })), weights, { bytes: out, dtype: dtype as FloatDtype });
    return out;
  });
  return Buffer.concat(tensors);
}

test.each([
  ['in this thread', { threads: 1 }],
  ['with a worker', { threads: 2 }],
  ['with three workers', { threads: 4 }],
  ['past the page cache', { threads: 2, isDirect: true }],
])('%s, every byte is the plain kernel\'s', async (_, options) => {
  const weights = [0.2, 0.3, 0.5];
  const merge = await plan(weights);
  const { data } = await execute(merge, 'soup', options);
  expect(data.equals(expected(merge, weights))).toBe(true);
});

test('another type of the output', async () => {
  const weights = [0.25, 0.75];
  const merge = await plan(weights, undefined, 'BF16');
  const { data } = await execute(merge, 'soup', { threads: 2 });
  expect(data.equals(expected(merge, weights))).toBe(true);
});

test('norms, counts, hashes and the metadata that waits for them', async () => {
  const weights = [0.5, 0.5];
  const merge = await plan(weights, (name, seed, data) => name === 'e' && seed === 1 && data.set(fromFloat32(Float32Array.of(Infinity), 'F32'), 400));
  const hashed = [0, 1].map((seed) => path.join(root, `expert-${seed}.safetensors`));
  const { result, header } = await execute(merge, 'soup', { threads: 2, hashed, lateMetadata: (hashes) => ({ first: String(hashes.get(hashed[0])) }) });
  for (const file of hashed) expect(result.hashes.get(file)).toBe(createHash('sha256').update(readFileSync(file)).digest('hex'));
  expect(header.metadata).toEqual({ first: result.hashes.get(hashed[0]) });
  expect(header.dataOffset % 4096).toBe(0);
  const squares = specs.filter(({ dtype }) => dtype !== 'I64').map((spec) => toFloat32(dataOf(spec, 0), spec.dtype).reduce((sum, x) => sum + x * x, 0)).reduce((a, b) => a + b);
  expect(result.inputSquares[0]).toBeCloseTo(squares, -Math.log10(1e-6 * squares));
  expect(result).toMatchObject({ nan: 0, infinite: 1, firstNan: null });
});

describe('NaN', () => {
  const poison = (name: string, seed: number, data: Uint8Array): void => {
    if (seed === 1 && ['b', 'd'].includes(name)) data.set([0xff, 0x7f], 2);
  };
  test.each([1, 2])('is refused by tensor, count and expert, %i threads', async (threads) => {
    const merge = await plan([0.5, 0.5], poison);
    await expect(execute(merge, 'soup', { threads })).rejects.toMatchObject({ name: 'NanTensorError', message: expect.stringMatching(/^[bd]: the soup has 1 NaN values; expert-1 has NaN there/) as string });
  });
  test('is written when asked for, and the first one is named', async () => {
    const merge = await plan([0.5, 0.5], poison);
    // wide types come first in the file
    expect((await execute(merge, 'soup', { threads: 2, allowNan: true })).result).toMatchObject({ nan: 2, firstNan: merge.files[0].tensors.map(({ name }) => name).find((name) => ['b', 'd'].includes(name)) });
  });
});

test('integers that differ are refused', async () => {
  const merge = await plan([0.5, 0.5], (name, seed, data) => name === 'ids' && data.fill(seed, 55, 56));
  await expect(execute(merge, 'soup', { threads: 2 })).rejects.toMatchObject({ name: 'NonFloatTensorsDifferError', isInput: true });
});

test('a file that shrinks meanwhile is named', async () => {
  const merge = await plan([0.5, 0.5]);
  const file = path.join(root, 'expert-1.safetensors');
  await import('node:fs/promises').then(({ truncate }) => truncate(file, 5000));
  await expect(execute(merge, 'soup', { threads: 2 })).rejects.toMatchObject({ name: 'TruncatedFileError', message: expect.stringContaining(file) as string });
});

test.each([1, 2])('an abort stops %i threads', async (threads) => {
  const merge = await plan([0.5, 0.5]);
  const controller = new AbortController();
  controller.abort();
  await expect(execute(merge, 'soup', { threads, signal: controller.signal })).rejects.toMatchObject({ name: 'InterruptedError' });
});

test.each([1, 2, 3])('with %d threads every input is hashed, whether before or after the merge', async (threads) => {
  const merge = await plan([0.2, 0.3, 0.5]);
  const hashed = [0, 1, 2].map((seed) => path.join(root, `expert-${seed}.safetensors`));
  const { result, data } = await execute(merge, 'soup', { hashed, threads });
  expect(result.hashes).toEqual(new Map(hashed.map((file) => [file, createHash('sha256').update(readFileSync(file)).digest('hex')])));
  expect(data.equals(expected(merge, [0.2, 0.3, 0.5]))).toBe(true);
});
