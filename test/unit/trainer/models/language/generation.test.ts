import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { openBackend } from '../../../../../src/trainer/backend/backend';
import type { Architecture } from '../../../../../src/architecture/architecture';
import type { GenerationSettings, LanguageModel } from '../../../../../src/trainer/models/language-model';
import { openLanguageModel } from '../../../../../src/trainer/models/language/open';
import type { Predictor } from '../../../../../src/trainer/models/language/generation/decoder';
import { Generator } from '../../../../../src/trainer/models/language/generation/generator';
import { chooseToken, type SamplingSettings } from '../../../../../src/trainer/models/language/generation/sampling';
import { RandomStream } from '../../../../../src/trainer/random';
import { fixtures, modelDirectory } from './fixtures';

const plain: SamplingSettings = { temperature: 1, topK: 0, topP: 1, repetitionPenalty: 1 };
const logits = Float32Array.of(1, 3, 2, 0, -1, 2.5);

/** Shares of the tokens among many draws. */
function shares(settings: Partial<SamplingSettings>, seen: number[] = [], suppressed: number[] = []): number[] {
  const random = RandomStream.of(1, 0);
  const exponentials = logits.map((value) => Math.exp(value - 3));
  const sum = exponentials.reduce((total, value) => total + value, 0);
  const counts = new Array<number>(logits.length).fill(0);
  const draws = 20_000;
  for (let i = 0; i < draws; i++) counts[chooseToken({ logits, exponentials: exponentials.slice(), sum }, { ...plain, ...settings }, new Set(seen), suppressed, random)]!++;
  return counts.map((count) => count / draws);
}

function softmax(values: readonly number[]): number[] {
  const weights = values.map(Math.exp);
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return weights.map((weight) => weight / sum);
}

const out = -Infinity;
test.each([
  ['as it is', {}, [], [], softmax([...logits])],
  ['a temperature', { temperature: 0.5 }, [], [], softmax([2, 6, 4, 0, -2, 5])],
  ['top-k', { topK: 2 }, [], [], softmax([out, 3, out, out, out, 2.5])],
  // 0.476, 0.289, 0.175 …: the third reaches 0.9
  ['top-p', { topP: 0.9 }, [], [], softmax([out, 3, 2, out, out, 2.5])],
  ['top-p below the most likely', { topP: 0.1 }, [], [], softmax([out, 3, out, out, out, out])],
  ['top-k and top-p after the temperature', { topK: 3, topP: 0.7, temperature: 2 }, [], [], softmax([out, 1.5, out, out, out, 1.25])],
  ['a repetition penalty', { repetitionPenalty: 2 }, [1, 4], [], softmax([1, 1.5, 2, 0, -2, 2.5])],
  ['suppressed tokens', {}, [], [1, 5], softmax([1, out, 2, 0, -1, out])],
] as const)('sampling with %s follows its distribution', (_, settings, seen, suppressed, expected) => {
  const found = shares(settings, [...seen], [...suppressed]);
  // five standard errors of 20,000 draws
  found.forEach((share, token) => expect(Math.abs(share - expected[token]!)).toBeLessThan(5 * Math.sqrt((expected[token]! * (1 - expected[token]!)) / 20_000) + 1e-9));
});

test('top-k keeps all that equal the k-th, as transformers does', () => {
  const tied = Float32Array.of(1, 2, 1, 0, 1);
  const exponentials = tied.map(Math.exp);
  const random = RandomStream.of(1, 0);
  const drawn = new Set(Array.from({ length: 200 }, () => chooseToken({ logits: tied, exponentials, sum: 1 }, { ...plain, topK: 2 }, new Set(), [], random)));
  expect([...drawn].sort()).toEqual([0, 1, 2, 4]);
});

