import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { stringify } from 'yaml';
import { dtypeBytes, type Dtype } from '../../../src/checkpoint/dtype';
import { readHeader, readTensorBytes, writeSafetensors } from '../../../src/checkpoint/safetensors';
import { blend } from '../../../src/merge/blend';
import { mergeFromConfig } from '../../../src/merge/mergekit/merge';

const vocabularies = path.join(__dirname, '../../fixtures/tokenizer');
let root: string;
let count: number;
beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 'soup-'));
  count = 0;
});
afterEach(() => rmSync(root, { recursive: true }));

interface Model { readonly tensors?: Readonly<Record<string, Dtype>>; readonly config?: Record<string, unknown>; readonly metadata?: Record<string, string>; readonly tokenizer?: string; readonly fill?: number }
/** A checkpoint of tensors [2, 1] with a config and perhaps a tokenizer. */
async function model(name: string, { tensors = { w: 'F32' }, config = {}, metadata = {}, tokenizer, fill = 0 }: Model = {}): Promise<string> {
  const directory = path.join(root, name);
  mkdirSync(directory, { recursive: true });
  writeFileSync(path.join(directory, 'config.json'), JSON.stringify(config));
  if (tokenizer) cpSync(path.join(vocabularies, tokenizer, 'tokenizer.json'), path.join(directory, 'tokenizer.json'));
  await writeSafetensors(path.join(directory, 'model.safetensors'), Object.entries(tensors).map(([tensor, dtype]) => ({ name: tensor, dtype, shape: [2, 1], data: new Uint8Array(2 * dtypeBytes[dtype]).fill(dtype === 'I64' ? fill : 0) })), metadata);
  return directory;
}
const output = () => path.join(root, `out-${count++}`);
const merge = (config: Record<string, unknown>) => {
  writeFileSync(path.join(root, 'merge.yml'), stringify(config));
  return mergeFromConfig({ config: path.join(root, 'merge.yml'), output: output() });
};
const linear = (...names: string[]) => ({ merge_method: 'linear', models: names.map((name) => ({ model: name, parameters: { weight: 0.5 } })) });
const refused = (message: RegExp) => ({ name: 'PreflightError', message: expect.stringMatching(message) as string });

describe('the base of a blend is checked as its experts are', () => {
  test.each<[Model, RegExp]>([
    [{ tensors: { w: 'I8' } }, /w: expected F32 as in a, got I8 in the base/],
    [{ tensors: { w: 'F32', v: 'F32' } }, /v: in the base, but not in a/],
    [{ tensors: { w: 'F8_E8M0' } }, /w: F8_E8M0 in the base, which is not blended/],
    [{ config: { tie_word_embeddings: true } }, /tie_word_embeddings: undefined in a, true in the base/],
    [{ tokenizer: 'b' }, /tokens have one id in a and another in the base/],
  ])('%j', async (base, message) => {
    const inputs = [await model('a', { tokenizer: 'a' }), await model('b', { tokenizer: 'a' })];
    await expect(blend({ inputs, base: await model('base', base), weights: [1, 1], method: 'task_arithmetic', output: output() })).rejects.toMatchObject(refused(message));
  });

  test('its floats may be of another type', async () => {
    const inputs = [await model('a', { tensors: { w: 'BF16' } }), await model('b', { tensors: { w: 'BF16' } })];
    await expect(blend({ inputs, base: await model('base'), weights: [1, 1], method: 'task_arithmetic', output: output() })).resolves.toMatchObject({ warnings: [] });
  });
});

