import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { openCheckpoint, type Checkpoint } from '../../../src/checkpoint/checkpoint';
import { compareCheckpoints } from '../../../src/checkpoint/compare';
import { differenceByTensor } from '../../../src/checkpoint/difference';
import { inspectCheckpoint } from '../../../src/checkpoint/inspect';
import { lineageOf } from '../../../src/checkpoint/lineage';
import { nameCheckpoints } from '../../../src/checkpoint/names';
import { fromFloat32, writeSafetensors } from '../../../src/checkpoint/safetensors';

const fixtures = path.join(__dirname, '../../fixtures/safetensors');
let root: string;
beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 'soup-'));
});
afterEach(() => rmSync(root, { recursive: true }));

async function save(file: string, values: Readonly<Record<string, readonly number[]>>, metadata: Readonly<Record<string, string>> = {}): Promise<string> {
  const target = path.join(root, file);
  mkdirSync(path.dirname(target), { recursive: true });
  await writeSafetensors(target, Object.entries(values).map(([name, list]) => ({ name, dtype: 'F32' as const, shape: [list.length], data: fromFloat32(Float32Array.from(list), 'F32') })), metadata);
  return target;
}

const writeJson = (file: string, value: unknown) => writeFileSync(path.join(root, file), JSON.stringify(value));

test('a directory, its lineage and what it holds', async () => {
  await save('risky/model.safetensors', { w: [1, 2] }, { 'soup.base_sha256': 'A'.repeat(64), 'soup.name': 'bold' });
  writeJson('risky/config.json', { hidden: 2 });
  writeJson('risky/run.json', {});
  const checkpoint = await openCheckpoint(path.join(root, 'risky'));
  expect(checkpoint).toMatchObject({ kind: 'directory', config: { hidden: 2 } });
  expect(lineageOf(checkpoint)).toMatchObject({ baseHash: 'a'.repeat(64), run: path.join(root, 'risky') });
  expect(inspectCheckpoint(checkpoint)).toMatchObject({ parameters: 2, sizeBytes: 8, dtypes: { F32: { tensors: 1 } } });
  expect(nameCheckpoints([checkpoint, checkpoint]).map(({ name }) => name)).toEqual(['bold', 'bold-2']);
});

test('an adapter directory', async () => {
  await save('lora/adapter_model.safetensors', { 'q.lora_A.weight': [1] });
  writeJson('lora/adapter_config.json', { r: 1 });
  expect(await openCheckpoint(path.join(root, 'lora'))).toMatchObject({ kind: 'adapter', config: { r: 1 } });
});

describe('shards', () => {
  const index = (map: Record<string, string>) => writeJson('big/model.safetensors.index.json', { weight_map: map });
  beforeEach(async () => {
    await save('big/m-1.safetensors', { a: [1] });
    await save('big/m-2.safetensors', { b: [2] });
  });
  const map = { a: 'm-1.safetensors', b: 'm-2.safetensors' };

  test('are one checkpoint', async () => {
    index(map);
    const checkpoint = await openCheckpoint(path.join(root, 'big'));
    expect(checkpoint.kind).toBe('sharded');
    expect([...checkpoint.tensors.keys()]).toEqual(['a', 'b']);
  });

  test.each([
    ['MissingShardError', { ...map, c: 'm-3.safetensors' }],
    ['MalformedIndexError', { ...map, c: 'm-2.safetensors' }],
    ['MalformedIndexError', { a: 'm-1.safetensors', b: '../m-2.safetensors' }],
    ['MalformedIndexError', {}],
  ])('%s: case %#', async (name, broken) => {
    index(broken as Record<string, string>);
    await expect(openCheckpoint(path.join(root, 'big'))).rejects.toMatchObject({ name });
  });
});

test('a directory without weights says what was looked for', async () => {
  await expect(openCheckpoint(root)).rejects.toMatchObject({ name: 'CheckpointNotFoundError', message: expect.stringContaining('model.safetensors') as string });
});

test('task vectors by hand', async () => {
  const base = await openCheckpoint(await save('base.safetensors', { w: [3, 4], v: [0] }));
  const a = await openCheckpoint(await save('a.safetensors', { w: [6, 8], v: [0] }));
  const b = await openCheckpoint(await save('b.safetensors', { w: [3, 0], v: [1] }));
  // τ_a = (3, 4, 0), τ_b = (0, -4, 1): dot -16, norms 5 and √17
  const report = await compareCheckpoints([a, b], base);
  expect(report.norms).toEqual({ a: 5, b: Math.sqrt(17) });
  expect(report.relativeNorms?.a).toBe(1);
  expect(report.pairs[0].cosine).toBeCloseTo(-16 / (5 * Math.sqrt(17)), 12);
  expect(report.pairs[0].signConflict).toBe(1);
  expect(report.signConflict).toBeCloseTo(1 / 3, 12);
  expect(await differenceByTensor(a, base)).toEqual({
    total: { norm: 5, relative: 1, cosine: 1, signConflict: 0 },
    tensors: expect.arrayContaining([{ name: 'v', norm: 0, relative: null, cosine: null, signConflict: null }]) as object[],
    notFinite: null,
  });
});

test('of values that are not finite it is told whose they are', async () => {
  const [fine, broken] = [await openCheckpoint(await save('fine.safetensors', { v: [1], w: [3, 4] })), await openCheckpoint(await save('broken.safetensors', { v: [1], w: [3, NaN] }))];
  const between = async (...[a, b]: [Checkpoint, Checkpoint]) => (await differenceByTensor(a, b)).notFinite;
  expect(await between(fine, broken)).toEqual({ tensor: 'w', isOfCheckpoint: false, isOfReference: true });
  expect(await between(broken, fine)).toEqual({ tensor: 'w', isOfCheckpoint: true, isOfReference: false });
  expect(await between(broken, broken)).toEqual({ tensor: 'w', isOfCheckpoint: true, isOfReference: true });
});

test('a comparison can be interrupted, and differing shapes are named', async () => {
  const a = await openCheckpoint(path.join(fixtures, 'expert-a.safetensors'));
  await expect(differenceByTensor(a, a, { signal: AbortSignal.abort() })).rejects.toMatchObject({ name: 'InterruptedError' });
  cpSync(path.join(fixtures, 'every-dtype.safetensors'), path.join(root, 'other.safetensors'));
  await expect(differenceByTensor(a, await openCheckpoint(path.join(root, 'other.safetensors')))).rejects.toMatchObject({ name: 'CheckpointMismatchError' });
});
