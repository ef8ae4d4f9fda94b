import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { openBackend, type OpenBackend } from '../../../../../src/trainer/backend/backend';
import type { Generation, LanguageModel } from '../../../../../src/trainer/models/language-model';
import { openLanguageEnsemble } from '../../../../../src/trainer/models/language/ensemble';
import { openExpert } from '../../../../../src/trainer/models/language/open';
import { openLanguageSoup } from '../../../../../src/trainer/models/language/soup';
import { fixtures, modelDirectory } from './fixtures';

jest.setTimeout(120_000);
const base = modelDirectory('llama3');
const adapter = path.join(fixtures, 'adapters', 'llama3');
const prompts = [[2, 3, 4], [7], [9, 8, 7, 6]];
let backend: OpenBackend;
let folder: string;
beforeAll(async () => {
  backend = await openBackend('cpu');
  folder = await mkdtemp(path.join(tmpdir(), 'ensemble-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** The adapter with its change of the weights multiplied. */
async function scaled(factor: number): Promise<string> {
  const directory = path.join(folder, `scaled-${factor}`);
  await cp(adapter, directory, { recursive: true });
  const file = path.join(directory, 'adapter_config.json');
  const config = JSON.parse(await readFile(file, 'utf8')) as { lora_alpha: number; alpha_pattern: Record<string, number> };
  const patterns = Object.fromEntries(Object.entries(config.alpha_pattern).map(([name, alpha]) => [name, factor * alpha]));
  await writeFile(file, JSON.stringify({ ...config, lora_alpha: factor * config.lora_alpha, alpha_pattern: patterns }));
  return directory;
}

/** Logits before each generated token, by the network that gradients go through: [tokens][vocabulary]. */
function logitsBefore(model: LanguageModel, { prompt, tokens }: Generation): number[][] {
  const all = Int32Array.of(...prompt, ...tokens);
  const logits = backend.tf.tidy(() => model.forward({ batch: 1, time: all.length, tokens: all, attention: new Int32Array(all.length).fill(1) }).arraySync()[0]!);
  return logits.slice(prompt.length - 1, -1);
}
function logSoftmax(logits: readonly number[]): number[] {
  const top = Math.max(...logits);
  const norm = top + Math.log(logits.reduce((sum, value) => sum + Math.exp(value - top), 0));
  return logits.map((value) => value - norm);
}

test.each([{ temperature: 1, seed: 3 }, { temperature: 0 }])('it writes what the weighted mean of the logits says, and is as far from the soup as KL says: %j', async (sampling) => {
  const experts = [adapter, base];
  const soup = await openLanguageSoup(backend, base, experts, 'delta');
  const ensemble = await openLanguageEnsemble(backend, base, experts, soup);
  const models = await Promise.all(experts.map((expert) => openExpert(backend, base, expert)));
  const weights = [0.3, 0.7];
  soup.blend(weights);
  const generations = await ensemble.generate(weights, prompts, { maxNewTokens: 8, minNewTokens: 8, ...sampling });
  for (const generation of generations) {
    const [first, second] = models.map((model) => logitsBefore(model, generation));
    const soups = logitsBefore(soup.model, generation).map(logSoftmax);
    for (const [t, token] of generation.tokens.entries()) {
      const mixed = first![t]!.map((value, v) => 0.3 * value + 0.7 * second![t]![v]!);
      const own = logSoftmax(mixed);
      expect(generation.logProbabilities[t]!).toBeCloseTo(own[token]!, 4);
      expect(generation.kl![t]!).toBeCloseTo(soups[t]!.reduce((sum, log, v) => sum + Math.exp(log) * (log - own[v]!), 0), 4);
      // 1 is the end of text, which may not come before eight tokens
      if (sampling.temperature === 0) expect(mixed[token]).toBeCloseTo(Math.max(...mixed.filter((_, v) => v !== 1)), 4);
    }
  }
  expect(Math.max(...generations.flatMap(({ kl }) => [...kl!]))).toBeGreaterThan(1e-3);
  for (const model of models) model.dispose();
  ensemble.dispose();
  soup.dispose();
});

test('λ = eᵢ is expert i: the same tokens, and no KL', async () => {
  const experts = [adapter, base];
  const soup = await openLanguageSoup(backend, base, experts, 'delta');
  const ensemble = await openLanguageEnsemble(backend, base, experts, soup);
  for (const [index, expert] of experts.entries()) {
    const weights = experts.map((_, at) => Number(at === index));
    soup.blend(weights);
    const alone = await openExpert(backend, base, expert);
    const settings = { maxNewTokens: 12, seed: 5, samples: 2 };
    const generations = await ensemble.generate(weights, prompts, settings);
    expect(generations.map(({ tokens }) => [...tokens])).toEqual((await alone.generate(prompts, settings)).map(({ tokens }) => [...tokens]));
    for (const { kl } of generations) for (const value of kl!) expect(Math.abs(value)).toBeLessThan(1e-5);
    alone.dispose();
  }
  ensemble.dispose();
  soup.dispose();
});

test('soup and ensemble agree to first order: half the distance, a sixteenth of the KL', async () => {
  const kl = async (factor: number) => {
    const experts = [await scaled(factor), base];
    const soup = await openLanguageSoup(backend, base, experts, 'delta');
    const ensemble = await openLanguageEnsemble(backend, base, experts, soup);
    soup.blend([0.5, 0.5]);
    const generations = await ensemble.generate([0.5, 0.5], prompts, { maxNewTokens: 1 });
    ensemble.dispose();
    soup.dispose();
    return generations.reduce((sum, generation) => sum + generation.kl![0]!, 0);
  };
  const order = Math.log2((await kl(0.2)) / (await kl(0.1)));
  expect(order).toBeGreaterThan(3.5);
  expect(order).toBeLessThan(4.5);
});
