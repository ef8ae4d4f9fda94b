import { readFileSync } from 'node:fs';
import path from 'node:path';
import { sentenceBleu } from '../../../../src/trainer/metrics/bleu';
import { ciderD } from '../../../../src/trainer/metrics/cider';
import { meteor } from '../../../../src/trainer/metrics/meteor';
import { bestRouge } from '../../../../src/trainer/metrics/rouge';
import { captionWords } from '../../../../src/trainer/metrics/words';

/** By rouge-score and pycocoevalcap; see make.py beside it. */
const fixture = JSON.parse(readFileSync(path.join(__dirname, '../../../fixtures/metrics/caption-pairs.json'), 'utf8')) as {
  readonly pairs: readonly { readonly text: string; readonly references: readonly string[] }[];
  readonly tokens: readonly string[];
  readonly rouge: Readonly<Record<'1' | '2' | 'L', Readonly<Record<'precision' | 'recall' | 'f1', readonly number[]>>>>;
  readonly bleu: readonly (readonly number[])[];
  readonly cider: readonly number[];
  readonly meteor: readonly number[];
};
const { pairs } = fixture;

/** Equal to the eight digits that the fixture keeps. */
function expectEqual(actual: readonly number[], expected: readonly number[]): void {
  expect(actual.length).toBe(expected.length);
  const wrong = actual.flatMap((value, index) => (Math.abs(value - expected[index]!) <= 1e-7 * Math.max(1e-4, Math.abs(expected[index]!)) ? [] : [{ text: pairs[index]?.text, value, expected: expected[index] }]));
  expect(wrong).toEqual([]);
}

test('there are 200 captions, and words are those of the Penn Treebank tokeniser', () => {
  expect(pairs).toHaveLength(200);
  expect(pairs.map(({ text }) => captionWords(text).join(' '))).toEqual(fixture.tokens);
});

test.each(['1', '2', 'L'] as const)('ROUGE-%s is that of rouge-score', (kind) => {
  const scores = pairs.map(({ text, references }) => bestRouge(text, references, kind));
  for (const of of ['precision', 'recall', 'f1'] as const) expectEqual(scores.map((score) => score[of]), fixture.rouge[kind][of]);
});

test('BLEU is that of pycocoevalcap, caption by caption', () => {
  const scores = pairs.map(({ text, references }) => sentenceBleu(text, references));
  for (let n = 0; n < 4; n++) expectEqual(scores.map((score) => score[n]!), fixture.bleu[n]!);
});

test('CIDEr-D is that of pycocoevalcap', () => {
  const score = ciderD(pairs.map(({ references }) => references));
  expectEqual(pairs.map(({ text, references }) => score(text, references)), fixture.cider);
});

test('METEOR is that of METEOR 1.5 with its matchers of words and stems', () => {
  expectEqual(pairs.map(({ text, references }) => meteor(text, references)), fixture.meteor);
});
