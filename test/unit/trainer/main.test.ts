import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { assetPath } from '../../../src/assets';
import { newRunRecord, readMetrics, readRunRecord, writeRunRecord } from '../../../src/runs/run-directory';
import type { MetricsRow, LocomotionTrainJob } from '../../../src/runs/run-record';
import { modelSha256 } from '../../../src/trainer/models/policy-checkpoint';

const job: LocomotionTrainJob = {
  kind: 'base', name: 'base', rewards: { risky: 'velocity' }, objective: 'velocity', seed: 0, backend: 'wasm', init: null, checkpointEverySteps: 512,
  task: { type: 'locomotion', environment: 'half-cheetah', episodeSteps: 50 },
  ppo: {
    steps: 7680, environments: 4, rolloutSteps: 64, epochs: 4, minibatch: 64, learningRate: 1e-3, annealLearningRate: true, gamma: 0.98, gaeLambda: 0.95,
    clip: 0.2, entropyCoefficient: 0, valueCoefficient: 0.5, maxGradientNorm: 0.5, targetKl: 0.05, hidden: [16],
  },
};
const repeatable = (rows: readonly MetricsRow[]) => rows.map(({ time: _t, seconds: _s, cpuSeconds: _c, throughput: _h, memory: _m, ...row }) => row);

let root: string;
beforeAll(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'trainer-process-'));
});
afterAll(() => rm(root, { recursive: true }));

async function prepare(name: string, changes: Partial<LocomotionTrainJob> = {}): Promise<string> {
  const directory = path.join(root, name);
  await writeRunRecord(directory, newRunRecord({ kind: 'base', name, version: '0.0.0', job: { ...job, ...changes } }));
  return directory;
}

interface Ended {
  readonly code: number | null;
  readonly stderr: string;
}
function start(...args: string[]): { child: ChildProcess; ended: Promise<Ended> } {
  const child = spawn(process.execPath, [assetPath('trainer.js'), ...args], { stdio: ['ignore', 'ignore', 'pipe'] });
  let stderr = '';
  child.stderr.on('data', (text: Buffer) => (stderr += text.toString()));
  return { child, ended: once(child, 'close').then(([code]) => ({ code: code as number | null, stderr })) };
}

async function untilRows(directory: string, count: number): Promise<void> {
  while ((await readMetrics(directory)).length < count) await setTimeout(5);
}

test('a training killed at any moment goes on from its last checkpoint and ends as if nothing had happened', async () => {
  const whole = await prepare('whole');
  expect((await start(whole).ended).code).toBe(0);
  expect((await readMetrics(whole)).length).toBe(30);
  const directory = await prepare('killed');
  for (const rows of [3, 12]) {
    const { child, ended } = start(directory);
    await untilRows(directory, rows);
    child.kill('SIGKILL');
    await ended;
    expect((await readRunRecord(directory))!.state).toBe('lost');
  }
  expect((await start(directory).ended).code).toBe(0);
  expect((await readRunRecord(directory))!.state).toBe('succeeded');
  expect(repeatable(await readMetrics(directory))).toEqual(repeatable(await readMetrics(whole)));
  expect(await modelSha256(directory)).toBe(await modelSha256(whole));
});

test('SIGTERM stops at a checkpoint with code 130, and the next start finishes', async () => {
  const directory = await prepare('stopped');
  const { child, ended } = start(directory);
  await untilRows(directory, 2);
  const running = (await readRunRecord(directory))!;
  expect(running).toMatchObject({ state: 'running', pid: child.pid, backend: 'wasm', totalSteps: 7680 });
  child.kill('SIGTERM');
  expect(await ended).toEqual({ code: 130, stderr: '' });
  const record = (await readRunRecord(directory))!;
  expect(record).toMatchObject({ state: 'stopped', exitCode: 130, signal: 'SIGTERM' });
  const stoppedAt = (await readMetrics(directory)).at(-1)!.step;
  const state = JSON.parse(await readFile(path.join(directory, 'checkpoints', `step-${String(stoppedAt).padStart(6, '0')}`, 'training-state.json'), 'utf8')) as { step: number };
  expect(state.step).toBe(stoppedAt);
  expect((await start(directory).ended).code).toBe(0);
  expect((await readRunRecord(directory))!).toMatchObject({ state: 'succeeded', exitCode: 0, signal: null, startedAt: record.startedAt });
});

test('a run that has succeeded is not trained again', async () => {
  const directory = await prepare('done', { ppo: { ...job.ppo, steps: 256 } });
  await start(directory).ended;
  const before = await readFile(path.join(directory, 'run.json'), 'utf8');
  expect(await start(directory).ended).toEqual({ code: 0, stderr: '' });
  expect(await readFile(path.join(directory, 'run.json'), 'utf8')).toBe(before);
});

test('a second trainer in the same directory is refused and harms nothing', async () => {
  const directory = await prepare('twice');
  const first = start(directory);
  await untilRows(directory, 1);
  const second = await start(directory).ended;
  expect(second.code).toBe(2);
  expect(second.stderr).toMatch(/^AlreadyRunningError: .*process \d+/);
  expect((await first.ended).code).toBe(0);
});

test('what fails is named in run.json and in one line on stderr', async () => {
  const directory = await prepare('missing', { kind: 'expert', init: path.join(root, 'nowhere') });
  const { code, stderr } = await start(directory).ended;
  expect(code).toBe(1);
  expect(stderr).toMatch(/^MissingCheckpointError: .*nowhere.*\n$/);
  const record = (await readRunRecord(directory))!;
  expect(record).toMatchObject({ state: 'failed', exitCode: 1, error: { name: 'MissingCheckpointError' } });

  const diverging = await prepare('diverging', { objective: 'velocity / 0', ppo: { ...job.ppo, steps: 256 } });
  expect((await start(diverging).ended).stderr).toMatch(/^DivergedError: .*learningRate/);
  expect((await readRunRecord(diverging))!.error!.name).toBe('DivergedError');
});

test('a damaged checkpoint says which file is broken', async () => {
  const whole = path.join(root, 'whole');
  const directory = path.join(root, 'damaged');
  await cp(whole, directory, { recursive: true });
  const record = (await readRunRecord(directory))!;
  await writeRunRecord(directory, { ...record, state: 'stopped', job: { ...job, ppo: { ...job.ppo, hidden: [32], environments: 8 } } });
  const { code, stderr } = await start(directory).ended;
  expect(code).toBe(1);
  expect(stderr).toMatch(/ResumeError: .*settings were changed.*\n$/);
});

test.each([[[], /usage/], [['/nonexistent-run'], /no run\.json/]])('a wrong call (%j) exits with 2 and one line', async (args, message) => {
  const { code, stderr } = await start(...args).ended;
  expect(code).toBe(2);
  expect(stderr).toMatch(message);
  expect(stderr.trim().split('\n')).toHaveLength(1);
});
