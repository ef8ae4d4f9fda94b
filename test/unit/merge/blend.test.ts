import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { dtypeBytes, type Dtype } from '../../../src/checkpoint/dtype';
import { fromFloat32, readHeader, readTensorBytes, writeSafetensors } from '../../../src/checkpoint/safetensors';
import { openCheckpoint } from '../../../src/checkpoint/checkpoint';
import { blend, type BlendOptions } from '../../../src/merge/blend';

const fixtures = path.join(__dirname, '../../fixtures/safetensors');
const expert = (name: string) => path.join(fixtures, `expert-${name}.safetensors`);
let root: string;
let output: string;
beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 'soup-'));
  output = path.join(root, 'soup');
});
afterEach(() => rmSync(root, { recursive: true }));

interface Spec { readonly name: string; readonly dtype: Dtype; readonly shape: readonly number[]; readonly data?: Uint8Array }
async function save(file: string, specs: readonly Spec[], metadata: Readonly<Record<string, string>> = {}): Promise<string> {
  const target = path.join(root, file);
  mkdirSync(path.dirname(target), { recursive: true });
  await writeSafetensors(target, specs.map(({ data, ...spec }) => ({ ...spec, data: data ?? new Uint8Array(spec.shape.reduce((a, b) => a * b, 1) * dtypeBytes[spec.dtype]) })), metadata);
  return target;
}
const w = (...values: number[]): Spec => ({ name: 'w', dtype: 'F32', shape: [values.length], data: fromFloat32(Float32Array.from(values), 'F32') });
const json = (file: string, value: unknown) => writeFileSync(path.join(root, file), JSON.stringify(value));
const soupFile = () => path.join(output, 'model.safetensors');
async function hex(file: string, name: string): Promise<string> {
  return Buffer.from(await readTensorBytes(file, await readHeader(file), name)).toString('hex');
}
const run = (inputs: readonly string[], weights: BlendOptions['weights'], options: Partial<BlendOptions> = {}) => blend({ inputs, weights, output, ...options });

describe('against numpy and ml_dtypes, bit for bit', () => {
  interface Case { experts: string[]; weights: number[]; tensors: Record<string, string>; asBf16: Record<string, string> }
  const cases = JSON.parse(readFileSync(path.join(fixtures, 'blend.json'), 'utf8')) as Case[];
  test.each(cases)('$experts at $weights', async ({ experts, weights, tensors, asBf16 }) => {
    await run(experts.map(expert), weights);
    for (const [name, bytes] of Object.entries(tensors)) expect(await hex(soupFile(), name)).toBe(bytes);
    await run(experts.map(expert), weights, { output: `${output}-bf16`, dtype: 'BF16' });
    for (const [name, bytes] of Object.entries(asBf16)) expect(await hex(path.join(`${output}-bf16`, 'model.safetensors'), name)).toBe(bytes);
  });
});

test('λ = eᵢ is expert i to the last bit, even of NaN and −0', async () => {
  const patterns = Uint8Array.from({ length: 131072 }, (_, i) => (i % 2 ? i >> 9 : (i >> 1) & 255));
  const odd = await save('odd.safetensors', [{ name: 'w', dtype: 'BF16', shape: [65536], data: patterns }]);
  const even = await save('even.safetensors', [{ name: 'w', dtype: 'BF16', shape: [65536] }]);
  const summary = await run([even, odd], { even: 0, odd: 1 });
  expect(await hex(soupFile(), 'w')).toBe(Buffer.from(patterns).toString('hex'));
  expect(summary).toMatchObject({ endpoint: { expert: 'odd', identical: true }, norm: { drift: 0 }, nonFinite: { nan: 254, infinite: 2 } });
});

test('tensors longer than a chunk', async () => {
  const values = Float32Array.from({ length: 700_001 }, (_, i) => Math.sin(i));
  const spec = (scale: number): Spec => ({ name: 'w', dtype: 'F32', shape: [values.length], data: fromFloat32(values.map((x) => x * scale), 'F32') });
  await run([await save('a.safetensors', [spec(1)]), await save('b.safetensors', [spec(3)])], [0.5, 0.5]);
  const expected = values.map((x) => Math.fround(0.5 * x) + Math.fround(0.5 * Math.fround(x * 3)));
  expect(await hex(soupFile(), 'w')).toBe(Buffer.from(expected.buffer).toString('hex'));
});

