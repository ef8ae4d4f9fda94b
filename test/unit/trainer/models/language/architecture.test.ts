import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { openBackend } from '../../../../../src/trainer/backend/backend';
import { describeArchitecture } from '../../../../../src/trainer/models/language/architecture';
import { createLanguageModel, openLanguageModel } from '../../../../../src/trainer/models/language/open';
import { modelDirectory } from './fixtures';

const llama = { model_type: 'llama', vocab_size: 50, hidden_size: 16, intermediate_size: 24, num_hidden_layers: 2, num_attention_heads: 4, max_position_embeddings: 64 };

test('the older rope_theta and rope_scaling mean what rope_parameters means', () => {
  const scaling = { factor: 8, low_freq_factor: 1, high_freq_factor: 4, original_max_position_embeddings: 16 };
  const older = describeArchitecture('', { ...llama, rope_theta: 500000, rope_scaling: { rope_type: 'llama3', ...scaling } });
  const newer = describeArchitecture('', { ...llama, rope_parameters: { rope_type: 'llama3', rope_theta: 500000, ...scaling } });
  expect(older.rope).toEqual(newer.rope);
  expect(describeArchitecture('', { ...llama, rope_scaling: { type: 'linear', factor: 4 } }).rope!.frequencies[0]).toBe(0.25);
});

test('a sliding window bounds the context, and only where it is used', () => {
  const contextOf = (config: object): number => describeArchitecture('', { ...llama, ...config }).contextLength;
  expect(contextOf({ model_type: 'mistral', num_key_value_heads: 4, sliding_window: 32 })).toBe(32);
  expect(contextOf({ model_type: 'mistral', num_key_value_heads: 4, sliding_window: null })).toBe(64);
  expect(contextOf({ model_type: 'mistral', num_key_value_heads: 4, max_position_embeddings: 32768 })).toBe(4096);
  expect(contextOf({ model_type: 'qwen2', num_key_value_heads: 4, sliding_window: 32, use_sliding_window: false })).toBe(64);
  expect(contextOf({ model_type: 'qwen2', num_key_value_heads: 4, sliding_window: 32, use_sliding_window: true })).toBe(32);
  expect(contextOf({ model_type: 'qwen3', num_key_value_heads: null, sliding_window: 32, use_sliding_window: true, layer_types: ['full_attention', 'full_attention'] })).toBe(64);
});

test.each([
  [{ model_type: 'gemma3' }, 'UnsupportedModelError', /"gemma3".*gpt2, llama, mistral, qwen2, qwen3/],
  [{ model_type: 'toString' }, 'UnsupportedModelError', /"toString"/],
  [{ ...llama, rope_scaling: { rope_type: 'longrope', factor: 2 } }, 'UnsupportedModelError', /rope scaling "longrope".*yarn/],
  [{ ...llama, partial_rotary_factor: 0.5 }, 'UnsupportedModelError', /partial_rotary_factor/],
  [{ ...llama, hidden_act: 'gelu_fast' }, 'UnsupportedModelError', /gelu_fast/],
  [{ ...llama, quantization_config: { bits: 4 } }, 'UnsupportedModelError', /quantised/],
  [{ ...llama, layer_types: ['linear_attention'] }, 'UnsupportedModelError', /linear_attention/],
  [{ ...llama, hidden_size: 'many' }, 'InvalidModelConfigError', /hidden_size has to be a whole number/],
  [{ ...llama, num_key_value_heads: 3 }, 'InvalidModelConfigError', /divisible/],
  [{ ...llama, rope_parameters: { rope_type: 'linear' } }, 'InvalidModelConfigError', /factor/],
])('config %j is refused by name', (config, name, message) => {
  expect(() => describeArchitecture('config.json', config)).toThrow(expect.objectContaining({ name, isInput: true, message: expect.stringMatching(message) as string }) as Error);
});

describe('a directory that is not whole', () => {
  async function altered(change: (directory: string) => Promise<void>): Promise<string> {
    const directory = await mkdtemp(path.join(os.tmpdir(), 'model-'));
    await cp(modelDirectory('llama'), directory, { recursive: true });
    await change(directory);
    return directory;
  }
  const configure = (change: Readonly<Record<string, unknown>>) => async (directory: string): Promise<void> => {
    const file = path.join(directory, 'config.json');
    await writeFile(file, JSON.stringify({ ...(JSON.parse(await readFile(file, 'utf8')) as object), ...change }));
  };

  test.each([
    ['no tokenizer', (directory: string) => rm(path.join(directory, 'tokenizer.json')), 'MissingTokenizerError', /has no tokenizer.json/],
    ['no config', (directory: string) => rm(path.join(directory, 'config.json')), 'UnsupportedModelError', /without config.json/],
    ['fewer layers than the file', configure({ num_hidden_layers: 1 }), 'WeightMismatchError', /does not know, such as model.layers.1/],
    ['more layers than the file', configure({ num_hidden_layers: 3 }), 'WeightMismatchError', /9 tensors are missing, such as model.layers.2/],
    ['another width', configure({ intermediate_size: 20 }), 'WeightMismatchError', /implies \[20, 16\], the file has \[24, 16\]/],
  ] as const)('%s', async (_, change, name, message) => {
    const directory = await altered(change);
    const error = await openLanguageModel(await openBackend('cpu'), directory).catch((caught: unknown) => caught);
    expect(error).toMatchObject({ name, isInput: true, message: expect.stringMatching(message) as string });
  });
});

test('a new model is that of its seed, starts near the uniform distribution, and is whole on disk', async () => {
  const backend = await openBackend('wasm');
  const create = (seed: number): ReturnType<typeof createLanguageModel> => createLanguageModel(backend, { config: { model_type: 'gpt2', vocab_size: 50, n_embd: 16, n_layer: 2, n_head: 2, n_positions: 32 }, tokenizerDirectory: modelDirectory('gpt2'), seed });
  const models = await Promise.all([create(1), create(1), create(2)]);
  const batch = { batch: 1, time: 3, tokens: Int32Array.of(2, 3, 4), attention: Int32Array.of(1, 1, 1) };
  const [first, second, third] = models.map((model) => [...model.score(batch).logProbabilities.dataSync()]) as [number[], number[], number[]];
  expect(second).toEqual(first);
  expect(third).not.toEqual(first);
  for (const value of first.slice(1)) expect(Math.abs(value + Math.log(50))).toBeLessThan(0.5);
  const directory = await mkdtemp(path.join(os.tmpdir(), 'created-'));
  await models[0]!.save(directory);
  const again = await openLanguageModel(backend, directory);
  expect([...again.score(batch).logProbabilities.dataSync()]).toEqual(first);
  expect(again.parameterCount.all).toBe(models[0]!.parameterCount.trainable);
  for (const model of [...models, again]) model.dispose();
});
