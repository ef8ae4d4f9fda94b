import { listedBases, otherBases } from '../../../../src/editor/blend-panel/base-choices';
import { checkpointAt } from '../checkpoint-tree/fixtures';

const adapter = { storage: 'adapter', rank: 8, family: 'llama', fingerprint: 'r8' } as const;
const found = [
  checkpointAt('elsewhere', { fingerprint: 'g' }),
  checkpointAt('runs/one/experts/c'),
  checkpointAt('another', { role: null }),
  checkpointAt('runs/one/base', { role: 'base' }),
  checkpointAt('runs/one/experts/a'),
  checkpointAt('lora', adapter),
  { type: 'broken', path: '/w/cut', message: '', unreadBytes: null } as const,
];
const [a, b] = [checkpointAt('runs/one/experts/a'), checkpointAt('runs/one/experts/b')];
const paths = (bases: readonly { readonly path: string }[]) => bases.map(({ path }) => path.replaceAll('\\', '/').replace(/^.*?\/w\//, ''));

test('the chosen checkpoints come first, then those of the workspace with the same tensors, their base before others', () => {
  expect(paths(listedBases([a, b], found))).toEqual(['runs/one/experts/a', 'runs/one/experts/b', 'runs/one/base', 'runs/one/experts/c', 'another']);
});

test('among all of the workspace those with other tensors come last, and say so', () => {
  const others = otherBases([a, b], found);
  expect(paths(others.map(({ summary }) => summary))).toEqual(['runs/one/base', 'runs/one/experts/c', 'another', 'elsewhere']);
  expect(others.at(-1)!.reason).toBe('other shapes');
});

test('the base of adapters is a whole model, of whatever shapes', () => {
  const chosen = [checkpointAt('lora', adapter), checkpointAt('lora-2', adapter)];
  expect(paths(listedBases(chosen, found))).toEqual(['runs/one/base', 'runs/one/experts/a', 'another', 'runs/one/experts/c', 'elsewhere']);
  expect(otherBases(chosen, found).map(({ reason }) => reason)).toEqual(['', '', '', '', '']);
});
