import { mkdtemp } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { trainBytePairs, writeBytePairTokenizer } from '../../../../../src/trainer/models/language/byte-pair-encoding';
import { openTokenizer, type LanguageTokenizer } from '../../../../../src/trainer/models/language/tokenizer';

async function train(texts: string[], size: number): Promise<LanguageTokenizer> {
  const directory = await mkdtemp(path.join(os.tmpdir(), 'bpe-'));
  await writeBytePairTokenizer(directory, trainBytePairs(texts, size, ['<|endoftext|>']));
  return openTokenizer(directory);
}

test('merges are the most frequent pairs, in order, by hand', () => {
  // ab ×5 (abab twice, ab once), then abab ×2; ' x' never reaches two
  const { tokens, merges } = trainBytePairs(['abab', 'abab', 'ab', ' x'], 400, []);
  expect(merges).toEqual([['a', 'b'], ['ab', 'ab']]);
  expect(tokens.slice(256)).toEqual(['ab', 'abab']);
});

test('a trained tokenizer stays within its size and shortens what it has seen', async () => {
  const text = 'the cat sat on the mat and the dog sat on the log. '.repeat(20);
  const tokenizer = await train([text], 270);
  expect(tokenizer.vocabularySize).toBe(270);
  expect(tokenizer).toMatchObject({ beginToken: 0, endToken: 0, paddingToken: 0 });
  expect(tokenizer.encode(text).length).toBeLessThan(text.length / 2);
});

test('any text comes back as it was', async () => {
  const tokenizer = await train(['the cat sat on the mat', 'Ωmega и кириллица'], 300);
  fc.assert(fc.property(fc.string({ unit: 'grapheme' }), (text) => {
    expect(tokenizer.decode(tokenizer.encode(text))).toBe(text);
  }));
});