test('provenance, companions, card and metadata', async () => {
  const base = 'c'.repeat(64);
  for (const name of ['risky', 'cautious']) {
    await save(`${name}/model.safetensors`, [w(1, 2)], { format: 'pt', 'soup.name': name, 'soup.base_sha256': base, 'soup.score.risky': '3', custom: 'kept' });
    for (const file of ['config.json', 'tokenizer.json', 'run.json']) json(`${name}/${file}`, { of: file });
  }
  const summary = await run([path.join(root, 'risky'), path.join(root, 'cautious')], { cautious: 0.25, risky: 0.75 });
  expect(readdirSync(output).sort()).toEqual(['README.md', 'config.json', 'model.safetensors', 'soup.json', 'tokenizer.json']);
  const sha256 = createHash('sha256').update(readFileSync(path.join(root, 'risky/model.safetensors'))).digest('hex');
  expect(JSON.parse(readFileSync(path.join(output, 'soup.json'), 'utf8'))).toMatchObject({
    method: 'linear', weights: { risky: 0.75, cautious: 0.25 }, seed: null, base: { sha256: base }, inputs: [{ name: 'risky', path: '../risky', sha256 }, { name: 'cautious' }],
  });
  expect(readFileSync(path.join(output, 'README.md'), 'utf8')).toMatch(/^---\nbase_model:\n {2}- \.\.\/risky\n[^]*- mergekit\n {2}- merge\n {2}- rewarded-soups\n---/);
  expect((await readHeader(soupFile())).metadata).toEqual({ format: 'pt', custom: 'kept', 'soup.kind': 'soup', 'soup.name': 'soup', 'soup.method': 'linear', 'soup.weights': '{"risky":0.75,"cautious":0.25}', 'soup.base_sha256': base });
  expect(summary).toMatchObject({ tensorCount: 1, loadedTensors: 1, nonFinite: { nan: 0, infinite: 0 }, endpoint: null, warnings: [], replaced: null });
});

test('a sharded model stays sharded, an adapter stays an adapter', async () => {
  for (const name of ['x', 'y']) {
    await save(`${name}/m-1.safetensors`, [{ ...w(1), name: 'a' }]);
    await save(`${name}/m-2.safetensors`, [{ ...w(2), name: 'b' }]);
    json(`${name}/model.safetensors.index.json`, { weight_map: { a: 'm-1.safetensors', b: 'm-2.safetensors' } });
    await save(`l${name}/adapter_model.safetensors`, ['A', 'B'].map((factor) => ({ ...w(1), name: `q.lora_${factor}.weight`, shape: [1, 1] })));
    json(`l${name}/adapter_config.json`, { r: 1, lora_alpha: 2 });
  }
  await run([path.join(root, 'x'), path.join(root, 'y')], [0.5, 0.5]);
  expect((await openCheckpoint(output)).kind).toBe('sharded');
  const adapter = path.join(root, 'adapter');
  const { warnings } = await run([path.join(root, 'lx'), path.join(root, 'ly')], [0.5, 0.5], { output: adapter });
  expect((await openCheckpoint(adapter)).kind).toBe('adapter');
  expect(warnings.join()).toMatch(/factor space/);
  json('ly/adapter_config.json', { r: 1, lora_alpha: 4 });
  await expect(run([path.join(root, 'lx'), path.join(root, 'ly')], [0.5, 0.5], { output: adapter, force: true })).rejects.toMatchObject({ name: 'PreflightError', message: expect.stringMatching(/lora_alpha: 2 in lx, 4 in ly/) as string });
});

