import path from 'node:path';
import type { CheckpointSummary } from '../../../../src/editor/checkpoint-tree/checkpoint-summary';
import { comparisonCandidates } from '../../../../src/editor/inspector/comparison-candidates';
import { checkpointAt } from '../checkpoint-tree/fixtures';

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
  checkpointAt('elsewhere', { fingerprint: 'g' }),
  checkpointAt('stranger', { baseHash: 'other' }),
  checkpointAt('runs/two/experts/a', known),
  checkpointAt('runs/one/soups/cut', { ...known, fingerprint: 'g' }),
  checkpointAt('runs/one/experts/b10', known),
  checkpointAt('loose'),
  checkpointAt('runs/one/base', { role: 'base' }), // its hash is known from the experts that name it
  checkpointAt('runs/one/experts/b2', known),
];

test('what fits best comes first, and says why, whatever the order before', () => {
  const expert = checkpointAt('runs/one/experts/a', known);
  expect(ranking(expert, others)).toEqual(expected);
  expect(ranking(expert, [...others].reverse())).toEqual(expected);
});

test('where no base is known, shapes decide, then the run', () => {
  expect(ranking(checkpointAt('runs/one/experts/a'), [checkpointAt('b'), checkpointAt('runs/one/experts/c'), checkpointAt('a', { fingerprint: 'g' })])).toEqual([['runs/one/experts/c', 'same shapes, same run'], ['b', 'same shapes'], ['a', 'other shapes']]);
});

test('adapters share the base that their configs name; a full model of that type does not', () => {
  const adapter = (place: string, family: string, fingerprint = 'f') => checkpointAt(place, { storage: 'adapter', family, fingerprint });
  const found = ranking(adapter('a', 'org/model'), [adapter('b', 'org/other'), adapter('c', 'org/model', 'rank 8'), adapter('d', 'org/model'), checkpointAt('e', { family: 'org/model', fingerprint: 'full' })]);
  expect(found).toEqual([['d', 'same base and shapes'], ['b', 'same shapes, another base'], ['c', 'same base, other shapes'], ['e', 'other shapes']]);
});
