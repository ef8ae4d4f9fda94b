import { textMetrics } from '../../../../src/experiment/text-metrics';
import type { TextSample } from '../../../../src/trainer/metrics/metric';
import { builtinMetrics } from '../../../../src/trainer/metrics/registry';

const sample = (text: string, rest: Partial<TextSample> = {}): TextSample => ({
  prompt: '', text, references: [], source: null, tokenCount: 0, logProbabilities: [], referenceLogProbabilities: [], ...rest,
});
const measure = (name: keyof typeof textMetrics, text: string, rest: Partial<TextSample> = {}) => builtinMetrics[name].open([])(sample(text, rest));

test('readability: a sentence whose scores are published, and two counted by hand', () => {
  // from the article on the Flesch–Kincaid tests in Wikipedia
  expect(measure('flesch', 'The cat sat on the mat.')).toBeCloseTo(116.145, 3);
  expect(measure('flesch_kincaid', 'The cat sat on the mat.')).toBeCloseTo(-1.45, 2);
  expect(measure('flesch', 'It is a test. We do it!')).toBeCloseTo(206.835 - 1.015 * 3.5 - 84.6, 9);
  expect(measure('flesch', ' …')).toBe(0);
});

test('sentiment: the examples of the authors', () => {
  // README of vaderSentiment, and of the Python package afinn
  expect(measure('vader', 'VADER is smart, handsome, and funny.')).toBe(0.8316);
  expect(measure('vader', 'VADER is not smart, handsome, nor funny.')).toBe(-0.7424);
  expect(measure('vader', 'Today SUX!')).toBe(-0.5461);
  expect(measure('vader', '')).toBe(0);
  expect(measure('afinn', 'This is utterly excellent!')).toBe(3 / 4);
  expect(measure('afinn', 'constructor of nothing')).toBe(0);
});

test('repetition and variety of words', () => {
  expect(measure('distinct1', 'a b a b')).toBe(0.5);
  expect(measure('distinct2', 'a b a b')).toBe(2 / 3);
  // 6 four-grams, 2 of them new: (a b a b), (b a b a)
  expect(measure('repetition', 'a b a b a b a b a')).toBeCloseTo(4 / 6, 12);
  expect(measure('repetition', 'too short')).toBe(0);
});

test('lengths', () => {
  expect(measure('length', 'x', { tokenCount: 7 })).toBe(7);
  expect(measure('words', ' two  words\n')).toBe(2);
  expect(measure('characters', 'né 🍜')).toBe(4);
});

test('perplexity and KL come from the log-probabilities of the tokens', () => {
  const likelihoods = { logProbabilities: [Math.log(0.5), Math.log(0.8)], referenceLogProbabilities: [Math.log(0.25), Math.log(0.25)] };
  expect(measure('perplexity', 'x', likelihoods)).toBeCloseTo(4, 12);
  expect(measure('kl', 'x', likelihoods)).toBeCloseTo(Math.log(2) + Math.log(3.2), 12);
  expect(measure('perplexity', '')).toBe(1);
});

test('an empty continuation has a finite value of every metric', () => {
  for (const name of Object.keys(textMetrics) as (keyof typeof textMetrics)[]) expect([name, Number.isFinite(measure(name, '', { references: ['a b'], source: 'a b' }))]).toEqual([name, true]);
});
