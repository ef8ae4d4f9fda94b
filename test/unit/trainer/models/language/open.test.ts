import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { readHeader, readTensorBytes, writeSafetensors } from '../../../../../src/checkpoint/safetensors';
import { openBackend } from '../../../../../src/trainer/backend/backend';
import { createLanguageModel, openLanguageModel } from '../../../../../src/trainer/models/language/open';
import { modelDirectory } from './fixtures';

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

test('a tied head that is saved as well has to say what the embedding says', async () => {
  const backend = await openBackend('cpu');
  const directory = await mkdtemp(path.join(os.tmpdir(), 'tied-'));
  await cp(modelDirectory('llama3'), directory, { recursive: true });
  const file = path.join(directory, 'model.safetensors');
  const header = await readHeader(file);
  const tensors = await Promise.all([...header.tensors.values()].map(async ({ name, dtype, shape }) => ({ name, dtype, shape, data: await readTensorBytes(file, header, name) })));
  const embedding = tensors.find(({ name }) => name === 'model.embed_tokens.weight')!;
  const withHead = (data: Uint8Array) => writeSafetensors(file, [...tensors, { ...embedding, name: 'lm_head.weight', data }], { format: 'pt' });
  await withHead(embedding.data);
  (await openLanguageModel(backend, directory)).dispose();
  await withHead(embedding.data.map((byte, i) => (i === 2 ? byte ^ 1 : byte)));
  await expect(openLanguageModel(backend, directory)).rejects.toMatchObject({ name: 'WeightMismatchError', message: expect.stringMatching(/another lm_head\.weight/) as string });
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
