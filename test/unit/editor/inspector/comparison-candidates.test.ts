import path from 'node:path';
import type { CheckpointSummary } from '../../../../src/editor/checkpoint-tree/checkpoint-summary';
import { comparisonCandidates } from '../../../../src/editor/inspector/comparison-candidates';

const checkpoint = (place: string, change: Partial<CheckpointSummary> = {}): CheckpointSummary => ({
  path: path.resolve('/w', place), storage: 'directory', role: 'expert', name: place, objective: null, scores: {}, errors: {}, step: null, weights: null, dtypes: ['F32'], tensors: 2,
  parameters: 10, sizeBytes: 40, baseHash: null, fingerprint: 'f', architecture: null, family: null, rank: null, sample: null, format: 'safetensors', modifiedMs: 0, ...change,
});
const ranking = (of: CheckpointSummary, others: readonly CheckpointSummary[]) => comparisonCandidates(of, others).map(({ summary, reason }) => [path.relative(path.resolve('/w'), summary.path).replaceAll(path.sep, '/'), reason]);

const known = { baseHash: 'h' };
const expected = [
  ['runs/one/experts/b2', 'same base and shapes, same run'],
  ['runs/one/experts/b10', 'same base and shapes, same run'],
  ['runs/one/base', 'same base and shapes, same run'],
  ['runs/two/experts/a', 'same base and shapes'],
  ['loose', 'same shapes'],
  ['stranger', 'same shapes, another base'],
  ['runs/one/soups/cut', 'same base, other shapes, same run'],
  ['elsewhere', 'other shapes'],
];
const others = [
  checkpoint('elsewhere', { fingerprint: 'g' }),
  checkpoint('stranger', { baseHash: 'other' }),
  checkpoint('runs/two/experts/a', known),
  checkpoint('runs/one/soups/cut', { ...known, fingerprint: 'g' }),
  checkpoint('runs/one/experts/b10', known),
  checkpoint('loose'),
  checkpoint('runs/one/base', { role: 'base' }), // its hash is known from the experts that name it
  checkpoint('runs/one/experts/b2', known),
];

test('what fits best comes first, and says why, whatever the order before', () => {
  const expert = checkpoint('runs/one/experts/a', known);
  expect(ranking(expert, others)).toEqual(expected);
  expect(ranking(expert, [...others].reverse())).toEqual(expected);
});

test('where no base is known, shapes decide, then the run', () => {
  expect(ranking(checkpoint('runs/one/experts/a'), [checkpoint('b'), checkpoint('runs/one/experts/c'), checkpoint('a', { fingerprint: 'g' })])).toEqual([['runs/one/experts/c', 'same shapes, same run'], ['b', 'same shapes'], ['a', 'other shapes']]);
});

test('adapters share the base that their configs name; a full model of that type does not', () => {
  const adapter = (place: string, family: string, fingerprint = 'f') => checkpoint(place, { storage: 'adapter', family, fingerprint });
  const found = ranking(adapter('a', 'org/model'), [adapter('b', 'org/other'), adapter('c', 'org/model', 'rank 8'), adapter('d', 'org/model'), checkpoint('e', { family: 'org/model', fingerprint: 'full' })]);
  expect(found).toEqual([['d', 'same base and shapes'], ['b', 'same shapes, another base'], ['c', 'same base, other shapes'], ['e', 'other shapes']]);
});
