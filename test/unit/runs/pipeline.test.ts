import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { runPipeline, type PipelineOptions } from '../../../src/runs/pipeline';
import { readMetrics, readRunRecord, readWrittenRecord } from '../../../src/runs/run-directory';
import { isProcessAlive } from '../../../src/runs/process-identity';
import { killTree } from '../../../src/runs/kill-tree';

const trainer = path.join(__dirname, '..', '..', 'fixtures', 'fake-trainer', 'trainer.cjs');
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'soup-pipeline-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** An experiment with two experts of these names, each as the fake trainer understands it. */
async function experiment(experts: readonly [string, string], steps = 1000): Promise<string> {
  const file = path.join(folder, 'soup.yaml');
  await writeFile(file, `name: test
task: { type: locomotion, environment: half-cheetah, episodeSteps: 10 }
rewards: { a: velocity, b: -energy }
train: { steps: ${steps} }
experts: { ${experts[0]}: { reward: a }, ${experts[1]}: { reward: b } }
sweep: { grid: 5, samples: 4 }
check: { resamples: 100 }
`);
  return file;
}

const run = (file: string, options: Partial<PipelineOptions> = {}) => runPipeline({ file, trainer, stages: ['train', 'sweep', 'analyse'], ...options });
const at = (...parts: string[]) => path.join(folder, 'runs', 'test', ...parts);

async function until(holds: () => Promise<boolean>): Promise<void> {
  for (const deadline = Date.now() + 20_000; Date.now() < deadline; await new Promise((resolve) => setTimeout(resolve, 20))) if (await holds()) return;
  throw new Error('it never came true');
}

const hasSteps = async (...parts: string[]) => (await readMetrics(at(...parts))).length >= 3;

test('trains, sweeps and reports; a second call finds everything done', async () => {
  const file = await experiment(['fast_a', 'fast_b']);
  const started: string[] = [];
  const outcome = await run(file, { listener: { onRunStart: ({ id }) => started.push(id) } });
  expect(outcome).toMatchObject({ state: 'succeeded', failures: [] });
  expect(started).toEqual(['base', 'experts/fast_a', 'experts/fast_b', 'sweep']);
  expect(outcome.analysis!.lmc.verdict).toBe('holds');
  expect(await readFile(outcome.analysis!.report, 'utf8')).toContain('<html');
  expect(await readRunRecord(at())).toMatchObject({ kind: 'experiment', state: 'succeeded', exitCode: 0 });
  expect(JSON.parse(await readFile(at('experiment.resolved.json'), 'utf8'))).toMatchObject({ experiment: { name: 'test' }, runs: [{ id: 'base', state: 'succeeded' }, {}, {}, {}] });

  const again: string[] = [];
  await run(file, { listener: { onRunStart: ({ id }) => again.push(id) } });
  expect(again).toEqual(['sweep']);
});

test('children run as Node inside Electron too', async () => {
  await run(await experiment(['fast_a', 'fast_b']), { stages: ['train'], only: ['base'] });
  expect(await readRunRecord(at('base'))).toMatchObject({ environment: { electronRunAsNode: '1' } });
  expect(await readRunRecord(at('experts', 'fast_a'))).toBeNull();
});

test('a training killed with kill -9 is failed, says why, and goes on from its checkpoint', async () => {
  const file = await experiment(['slow_a', 'fast_b']);
  const first = run(file);
  await until(() => hasSteps('experts', 'slow_a'));
  process.kill((await readRunRecord(at('experts', 'slow_a')))!.pid!, 'SIGKILL');
  const outcome = await first;
  expect(outcome.state).toBe('failed');
  expect(outcome.failures).toMatchObject([{ id: 'experts/slow_a', message: expect.stringContaining('killed by SIGKILL'), log: at('experts', 'slow_a', 'log.txt') }]);
  expect(await readRunRecord(at('experts', 'slow_a'))).toMatchObject({ state: 'failed', signal: 'SIGKILL' });
  expect(await readRunRecord(at('experts', 'fast_b'))).toMatchObject({ state: 'succeeded' });
  expect((await run(file)).state).toBe('succeeded');
  const steps = (await readMetrics(at('experts', 'slow_a'))).map(({ step }) => step);
  expect(steps).toEqual([...Array(10).keys()].map((k) => (k + 1) * 100));
});

