import { lensLines } from '../../../../src/editor/experiment-language/lens-lines';

test('a study and its variants, each on the line of its key', () => {
  const text = '# a comment: study: no\nname: a\n"study":\n  type: scale\nvariants:\n\n  quick: { study: { seeds: [0] } }\n  007: {}\n';
  expect(lensLines(text)).toEqual({ study: 2, variants: [{ variant: 'quick', line: 6, isStudy: true }, { variant: '7', line: 7, isStudy: true }] });
});

test('a variant makes a study of a file that is none', () => {
  expect(lensLines('name: a\nvariants:\n  plain:\n    seed: 1\n  hard:\n    study: { type: scale }\n')).toEqual({ study: null, variants: [{ variant: 'plain', line: 2, isStudy: false }, { variant: 'hard', line: 4, isStudy: true }] });
});

test('a file that is wrong, or half written', () => {
  expect(lensLines('')).toEqual({ study: null, variants: [] });
  expect(lensLines('study: [\nvariants: 3\n').variants).toEqual([]);
  expect(lensLines('variants:\n  quick:\n')).toEqual({ study: null, variants: [{ variant: 'quick', line: 1, isStudy: false }] });
});
