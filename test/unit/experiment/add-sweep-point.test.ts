import { parse } from 'yaml';
import { sweepPointInsertion } from '../../../src/experiment/add-sweep-point';

const added = (text: string, variant: string | null = null): string => {
  const { offset, text: inserted } = sweepPointInsertion(text, { a: 0.35, b: 0.65 }, variant);
  return text.slice(0, offset) + inserted + text.slice(offset);
};

test.each([
  ['no sweep', 'name: x\ncheck: { alpha: 0.1 }\n', {}],
  ['no newline at the end', 'name: x', {}],
  ['an empty flow map', 'sweep: {}\nname: x\n', {}],
  ['a flow map', 'sweep: { grid: 5, samples: 8 } # as in the paper\nname: x\n', { grid: 5, samples: 8 }],
  ['a block map', 'sweep:\n  grid: 5\n  samples: 8 # few\n\n# next\nname: x\n', { grid: 5, samples: 8 }],
  ['a block map at the end', 'name: x\nsweep:\n    grid: 5', { grid: 5 }],
  ['a block map that ends in a map', 'sweep:\n  grid: 5\n  search:\n    budget: 4\nname: x\n', { grid: 5, search: { budget: 4 } }],
])('%s: the point comes in, and everything else stays', (_, text, sweep) => {
  const result = added(text);
  expect(parse(result)).toEqual({ ...(parse(text) as object), sweep: { ...sweep, points: [{ a: 0.35, b: 0.65 }] } });
  for (const line of text.split('\n').filter((candidate) => !candidate.startsWith('sweep:'))) expect(result.split('\n')).toContain(line);
});

test.each([
  ['a flow list', 'sweep: { points: [{ a: 1 }] }\n'],
  ['an empty list', 'sweep:\n  points: []\n'],
  ['a block list', 'sweep:\n  points:\n    - { a: 1 } # all of a\n    - a: 0.5\n      b: 0.5\n  grid: 3\n'],
  ['a block list without indent', 'sweep:\n  points:\n  - { a: 1 }\nname: x\n'],
])('%s: the point is its last', (_, text) => {
  const before = (parse(text) as { sweep: { points: object[] } }).sweep;
  expect((parse(added(text)) as { sweep: object }).sweep).toEqual({ ...before, points: [...before.points, { a: 0.35, b: 0.65 }] });
});

test('a variant with points of its own gets it; another one has those of the file', () => {
  const text = 'sweep: { grid: 3 }\nvariants:\n  quick:\n    sweep: { points: [{ a: 1 }] }\n  full:\n    sweep: { grid: 9 }\n';
  expect(parse(added(text, 'quick'))).toMatchObject({ sweep: { grid: 3 }, variants: { quick: { sweep: { points: [{ a: 1 }, { a: 0.35, b: 0.65 }] } } } });
  expect(parse(added(text, 'full'))).toMatchObject({ sweep: { grid: 3, points: [{ a: 0.35, b: 0.65 }] } });
});