test('a trainer that fails at once is reported with its last words, and the other expert goes on', async () => {
  const outcome = await run(await experiment(['broken_a', 'fast_b']));
  expect(outcome.state).toBe('failed');
  expect(outcome.failures).toMatchObject([{ id: 'experts/broken_a', message: 'ended with exit code 3: cannot open the environment' }]);
  expect(await readRunRecord(at('experts', 'fast_b'))).toMatchObject({ state: 'succeeded' });
  expect(await readRunRecord(at())).toMatchObject({ state: 'failed', error: { message: expect.stringContaining('broken_a') } });
});

test('stopping lets every run write its checkpoint, and the next call goes on', async () => {
  const file = await experiment(['slow_a', 'slow_b']);
  const stop = new AbortController();
  const first = run(file, { stop: stop.signal });
  await until(async () => (await hasSteps('experts', 'slow_a')) && (await hasSteps('experts', 'slow_b')));
  stop.abort();
  expect(await first).toMatchObject({ state: 'stopped', failures: [], analysis: null });
  for (const name of ['slow_a', 'slow_b']) expect(await readRunRecord(at('experts', name))).toMatchObject({ state: 'stopped', exitCode: 130 });
  expect(await readRunRecord(at())).toMatchObject({ state: 'stopped', exitCode: 130 });
  expect((await run(file)).state).toBe('succeeded');
});

test('one runner an experiment: the second call says who holds it', async () => {
  const file = await experiment(['slow_a', 'slow_b']);
  const stop = new AbortController();
  const first = run(file, { stop: stop.signal });
  await until(() => hasSteps('experts', 'slow_a'));
  // a second process is played by a record that names another live one
  const record = (await readWrittenRecord(at()))!;
  await writeFile(at('run.json'), JSON.stringify({ ...record, pid: process.ppid, pidStartedAt: null }));
  await expect(run(file)).rejects.toMatchObject({ name: 'AlreadyRunningError', message: expect.stringContaining(`process ${process.ppid}`), isInput: false });
  stop.abort();
  await first;
});

test('settings that changed since a training are named, and nothing is touched', async () => {
  const file = await experiment(['fast_a', 'fast_b']);
  await run(file, { stages: ['train'] });
  await experiment(['fast_a', 'fast_b'], 2000);
  await expect(run(file)).rejects.toMatchObject({ name: 'ChangedExperimentError', message: expect.stringMatching(/^base was trained with steps: 1000; now 2000 — remove .*base/) });
  expect(await readRunRecord(at('base'))).toMatchObject({ state: 'succeeded' });
});

test('a trainer that outlived its starter is waited for, not started twice', async () => {
  const file = await experiment(['slow_a', 'fast_b']);
  const stop = new AbortController();
  const first = run(file, { stop: stop.signal });
  await until(() => hasSteps('experts', 'slow_a'));
  const { pid } = (await readRunRecord(at('experts', 'slow_a')))!;
  const second = run(file); // as after a kill -9 of the first: its record is this process's own, so the claim is free
  expect((await second).state).toBe('succeeded');
  expect((await readWrittenRecord(at('experts', 'slow_a')))!.pid).toBe(pid);
  await first;
});

test('killing ends grandchildren too', async () => {
  const file = await experiment(['family_a', 'fast_b']);
  const [stop, kill] = [new AbortController(), new AbortController()];
  const first = run(file, { stop: stop.signal, kill: kill.signal });
  await until(() => hasSteps('experts', 'family_a'));
  const grandchild = Number(await readFile(at('experts', 'family_a', 'grandchild'), 'utf8'));
  expect(await isProcessAlive(grandchild, null)).toBe(true);
  kill.abort();
  expect((await first).state).not.toBe('succeeded');
  await until(async () => !(await isProcessAlive(grandchild, null)));
  await killTree(grandchild, 'SIGKILL');
});