describe('a mergekit configuration is checked as a blend is', () => {
  test('types, kinds and vocabularies', async () => {
    await model('a', { tokenizer: 'a' });
    await model('b', { tokenizer: 'b' });
    await model('packed', { tensors: { w: 'F8_E8M0' } });
    await expect(merge(linear('a', 'packed'))).rejects.toMatchObject(refused(/w: F8_E8M0 in packed/));
    await expect(merge(linear('a', 'b'))).rejects.toMatchObject(refused(/tokens have one id in a and another in b .*say tokenizer_source/));
    const { warnings } = await merge({ merge_method: 'passthrough', models: [{ model: 'b' }], base_model: 'b' });
    expect(warnings).toEqual([]);
    const adapter = path.join(__dirname, '../../fixtures/adapters/plain');
    await expect(merge(linear('b', adapter))).rejects.toMatchObject(refused(/plain is an adapter, .*base\+plain/));
  });

  test('layers of models with other tokens are stacked, and it is said', async () => {
    const layers = { 'model.embed_tokens.weight': 'F32', 'model.layers.0.w': 'F32', 'model.layers.1.w': 'F32' } as const;
    await model('a', { tokenizer: 'a', tensors: layers, config: { num_hidden_layers: 2, rope_theta: 1 } });
    await model('b', { tokenizer: 'b', tensors: { ...layers, 'model.layers.2.w': 'F32' }, config: { num_hidden_layers: 3, rope_theta: 2 } });
    const { warnings } = await merge({ merge_method: 'passthrough', slices: [['a', 0, 2], ['b', 1, 3]].map(([name, first, end]) => ({ sources: [{ model: name, layer_range: [first, end] }] })) });
    expect(warnings.join('\n')).toMatch(/the configs of a and b differ in rope_theta; the soup gets a's\n.*tokens have one id in a and another in b/);
  });

  test('bases that differ, from each other and from the one that is named', async () => {
    await model('base');
    for (const [name, hash] of [['a', 'a'], ['b', 'b']]) await model(name, { metadata: { 'soup.base_sha256': hash.repeat(64) } });
    const { warnings } = await merge({ ...linear('a', 'b'), merge_method: 'task_arithmetic', base_model: 'base' });
    expect(warnings.join('\n')).toMatch(/^a and b were trained from different bases .*\na was trained from another base \(aaaaaaaaaaaa\) than base_model \([0-9a-f]{12}\)\nb was trained/);
  });

  test('models of the Hugging Face cache have their names from the hub', async () => {
    const snapshot = (name: string) => `hub/models--org--${name}/snapshots/0123456789abcdef`;
    for (const name of ['a-model', 'b-model']) {
      await model(snapshot(name));
      mkdirSync(path.join(root, `hub/models--org--${name}/refs`));
      writeFileSync(path.join(root, `hub/models--org--${name}/refs/main`), '0123456789abcdef');
    }
    const front = (directory: string) => readFileSync(path.join(directory, 'README.md'), 'utf8').slice(0, 50);
    const { HF_HUB_CACHE: before } = process.env;
    process.env.HF_HUB_CACHE = path.join(root, 'hub');
    const { models, output: directory } = await merge(linear('org/a-model', 'org/b-model')).finally(() => {
      if (before === undefined) delete process.env.HF_HUB_CACHE;
      else process.env.HF_HUB_CACHE = before;
    });
    expect(Object.keys(models)).toEqual(['a-model', 'b-model']);
    expect(front(directory)).toMatch(/^---\nbase_model:\n {2}- org\/a-model\n {2}- org\/b-model\n/);
    const { weights, output: soup } = await blend({ inputs: ['a-model', 'b-model'].map((name) => path.join(root, snapshot(name))), weights: { 'a-model': 0.3, 'b-model': 0.7 }, output: output() });
    expect(weights).toEqual({ 'a-model': 0.3, 'b-model': 0.7 });
    expect(front(soup)).toMatch(/^---\nbase_model:\n {2}- org\/a-model\n {2}- org\/b-model\n/);
  });

  test('a filter that is part of no name is told of', async () => {
    await Promise.all([model('a'), model('b')]);
    const weight = (...filters: string[]) => [...filters.map((filter) => ({ filter, value: 1 })), { value: 0.5 }];
    const { warnings } = await merge({ merge_method: 'linear', parameters: { weight: weight('w') }, models: [{ model: 'a', parameters: { weight: weight('*', 'wq') } }, { model: 'b' }] });
    expect(warnings).toEqual(['models.0.parameters.weight: the filter "wq" is part of no tensor\'s name and decides nothing']);
  });

  test('lists of the config with an entry a layer follow the slices, and others of that length stay', async () => {
    await model('a', { tensors: { 'layers.0.w': 'F32' }, config: { num_hidden_layers: 1, layer_types: ['full_attention'], architectures: ['LlamaForCausalLM'], eos_token_id: [2] } });
    const slice = { sources: [{ model: 'a', layer_range: [0, 1] }] };
    const { output: directory } = await merge({ merge_method: 'passthrough', slices: [slice, slice] });
    expect(JSON.parse(readFileSync(path.join(directory, 'config.json'), 'utf8'))).toMatchObject({ num_hidden_layers: 2, layer_types: ['full_attention', 'full_attention'], architectures: ['LlamaForCausalLM'], eos_token_id: [2] });
  });

  test('integers that differ are those of base_model, and it is said; metadata is kept', async () => {
    const tensors = { w: 'F32', ids: 'I64' } as const;
    for (const [name, fill] of [['base', 7], ['a', 1], ['b', 2]] as const) await model(name, { tensors, metadata: { custom: name, 'soup.score': '1' }, fill });
    await expect(merge(linear('a', 'b'))).rejects.toMatchObject({ name: 'NonFloatTensorsDifferError', message: expect.stringMatching(/ids: the I64 values in a and b differ.*base_model/) as string });
    const { output: directory, warnings } = await merge({ ...linear('a', 'b'), merge_method: 'task_arithmetic', base_model: 'base' });
    expect(warnings.join()).toMatch(/integers are not averaged: ids differs and is the base's/);
    const file = path.join(directory, 'model.safetensors');
    const header = await readHeader(file);
    expect([...(await readTensorBytes(file, header, 'ids'))]).toEqual(new Array<number>(16).fill(7));
    expect(header.metadata).toEqual({ format: 'pt', custom: 'base', 'soup.kind': 'soup', 'soup.name': path.basename(directory), 'soup.method': 'task_arithmetic' });
  });

  test('a head that only one model has of its own: the output says that it is not tied', async () => {
    const [tied, untied] = [{ config: { tie_word_embeddings: true }, tensors: { 'model.embed_tokens.weight': 'F32' } }, { config: { tie_word_embeddings: false }, tensors: { 'model.embed_tokens.weight': 'F32', 'lm_head.weight': 'F32' } }] as const;
    await model('a', tied);
    await model('b', untied);
    for (const names of [['a', 'b'], ['b', 'a']]) {
      const { output: directory, tensorCount } = await merge(linear(...names));
      expect(tensorCount).toBe(2);
      expect(JSON.parse(readFileSync(path.join(directory, 'config.json'), 'utf8'))).toMatchObject({ tie_word_embeddings: false });
    }
    const { output: directory } = await merge(linear('a'));
    expect(JSON.parse(readFileSync(path.join(directory, 'config.json'), 'utf8'))).toMatchObject({ tie_word_embeddings: true });
  });
});
