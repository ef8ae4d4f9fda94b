import { StableNodes } from '../../../../src/editor/run-tree/stable-nodes';
import type { ExperimentNode, RunNode } from '../../../../src/editor/run-tree/run-model';
import { experiment as demo, run } from './fixtures';

const experiment = (name: string, runs: readonly RunNode[]): ExperimentNode => ({ ...demo('running', runs), directory: `/w/runs/${name}`, name });

test('a node stays the same object while its content changes', () => {
  const nodes = new StableNodes();
  expect(nodes.update([experiment('a', [run('base', 'base', 'running')]), experiment('b', [])])).toBeNull();
  const [a, b] = nodes.experiments;
  const [base] = a!.runs;

  expect(nodes.update([experiment('a', [run('base', 'base', 'running')]), experiment('b', [])])).toEqual([]);
  const changed = nodes.update([experiment('a', [run('base', 'base', 'succeeded'), run('expert', 'risky', 'queued')]), experiment('b', [])]);
  expect(changed).toHaveLength(1);
  expect(changed![0]).toBe(a);
  expect(a!.runs[0]).toBe(base);
  expect(base!.record.state).toBe('succeeded');
  expect(a!.runs).toHaveLength(2);

  expect(nodes.update([experiment('b', [])])).toBeNull(); // one went
  expect(nodes.experiments).toEqual([b]);
  expect(nodes.update([experiment('a', []), experiment('b', [])])).toBeNull();
  expect(nodes.experiments[0]).not.toBe(a); // what was gone is not held on to
});