describe('a model', () => {
  let model: LanguageModel;
  beforeAll(async () => {
    model = await openLanguageModel(await openBackend('cpu'), modelDirectory('llama3'));
  });
  const sample = async (settings: Partial<GenerationSettings>, prompts: (string | number[])[] = [[2, 3, 4], [7], [9, 8]]): Promise<number[][]> =>
    (await model.generate(prompts, { maxNewTokens: 10, minNewTokens: 10, ...settings })).map(({ tokens }) => [...tokens]);

  test('a seed repeats, whatever is computed beside it', async () => {
    const all = await sample({ seed: 4, samples: 3 });
    expect(await sample({ seed: 4, samples: 3, batch: 2 })).toEqual(all);
    expect(await sample({ seed: 5, samples: 3 })).not.toEqual(all);
    expect(new Set(all.map(String)).size).toBe(9);
  });

  test('text goes in and out; a stop string ends it and is cut off', async () => {
    const [free] = await model.generate(['t2 t3'], { maxNewTokens: 8, minNewTokens: 8, seed: 1 });
    expect([...free!.prompt]).toEqual([2, 3]);
    // 0 is <s>, which no text shows
    expect(free!.text).toBe([...free!.tokens].filter((token) => token !== 0).map((token) => `t${token}`).join(' '));
    const words = free!.text.split(' ');
    const [stopped] = await model.generate(['t2 t3'], { maxNewTokens: 8, minNewTokens: 8, seed: 1, stop: [words[3]!] });
    const first = free!.tokens.indexOf(Number(words[3]!.slice(1)));
    expect(stopped).toMatchObject({ ended: 'stop', text: free!.text.slice(0, free!.text.indexOf(words[3]!)) });
    expect(stopped!.tokens).toEqual(free!.tokens.slice(0, first + 1));
  });

  test('stop strings end generations where transformers ends them, in texts with broken characters too', async () => {
    const directory = path.join(fixtures, 'stops');
    const cases = JSON.parse(await readFile(path.join(directory, 'cases.json'), 'utf8')) as readonly { readonly prompt: readonly number[]; readonly stop: readonly string[]; readonly tokens: readonly number[]; readonly text: string }[];
    const stopping = await openLanguageModel(await openBackend('wasm'), directory);
    for (const { prompt, stop, tokens, text } of cases) {
      const [own] = await stopping.generate([prompt], { maxNewTokens: 24, temperature: 0, repetitionPenalty: 1.5, stop });
      const cuts = stop.map((each) => text.indexOf(each)).filter((at) => at >= 0);
      expect({ stop, tokens: [...own!.tokens], text: own!.text }).toEqual({ stop, tokens, text: text.slice(0, Math.min(text.length, ...cuts)) });
    }
    stopping.dispose();
  });

  test('a stop string is found across tokens that give no text', async () => {
    // 0 is <s>, which no text shows
    const written = [4, 5, ...new Array<number>(12).fill(0), 6, 7];
    let next = 0;
    const predictor: Predictor<null> = {
      refresh: () => Promise.resolve(),
      scoped: (work) => work(),
      createCache: () => null,
      copyCache: () => undefined,
      run: () => {
        const logits = new Float32Array(50);
        logits[written[next++]!] = 9;
        return { logits, exponentials: logits.map((logit) => Math.exp(logit - 9)), maxima: Float32Array.of(9), sums: Float32Array.of(1) };
      },
    };
    const generator = new Generator({ vocabularySize: 50, contextLength: 64 } as Architecture, predictor, { endTokens: [] }, model.tokenizer);
    const [generation] = await generator.generate([[2]], { maxNewTokens: 16, temperature: 0, stop: ['t5 t6'] });
    expect(generation).toMatchObject({ ended: 'stop', text: 't4 ', tokens: Int32Array.from(written.slice(0, 15)) });
  });

  test('the end of text ends a generation, and not before minNewTokens', async () => {
    const results = await model.generate([[2, 3]], { maxNewTokens: 40, samples: 60, seed: 2, temperature: 3 });
    const ended = results.filter((result) => result.ended === 'end of text');
    expect(ended.length).toBeGreaterThan(0);
    for (const { tokens, text } of ended) {
      expect(tokens.indexOf(1)).toBe(tokens.length - 1);
      expect(text.split(' ').filter(Boolean)).toHaveLength(tokens.filter((token) => token > 1).length);
    }
    const forced = await model.generate([[2, 3]], { maxNewTokens: 12, minNewTokens: 12, samples: 60, seed: 2, temperature: 3 });
    expect(forced.every(({ tokens, ended: how }) => tokens.length === 12 && how === 'length' && !tokens.subarray(0, 11).includes(1))).toBe(true);
  });

  test.each([
    [{ maxNewTokens: 0 }, 'InvalidGenerationSettingError', /maxNewTokens/],
    [{ maxNewTokens: 5, topP: 0 }, 'InvalidGenerationSettingError', /topP/],
    [{ maxNewTokens: 5, temperature: -1 }, 'InvalidGenerationSettingError', /temperature/],
    [{ maxNewTokens: 63 }, 'SequenceTooLongError', /65 tokens.*context of 64/],
  ] as const)('%j is refused', async (settings, name, message) => {
    await expect(model.generate([[2, 3]], settings)).rejects.toMatchObject({ name, isInput: true, message: expect.stringMatching(message) as string });
  });

  test('tokens that the model does not have are refused', async () => {
    await expect(model.generate([[2, 50]], { maxNewTokens: 1 })).rejects.toMatchObject({ name: 'UnknownTokenError' });
    expect(() => model.forward({ batch: 1, time: 1, tokens: Int32Array.of(-1), attention: Int32Array.of(1) })).toThrow(expect.objectContaining({ name: 'UnknownTokenError' }) as Error);
  });
});