describe('what cannot be blended is said, and leaves nothing behind', () => {
  const ids = (...values: number[]): Spec => ({ name: 'ids', dtype: 'U8', shape: [values.length], data: Uint8Array.from(values) });
  const head = (rows: number): Spec => ({ name: 'lm_head.weight', dtype: 'F32', shape: [rows, 2] });
  test.each<[string, readonly Spec[], readonly Spec[], RegExp]>([
    ['PreflightError', [w(1, 2)], [w(1)], /^w: expected \[2\] as in a, got \[1\] in b/],
    ['PreflightError', [head(4)], [head(5)], /vocabularies have 4 and 5/],
    ['PreflightError', [w(1), head(2)], [w(1)], /lm_head.weight: in a, but not in b — .*tied/],
    ['PreflightError', [w(1)], [{ name: 'w', dtype: 'F16', shape: [1] }], /expected F32 as in a, got F16 in b — pass --dtype/],
    ['PreflightError', [w(1)], [{ name: 'w', dtype: 'I32', shape: [1] }], /got I32 in b — convert/],
    ['NonFloatTensorsDifferError', [ids(1, 2)], [ids(1, 3)], /ids: the U8 values in a and b differ/],
    ['NanTensorError', [w(1, 2)], [w(1, NaN)], /w: the soup has 1 NaN values; b has NaN/],
    ['NanTensorError', [w(1, Infinity)], [w(1, -Infinity)], /w: the soup has 1 NaN values; no expert has NaN there, so infinities met/],
  ])('%s: case %#', async (name, first, second, message) => {
    const inputs = [await save('a.safetensors', first), await save('b.safetensors', second)];
    await expect(run(inputs, [0.5, 0.5])).rejects.toMatchObject({ name, message: expect.stringMatching(message) as string, isInput: true });
    expect(readdirSync(root).sort()).toEqual(['a.safetensors', 'b.safetensors']);
  });

  test('integers that differ are the base\'s where there is one, and it is said', async () => {
    const inputs = [await save('a.safetensors', [w(1), ids(1, 2)]), await save('b.safetensors', [w(3), ids(1, 3)]), await save('base.safetensors', [w(0), ids(7, 8)])];
    for (const method of ['linear', 'task_arithmetic']) {
      const { warnings } = await run(inputs.slice(0, 2), [0.5, 0.5], { base: inputs[2], method, output: `${output}-${method}` });
      expect(warnings.join()).toMatch(/integers are not averaged: ids differs and is the base's/);
      const soup = path.join(`${output}-${method}`, 'model.safetensors');
      expect([await hex(soup, 'ids'), await hex(soup, 'w')]).toEqual(['0708', '00000040']);
    }
  });

  test('an interruption', async () => {
    const controller = new AbortController();
    await expect(run([expert('a'), expert('b')], [0.5, 0.5], { signal: controller.signal, onProgress: ({ phase }) => phase === 'blend' && controller.abort() })).rejects.toMatchObject({ name: 'InterruptedError' });
    expect(readdirSync(root)).toEqual([]);
  });
});

test('NaN is written when asked for, and bases that differ are warned of', async () => {
  const inputs = [await save('a.safetensors', [w(NaN)], { 'soup.base_sha256': 'a'.repeat(64) }), await save('b.safetensors', [w(1)], { 'soup.base_sha256': 'b'.repeat(64) })];
  const { nonFinite, warnings } = await run(inputs, [0.5, 0.5], { allowNan: true });
  expect(nonFinite.nan).toBe(1);
  expect(warnings.join()).toMatch(/different bases.*NaN values, the first in w/);
});

test('what exists is never destroyed', async () => {
  mkdirSync(output);
  writeFileSync(path.join(output, 'precious.txt'), 'mine');
  const inputs = [expert('a'), expert('b')];
  await expect(run(inputs, [1, 0])).rejects.toMatchObject({ name: 'OutputExistsError' });
  const { replaced } = await run(inputs, [1, 0], { force: true });
  expect(readFileSync(path.join(String(replaced), 'precious.txt'), 'utf8')).toBe('mine');
  await expect(run([path.join(output, 'model.safetensors'), expert('b')], [1, 0], { force: true })).rejects.toMatchObject({ name: 'OutputHoldsInputError' });
  await expect(run(inputs, [1, 0], { output: path.join(output, 'soup.json') })).rejects.toMatchObject({ name: 'OutputIsFileError' });
});

test('an output through links: the soup is where they lead, and its paths lead to the inputs from there', async () => {
  const inputs = [expert('a'), expert('b')];
  const real = path.join(root, 'disk/of/soups');
  mkdirSync(path.join(real, 'empty'), { recursive: true });
  symlinkSync(real, path.join(root, 'soups'));
  symlinkSync(path.join(real, 'empty'), path.join(root, 'link'));
  symlinkSync(path.join(root, 'nowhere'), path.join(root, 'dangling'));
  for (const [given, directory] of [['soups/soup', 'soup'], ['link', 'empty']]) {
    await run(inputs, [0.5, 0.5], { output: path.join(root, given) });
    const { inputs: [{ path: relative }] } = JSON.parse(readFileSync(path.join(real, directory, 'soup.json'), 'utf8')) as { inputs: { path: string }[] };
    expect(path.resolve(real, directory, relative)).toBe(inputs[0]);
  }
  await expect(run(inputs, [0.5, 0.5], { output: path.join(root, 'dangling') })).rejects.toMatchObject({ name: 'OutputNotMadeError', message: expect.stringMatching(/dangling: is a link that leads nowhere/) as string });
  await expect(run(inputs, [0.5, 0.5], { output: path.join(root, 'soups/soup/soup.json/inside') })).rejects.toMatchObject({ name: 'OutputNotMadeError', message: expect.stringMatching(/inside: cannot be made \(ENOTDIR\)/) as string });
});
