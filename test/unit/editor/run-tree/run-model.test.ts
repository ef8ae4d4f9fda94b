import path from 'node:path';
import { experimentDescription, runDescription, runTooltip } from '../../../../src/editor/run-tree/appearance';
import { formatDuration, sweepProgress, trainingProgress } from '../../../../src/editor/run-tree/progress';
import { experimentDirectoryOf, groupRuns } from '../../../../src/editor/run-tree/run-model';
import { statusText } from '../../../../src/editor/status/status-text';
import { newRunRecord } from '../../../../src/runs/run-directory';
import type { RunKind } from '../../../../src/runs/run-record';
import { experiment, run } from './fixtures';

const root = path.resolve('/w/runs/demo');
const at = (kind: RunKind, name: string, ...parts: string[]) => ({ directory: path.join(root, ...parts), record: newRunRecord({ kind, name, version: '0', state: 'running' }) });

test('runs belong to the directory that their layout names', () => {
  expect(experimentDirectoryOf(path.join(root, 'base'), 'base')).toBe(root);
  expect(experimentDirectoryOf(path.join(root, 'experts', 'risky'), 'expert')).toBe(root);
  expect(experimentDirectoryOf(path.join(root, 'morl', 'mix'), 'morl')).toBe(root);
  expect(experimentDirectoryOf(root, 'experiment')).toBe(root);
});

test('an experiment shows its runs in the order of the work', () => {
  const found = [at('sweep', 'sweep', 'sweep'), at('expert', 'risky', 'experts', 'risky'), at('expert', 'cautious', 'experts', 'cautious'), at('experiment', 'demo'), at('base', 'base', 'base')];
  const [demo, ...others] = groupRuns(found, () => ({ fraction: 0.5, secondsLeft: null }));
  expect(others).toEqual([]);
  expect(demo.record?.kind).toBe('experiment');
  expect(demo.runs.map(({ record }) => record.name)).toEqual(['base', 'cautious', 'risky', 'sweep']);
});

test('the cells of a study stand beside it as experiments of their own, under its name', () => {
  const cell = (...parts: string[]) => ['study', 'angle-45-seed-0', ...parts];
  const found = [at('experiment', 'demo'), at('expert', 'risky', ...cell('experts', 'risky')), at('base', 'risky', ...cell('bases', 'risky')), at('sweep', 'sweep', ...cell('sweep'))];
  const [demo, angle, ...others] = groupRuns(found, () => null);
  expect(others).toEqual([]);
  expect(demo).toMatchObject({ name: 'demo', study: null, runs: [] });
  expect(angle).toMatchObject({ name: 'demo / angle-45-seed-0', directory: path.join(root, ...cell()), study: root, record: null });
  expect(angle!.runs.map(({ record }) => record.kind)).toEqual(['base', 'expert', 'sweep']);
});

test('progress and time left of a training', () => {
  const rows = Array.from({ length: 100 }, (_, index) => ({ step: (index + 1) * 1000, time: new Date(1e12 + index * 2000).toISOString() }));
  expect(trainingProgress(rows, 400_000)).toEqual({ fraction: 0.25, secondsLeft: 600 });
  expect(trainingProgress(rows.slice(0, 1), 400_000)).toEqual({ fraction: 0.0025, secondsLeft: null });
  expect(trainingProgress([], 400_000)).toBeNull();
  expect(trainingProgress(rows, null)).toBeNull();
});

test('time left of a sweep counts what was measured while it was watched', () => {
  expect(sweepProgress(12, { points: 4, at: 0 }, { points: 6, at: 10_000 })).toEqual({ fraction: 0.5, secondsLeft: 30 });
  expect(sweepProgress(12, { points: 4, at: 0 }, { points: 4, at: 0 })?.secondsLeft).toBeNull();
});

test.each([[0.2, '1 s'], [89, '89 s'], [95, '2 min'], [3600, '1 h'], [12_000, '3 h 20 min'], [187_200, '2 d 4 h']])('%d seconds read %s', (seconds, text) => {
  expect(formatDuration(seconds)).toBe(text);
});

test('what the tree and the status bar say of a run', () => {
  const base = run('base', 'base', 'running', { backend: 'wasm' }, { fraction: 0.439, secondsLeft: 120 });
  expect(runDescription(base)).toBe('running · 43 % · 2 min left · wasm');
  expect(experimentDescription(experiment('running', [base]))).toBe('running · base · 43 %');
  expect(statusText([experiment('running', [base, run('expert', 'risky', 'queued')])])?.text).toBe('$(beaker) 1 running · 43 %');
  expect(statusText([experiment('succeeded', [])])).toBeNull();
});

test('the device stands with its backend, once, and what it is made of in the tooltip alone', () => {
  const wasm = run('base', 'base', 'succeeded', { backend: 'wasm', device: 'wasm SIMD (own kernels)' });
  expect(runDescription(wasm)).toBe('succeeded · wasm SIMD');
  expect(runTooltip(wasm)).toContain('- backend: wasm SIMD (own kernels)');
  expect(runDescription(run('base', 'base', 'succeeded', { backend: 'webgpu', device: 'NVIDIA L4 (WebGPU, Dawn)' }))).toBe('succeeded · webgpu on NVIDIA L4');
  expect(runDescription(run('base', 'base', 'queued'))).toBe('queued');
});

test('a tooltip shows the error, with Markdown as plain text', () => {
  expect(runTooltip(run('expert', 'risky', 'failed', { error: { name: 'X', message: 'a*b* is NaN' } }))).toContain('a\\*b\\* is NaN');
});
