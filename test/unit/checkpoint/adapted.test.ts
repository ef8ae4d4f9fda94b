import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { openCheckpoint, type Checkpoint } from '../../../src/checkpoint/checkpoint';
import { compareCheckpoints } from '../../../src/checkpoint/compare';
import { floatChunks } from '../../../src/checkpoint/float-chunks';
import { readLoraAdapter } from '../../../src/checkpoint/lora-adapter';
import { readHeader, readTensorBytes, toFloat32 } from '../../../src/checkpoint/safetensors';

const fixtures = path.join(__dirname, '../../fixtures/adapters');
const at = (name: string) => path.join(fixtures, name);
let root: string;
beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 'soup+'));
});
afterEach(() => rmSync(root, { recursive: true }));

async function valuesOf(checkpoint: Checkpoint): Promise<Map<string, Float32Array>> {
  const values = new Map<string, Float32Array>();
  for await (const { name, values: [chunk] } of floatChunks([checkpoint])) values.set(name, Float32Array.from(chunk));
  return values;
}

describe('base+adapter is what PeftModel.merge_and_unload gives', () => {
  test.each([
    ['llama', 'plain'],
    ['llama', 'wide'],
    ['llama', 'patterns'],
    ['llama', 'everything'],
    ['llama', 'grown'],
    ['tied', 'grown-tied'],
    ['gpt2', 'conv1d'],
  ])('%s+%s', async (base, adapter) => {
    const values = await valuesOf(await openCheckpoint(`${at(base)}+${at(adapter)}`));
    const original = await valuesOf(await openCheckpoint(at(base)));
    const file = at(`${adapter}.merged.safetensors`);
    const merged = await readHeader(file);
    for (const [name, own] of original) {
      const expected = merged.tensors.has(name) ? toFloat32(await readTensorBytes(file, merged, name), 'F32') : own;
      const got = values.get(name) ?? new Float32Array(0);
      expect(got.length).toBe(expected.length);
      for (const [k, value] of expected.entries()) expect(Math.abs(got[k] - value)).toBeLessThanOrEqual(1e-6 * Math.max(1, Math.abs(value)));
    }
    for (const name of merged.tensors.keys()) expect(original.has(name)).toBe(true);
  });
});

test('comparisons see the update, and a second adapter adds to the first', async () => {
  const [base, adapted] = [await openCheckpoint(at('llama')), await openCheckpoint(`${at('llama')}+${at('plain')}`)];
  const { tensors } = await compareCheckpoints([adapted], base);
  const changed = tensors.filter(({ norms }) => Object.values(norms)[0] > 0).map(({ name }) => name);
  expect(changed).toEqual([0, 1].flatMap((layer) => ['q_proj', 'v_proj'].map((projection) => `model.layers.${layer}.self_attn.${projection}.weight`)));
  const twice = await openCheckpoint(`${at('llama')}+${at('plain')}+${at('plain')}`);
  const { tensors: doubled } = await compareCheckpoints([adapted, twice], base);
  const pair = doubled.find(({ name }) => name === changed[0]);
  expect(pair?.pairs[0].cosine).toBeCloseTo(1, 6);
  expect(Object.values(pair?.norms ?? {})[1] / Object.values(pair?.norms ?? {})[0]).toBeCloseTo(2, 5);
});

test('a path with a plus in it is a path', async () => {
  cpSync(at('llama'), path.join(root, 'a+b'), { recursive: true });
  cpSync(at('plain'), path.join(root, 'c+d'), { recursive: true });
  expect((await openCheckpoint(path.join(root, 'a+b'))).tensors.get('lm_head.weight')?.updates).toBeUndefined();
  const adapted = await openCheckpoint(`${path.join(root, 'a+b')}+${path.join(root, 'c+d')}`);
  expect(adapted.tensors.get('model.layers.0.self_attn.q_proj.weight')?.updates).toHaveLength(1);
});

test('an adapter that is not there is what is said to be missing', async () => {
  await expect(openCheckpoint(`${at('llama')}+${at('nowhere')}`)).rejects.toMatchObject({ name: 'CheckpointNotFoundError', message: expect.stringMatching(/^[^+]*nowhere: /) as string });
});

describe('what is refused, and why', () => {
  async function spoiled(adapter: string, change: (config: Record<string, unknown>) => void): Promise<string> {
    const directory = path.join(root, adapter);
    cpSync(at(adapter), directory, { recursive: true });
    const file = path.join(directory, 'adapter_config.json');
    const config = JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
    change(config);
    writeFileSync(file, JSON.stringify(config));
    return directory;
  }

  test.each<[string, string, string, (config: Record<string, unknown>) => void, RegExp]>([
    ['DoRA', 'dora', 'UnsupportedAdapterError', () => undefined, /use_dora: DoRA scales every column.*merge_and_unload/],
    ['DoRA without the flag', 'dora', 'UnsupportedAdapterError', (config) => delete config.use_dora, /lora_magnitude_vector/],
    ['another type', 'ia3', 'UnsupportedAdapterError', () => undefined, /type IA3/],
    ['activated LoRA', 'plain', 'UnsupportedAdapterError', (config) => { config.alora_invocation_tokens = [1]; }, /activated/],
    ['a rank that the factors do not have', 'plain', 'MalformedAdapterError', (config) => { config.r = 3; }, /rank 3 for .*q_proj/],
    ['no alpha', 'plain', 'MalformedAdapterError', (config) => delete config.lora_alpha, /lora_alpha undefined/],
    ['a broken pattern', 'plain', 'MalformedAdapterError', (config) => { config.rank_pattern = { '(': 3 }; }, /no regular expression/],
    ['a start that changed the base', 'plain', 'AdapterMismatchError', (config) => { config.init_lora_weights = 'pissa_niter_4'; }, /pissa_niter_4, which changed its base/],
  ])('%s', async (_, adapter, name, change, message) => {
    const directory = await spoiled(adapter, change);
    await expect(openCheckpoint(`${at('llama')}+${directory}`)).rejects.toMatchObject({ name, message: expect.stringMatching(message) as string, isInput: true });
  });

  test.each([
    ['an adapter that loads nothing', `${at('gpt2')}+${at('plain')}`, /0 of its 4 modules are/],
    ['a wrong orientation', `${at('gpt2')}+${at('conv1d')}`, /fan_in_fan_out is wrong/],
    ['a model in the adapter\'s place', `${at('llama')}+${at('gpt2')}`, /is no adapter/],
  ])('%s', async (_, reference, message) => {
    const given = reference.endsWith('conv1d') ? `${at('gpt2')}+${await spoiled('conv1d', (config) => { config.fan_in_fan_out = false; })}` : reference;
    await expect(openCheckpoint(given)).rejects.toMatchObject({ name: 'AdapterMismatchError', message: expect.stringMatching(message) as string });
  });

  test('an adapter without its configuration', async () => {
    cpSync(at('plain/adapter_model.safetensors'), path.join(root, 'adapter_model.safetensors'));
    const checkpoint = await openCheckpoint(root);
    expect(() => readLoraAdapter(checkpoint)).toThrow(expect.objectContaining({ name: 'MalformedAdapterError' }));
  });
});
