import { mkdtemp, readFile, cp, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { Scalar } from '@tensorflow/tfjs';
import { openCheckpoint } from '../../../../../src/checkpoint/checkpoint';
import { openBackend, type OpenBackend } from '../../../../../src/trainer/backend/backend';
import { FusedAdam } from '../../../../../src/trainer/backend/fused-adam';
import type { LanguageModel, TokenBatch } from '../../../../../src/trainer/models/language-model';
import { openLanguageModel } from '../../../../../src/trainer/models/language/open';
import { openLanguageSoup } from '../../../../../src/trainer/models/language/soup';
import { fixtures, largestDifference, modelDirectory, readBatch, readNumbers } from './fixtures';

const adapterDirectory = (name: string): string => path.join(fixtures, 'adapters', name);
const temporary = (): Promise<string> => mkdtemp(path.join(os.tmpdir(), 'adapter-'));
const settings = { rank: 2, alpha: 4, targets: ['q_proj', 'o_proj'] };

function logits(model: LanguageModel, batch: TokenBatch): Float32Array {
  const tensor = model.forward(batch);
  const values = tensor.dataSync<'float32'>();
  tensor.dispose();
  return values;
}

async function batchOf(name: string): Promise<TokenBatch> {
  return readBatch(path.join(modelDirectory(name), 'expected.safetensors'));
}

/** A few steps on the batch's own likelihood, so that B is no longer zero. */
function train({ tf }: OpenBackend, model: LanguageModel, batch: TokenBatch, steps: number, dropoutSeed?: number): void {
  const optimizer = new FusedAdam(tf, model.trainable, { learningRate: 0.05 });
  for (let step = 0; step < steps; step++) optimizer.minimize(() => tf.neg(tf.mean(model.score(batch, undefined, dropoutSeed === undefined ? undefined : dropoutSeed + step).logProbabilities)) as Scalar);
  optimizer.dispose();
}

test.each(['gpt2', 'llama3'])('an adapter of PEFT on %s gives its logits here, merged, trained further and generating', async (name) => {
  const backend = await openBackend('wasm');
  const expected = path.join(adapterDirectory(name), 'expected.safetensors');
  const batch = await readBatch(expected);
  const isReal = (i: number): boolean => batch.attention[Math.floor(i / 50)] === 1;
  for (const trainable of ['none', 'adapter'] as const) {
    const model = await openLanguageModel(backend, modelDirectory(name), { adapter: adapterDirectory(name), trainable });
    expect(largestDifference(logits(model, batch), await readNumbers(expected, 'logits'), isReal)).toBeLessThan(1e-4);
    const greedy = await readNumbers(expected, 'greedy');
    const [generation] = await model.generate([batch.tokens.subarray(12, 24)], { maxNewTokens: 8, minNewTokens: 8, temperature: 0, repetitionPenalty: 1.3 });
    expect([...generation!.tokens]).toEqual([...greedy.subarray(32, 40)]);
    model.dispose();
  }
});

test('a new adapter changes nothing; trained, it moves the policy but not the reference, and comes back from disk bit for bit', async () => {
  const backend = await openBackend('wasm');
  const batch = await batchOf('llama3');
  const base = await openLanguageModel(backend, modelDirectory('llama3'));
  const model = await openLanguageModel(backend, modelDirectory('llama3'), { trainable: settings, seed: 5 });
  const before = logits(base, batch);
  expect(logits(model, batch)).toEqual(before);
  const opened = base.score(batch).logProbabilities.dataSync();
  const generatedBefore = (await model.generate([[2, 3]], { maxNewTokens: 6, minNewTokens: 6, temperature: 0 }))[0]!;
  train(backend, model, batch, 6);
  expect(largestDifference(logits(model, batch), before)).toBeGreaterThan(0.1);
  expect(largestDifference(model.referenceLogProbabilities(batch).dataSync(), opened)).toBeLessThan(1e-6);
  // the cache follows the weights
  const generated = (await model.generate([[2, 3]], { maxNewTokens: 6, minNewTokens: 6, temperature: 0 }))[0]!;
  expect(largestDifference(generated.logProbabilities, generatedBefore.logProbabilities)).toBeGreaterThan(1e-3);
  const directory = await temporary();
  await model.save(directory, { 'soup.name': 'brief' });
  const again = await openLanguageModel(backend, modelDirectory('llama3'), { adapter: directory, trainable: 'adapter' });
  expect(logits(again, batch)).toEqual(logits(model, batch));
  expect(largestDifference(again.referenceLogProbabilities(batch).dataSync(), model.score(batch).logProbabilities.dataSync())).toBeLessThan(1e-6);
  const merged = await openLanguageModel(backend, modelDirectory('llama3'), { adapter: directory });
  expect(largestDifference(logits(merged, batch), logits(model, batch))).toBeLessThan(1e-5);
  const checkpoint = await openCheckpoint(directory);
  expect(checkpoint.kind).toBe('adapter');
  expect(checkpoint.metadata).toMatchObject({ 'soup.name': 'brief', 'soup.base_sha256': expect.stringMatching(/^[0-9a-f]{64}$/) });
  expect(checkpoint.config).toMatchObject({ peft_type: 'LORA', task_type: 'CAUSAL_LM', r: 2, lora_alpha: 4, target_modules: ['o_proj', 'q_proj'], use_rslora: false, fan_in_fan_out: false, bias: 'none' });
  for (const each of [base, model, again, merged]) each.dispose();
});

test('snapshots come back bit for bit, and one that does not fit changes nothing', async () => {
  const backend = await openBackend('wasm');
  const batch = await batchOf('gpt2');
  const model = await openLanguageModel(backend, modelDirectory('gpt2'), { trainable: 'full', hasValueHead: true });
  const snapshot = await model.snapshot();
  const before = logits(model, batch);
  train(backend, model, batch, 2);
  const after = logits(model, batch);
  expect(largestDifference(after, before)).toBeGreaterThan(0.01);
  expect(() => model.restore(snapshot.slice(1))).toThrow(expect.objectContaining({ name: 'WeightMismatchError' }) as Error);
  expect(logits(model, batch)).toEqual(after);
  model.restore(snapshot);
  expect(logits(model, batch)).toEqual(before);
  model.dispose();
});

test('a whole model that was trained is saved as transformers names it, tied head once', async () => {
  const backend = await openBackend('wasm');
  const batch = await batchOf('qwen2');
  const model = await openLanguageModel(backend, modelDirectory('qwen2'), { trainable: 'full' });
  train(backend, model, batch, 2);
  const directory = await temporary();
  await model.save(directory);
  const names = (await openCheckpoint(modelDirectory('qwen2'))).tensors;
  expect(new Set((await openCheckpoint(directory)).tensors.keys())).toEqual(new Set(names.keys()));
  const again = await openLanguageModel(backend, directory);
  expect(logits(again, batch)).toEqual(logits(model, batch));
  model.dispose();
  again.dispose();
});

test('dropout depends on its seed alone, and is off without one', async () => {
  const backend = await openBackend('wasm');
  const batch = await batchOf('llama3');
  const trained = await Promise.all([1, 1, 2].map(async (seed) => {
    const model = await openLanguageModel(backend, modelDirectory('llama3'), { trainable: { ...settings, dropout: 0.5 }, seed: 5 });
    train(backend, model, batch, 3, seed * 100);
    const result = { values: logits(model, batch), again: logits(model, batch) };
    model.dispose();
    return result;
  }));
  expect(trained[0]!.values).toEqual(trained[1]!.values);
  expect(trained[0]!.values).toEqual(trained[0]!.again);
  expect(largestDifference(trained[0]!.values, trained[2]!.values)).toBeGreaterThan(1e-4);
});

describe('soups', () => {
  async function experts(backend: OpenBackend): Promise<string[]> {
    const batch = await batchOf('llama3');
    return Promise.all([1, 2].map(async (steps) => {
      const model = await openLanguageModel(backend, modelDirectory('llama3'), { trainable: settings, seed: 5 });
      train(backend, model, batch, 3 * steps);
      const directory = await temporary();
      await model.save(directory);
      model.dispose();
      return directory;
    }));
  }

  test('λ = eᵢ is expert i, and delta space interpolates ΔW', async () => {
    const backend = await openBackend('wasm');
    const batch = await batchOf('llama3');
    const directories = await experts(backend);
    const alone = await Promise.all(directories.map((adapter) => openLanguageModel(backend, modelDirectory('llama3'), { adapter })));
    for (const space of ['delta', 'factor'] as const) {
      const soup = await openLanguageSoup(backend, modelDirectory('llama3'), directories, space);
      for (const [i, expert] of alone.entries()) {
        soup.blend([i === 0 ? 1 : 0, i === 1 ? 1 : 0]);
        expect(largestDifference(logits(soup.model, batch), logits(expert, batch))).toBeLessThan(1e-5);
      }
      soup.dispose();
    }
    alone.forEach((model) => model.dispose());
  });

  test('half and half: the mean of both weights in delta space; factor space adds the quarter of a cross term', async () => {
    const backend = await openBackend('cpu');
    const directories = await experts(backend);
    const name = 'model.layers.0.self_attn.q_proj';
    const factors = await Promise.all(directories.map(async (directory) => Promise.all(['A', 'B'].map((factor) => readNumbers(path.join(directory, 'adapter_model.safetensors'), `base_model.model.${name}.lora_${factor}.weight`)))));
    const base = await readNumbers(path.join(modelDirectory('llama3'), 'model.safetensors'), `${name}.weight`);
    const scale = 4 / 2;
    const product = (a: ArrayLike<number>, b: ArrayLike<number>, out: number, i: number): number => [0, 1].reduce((sum, k) => sum + b[out * 2 + k]! * a[k * 16 + i]!, 0);
    for (const space of ['delta', 'factor'] as const) {
      const soup = await openLanguageSoup(backend, modelDirectory('llama3'), directories, space);
      soup.blend([0.5, 0.5]);
      const weight = (soup.model as unknown as { readonly base: ReadonlyMap<string, { dataSync(): Float32Array }> }).base.get(`${name}.weight`)!.dataSync();
      const means = [0, 1].map((factor) => Float64Array.from(factors[0]![factor]!, (value, i) => (value + factors[1]![factor]![i]!) / 2));
      const expected = Float64Array.from(base, (value, at) => {
        const [out, i] = [Math.floor(at / 16), at % 16];
        const delta = space === 'delta' ? (product(factors[0]![0]!, factors[0]![1]!, out, i) + product(factors[1]![0]!, factors[1]![1]!, out, i)) / 2 : product(means[0]!, means[1]!, out, i);
        return value + scale * delta;
      });
      expect(largestDifference(weight, expected)).toBeLessThan(1e-6);
      soup.dispose();
    }
  });
});

describe('named errors', () => {
  async function altered(change: (config: Record<string, unknown>) => void): Promise<string> {
    const directory = await temporary();
    await cp(adapterDirectory('llama3'), directory, { recursive: true });
    const file = path.join(directory, 'adapter_config.json');
    const config = JSON.parse(await readFile(file, 'utf8')) as Record<string, unknown>;
    change(config);
    await writeFile(file, JSON.stringify(config));
    return directory;
  }

  test.each([
    ['an adapter of another architecture', 'gpt2', () => Promise.resolve(adapterDirectory('llama3')), 'AdapterMismatchError', /belongs to no layer of this gpt2 model/],
    ['an adapter of another size', 'qwen3', () => Promise.resolve(adapterDirectory('llama3')), 'AdapterMismatchError', /do not fit/],
    ['DoRA', 'llama3', () => altered((config) => (config.use_dora = true)), 'UnsupportedAdapterError', /use_dora/],
    ['a start that changed the base', 'llama3', () => altered((config) => (config.init_lora_weights = 'olora')), 'AdapterMismatchError', /olora, which changed its base/],
    ['other methods', 'llama3', () => altered((config) => (config.peft_type = 'IA3')), 'UnsupportedAdapterError', /IA3/],
  ] as const)('%s', async (_, base, adapter, name, message) => {
    const backend = await openBackend('cpu');
    const error = await openLanguageModel(backend, modelDirectory(base), { adapter: await adapter() }).catch((caught: unknown) => caught);
    expect(error).toMatchObject({ name, isInput: true, message: expect.stringMatching(message) as string });
  });

  test('an adapter that was trained here says on which base, and refuses another of the same shape', async () => {
    const backend = await openBackend('cpu');
    const model = await openLanguageModel(backend, modelDirectory('llama3'), { trainable: settings });
    const [adapter, other] = [await temporary(), await temporary()];
    await model.save(adapter);
    model.dispose();
    const whole = await openLanguageModel(backend, modelDirectory('llama3'), { trainable: 'full' });
    train(backend, whole, await batchOf('llama3'), 1);
    await whole.save(other);
    whole.dispose();
    await expect(openLanguageModel(backend, other, { adapter })).rejects.toMatchObject({ name: 'AdapterMismatchError', message: expect.stringMatching(/trained on the base with SHA-256/) as string });
  });

  test('targets that name no layer', async () => {
    const backend = await openBackend('cpu');
    await expect(openLanguageModel(backend, modelDirectory('gpt2'), { trainable: { rank: 2, alpha: 2, targets: ['q_proj'] } })).rejects.toMatchObject({ name: 'UnknownLoraTargetError', message: expect.stringMatching(/c_attn, c_proj, c_fc/) as string });
  });
});
