import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { WorkerThread } from '../../../../src/checkpoint/worker/worker-thread';
import { measuredPoints } from '../../../../src/editor/panels/results-reader';
import { rewardCurvesSnapshots } from '../../../../src/editor/panels/snapshots/reward-curves';
import { resolveSource, runsOfResults } from '../../../../src/editor/panels/source';
import { MetricsStore } from '../../../../src/editor/run-tree/metrics-store';
import { holdRuns } from '../../../../src/editor/virtual-files/hold-runs';
import { LocalCopies, viewerLimitBytes } from '../../../../src/editor/virtual-files/local-copies';
import type { LanguageWorker } from '../../../../src/editor/yaml-language/worker/work';
import { newRunRecord } from '../../../../src/runs/run-directory';
import { MemoryFiles, uris } from './memory-files';

const point = (kind: string, name: string, weights: object, mean: number): string => `${JSON.stringify({ kind, name, weights, rewards: { a: { mean, n: 2 } } })}\n`;
const experts = point('expert', 'x', { x: 1, y: 0 }, 3) + point('expert', 'y', { x: 0, y: 1 }, 1);
const row = (step: number): string => `${JSON.stringify({ step, reward: { a: step } })}\n`;
const runs = '/lab/runs/demo';

const linguist: LanguageWorker = new WorkerThread(path.resolve(__dirname, '../../../../dist/language-worker.js'));
afterAll(() => linguist.dispose());

let root: string;
let files: MemoryFiles;
let copies: LocalCopies;
const write = (at: string, text: string, mtime = 1): void => files.write(at, Buffer.from(text), mtime);
const at = (place: string): string => copies.pathOf(uris.from({ scheme: 'memory', authority: '', path: place }));
const hold = async (file: string, directory: string | null) => holdRuns(copies, file, directory, viewerLimitBytes);

beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 'held-runs-'));
  files = new MemoryFiles();
  copies = new LocalCopies(files, uris, root);
  write('/lab/soup.yaml', 'name: demo\ntask: { type: locomotion, environment: half-cheetah }\nrewards: { a: velocity, b: -energy }\ntrain: { steps: 1000 }\n');
  write(`${runs}/experiment.resolved.json`, JSON.stringify({ experiment: { rewards: { a: 'velocity', b: '-energy' }, check: { alpha: 0.01 } } }));
  write(`${runs}/sweep/results.jsonl`, experts);
  write(`${runs}/experts/x/run.json`, JSON.stringify(newRunRecord({ kind: 'expert', name: 'x', version: '', state: 'succeeded', host: 'elsewhere' })));
  write(`${runs}/experts/x/metrics.jsonl`, row(1) + row(2));
  for (const name of ['experts/x/model.safetensors', 'experts/x/log.txt', 'experts/x/checkpoints/step-1/run.json']) write(`${runs}/${name}`, 'large');
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

test('what the panels of an experiment read is copied, and neither weights nor logs', async () => {
  const file = at('/lab/soup.yaml');
  const releases = [await hold(file, null)];
  const source = await resolveSource(file, linguist);
  expect(source).toMatchObject({ name: 'demo', experimentDirectory: at(runs), settings: { rewards: ['a', 'b'] } });
  releases.push(await hold(file, source.experimentDirectory));
  expect((await measuredPoints(source.results)).map(({ name }) => name)).toEqual(['x', 'y']);
  expect((await rewardCurvesSnapshots(source, { metrics: new MetricsStore() })()).runs).toMatchObject([{ name: 'x', kind: 'expert', state: 'succeeded', lines: { 'reward.a': { step: [1, 2] } } }]);
  expect(files.read.filter((place) => /safetensors|log|checkpoints/.test(place))).toEqual([]);
  for (const release of releases) release();
});

test('what is wrong with an experiment file is said of the place that the user knows', async () => {
  write('/lab/soup.yaml', 'name: demo\n');
  (await hold(at('/lab/soup.yaml'), null))();
  const error = await resolveSource(at('/lab/soup.yaml'), linguist).catch((reason: Error) => reason);
  expect(copies.inWords((error as Error).message)).toMatch(/^memory:\/lab\/soup\.yaml:1:1: "\w+" is missing/);
});

test('a sweep’s own results bring the settings of their experiment; a table from elsewhere stands alone', async () => {
  const own = at(`${runs}/sweep/results.jsonl`);
  (await hold(own, runsOfResults(own)))();
  expect(await resolveSource(own, linguist)).toMatchObject({ name: 'demo', settings: { check: { alpha: 0.01 } } });
  write('/elsewhere/results.csv', 'kind,w:x,w:y,r:a\nexpert,1,0,3\nexpert,0,1,1\n');
  const table = at('/elsewhere/results.csv');
  expect(runsOfResults(table)).toBeNull();
  (await hold(table, null))();
  expect(await measuredPoints((await resolveSource(table, linguist)).results)).toHaveLength(2);
});

test('what has grown is copied again and nothing else; what is gone goes', async () => {
  const results = at(`${runs}/sweep/results.jsonl`);
  let release = await hold(results, at(runs));
  write(`${runs}/sweep/results.jsonl`, experts + point('soup', 'half', { x: 0.5, y: 0.5 }, 2.5), 2);
  files.read.length = 0;
  const again = await hold(results, at(runs));
  release();
  expect(files.read).toEqual([`${runs}/sweep/results.jsonl`]);
  expect(await measuredPoints(results)).toHaveLength(3);
  files.remove(`${runs}/sweep/results.jsonl`);
  files.remove(`${runs}/experts/x/metrics.jsonl`);
  release = await hold(results, at(runs));
  again();
  expect(await measuredPoints(results)).toEqual([]);
  expect(existsSync(at(`${runs}/experts/x/metrics.jsonl`))).toBe(false);
  release();
});

test('a file system that does not answer takes nothing away', async () => {
  const results = at(`${runs}/sweep/results.jsonl`);
  (await hold(results, at(runs)))();
  files.stat = async () => Promise.reject(new Error('offline'));
  (await hold(results, at(runs)))();
  expect(await measuredPoints(results)).toHaveLength(2);
});

test('a file of this disk is left alone', async () => {
  (await hold('/nowhere/results.csv', '/nowhere'))();
  expect(files.read).toEqual([]);
});
