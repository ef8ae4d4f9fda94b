import { pointText, weightsText } from '../../../src/analysis/simplex';

test.each([
  [{ risky: 0.3, cautious: 0.7 }, 'risky 0.3, cautious 0.7'],
  [{ a: 1 / 3, b: 1 / 3, c: 1 / 3 }, 'a 0.3333, b 0.3333, c 0.3333'],
  [{ a: 0.0005, b: 0.9995 }, 'a 0.0005, b 0.9995'],
  [{ a: 0.2, b: 0.2, c: 0.2, d: 0.2, e: 0.2 }, 'a 0.2, b 0.2, c 0.2, d 0.2, e 0.2'],
  [{ a: 0, b: 1 }, 'b 1'],
  [{ a: -0.5, b: 1.5 }, 'a −0.5, b 1.5'],
  [{ a: 0.00002, b: 0.99998 }, 'a 0.00002, b 0.99998'],
  [{ a: 0, b: 0 }, '0'],
  [null, '–'],
])('%p reads as %p', (weights, text) => expect(weightsText(weights)).toBe(text));

test('soups are called by their λ, experts as it calls them, what else was trained by its name', () => {
  const weights = { a: 0.5, b: 0.5 };
  expect(['init', 'expert', 'soup', 'morl'].map((kind) => pointText({ kind, name: 'theirs', weights }))).toEqual(['theirs', 'theirs', 'a 0.5, b 0.5', 'theirs']);
  expect(pointText({ kind: 'expert', name: 'b 1', weights: { a: 0, b: 1 } })).toBe('b');
});
