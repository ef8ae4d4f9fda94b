import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { launchSoup } from '../../../src/runs/launch';
import { isProcessAlive } from '../../../src/runs/process-identity';
import { newRunRecord, readMetrics, readRunRecord, writeRunRecord } from '../../../src/runs/run-directory';
import { stopRun } from '../../../src/runs/stop';
import { schedule } from '../../../src/runs/schedule';

const trainer = path.join(__dirname, '..', '..', 'fixtures', 'fake-trainer', 'trainer.cjs');
let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'soup-stop-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function start(name: string): Promise<string> {
  const directory = path.join(folder, name);
  await writeRunRecord(directory, newRunRecord({ kind: 'expert', name, version: '0' }));
  spawn(process.execPath, [trainer, directory], { stdio: 'ignore', env: { ...process.env, ELECTRON_RUN_AS_NODE: '1' } });
  for (const deadline = Date.now() + 20_000; Date.now() < deadline && (await readMetrics(directory)).length < 2;) await new Promise((resolve) => setTimeout(resolve, 20));
  return directory;
}

test('asks first: the trainer says stopped itself', async () => {
  const directory = await start('slow');
  expect(await stopRun(directory)).toMatchObject({ state: 'stopped', exitCode: 130 });
  expect(await stopRun(directory)).toMatchObject({ state: 'stopped' });
});

test('kills what does not listen', async () => {
  const directory = await start('stubborn');
  expect(await stopRun(directory, { graceMs: 200 })).toMatchObject({ state: 'stopped', signal: 'SIGKILL' });
  expect((await readRunRecord(directory))!.state).toBe('stopped');
});

test('takes the grandchildren along', async () => {
  const directory = await start('family');
  const grandchild = Number(await readFile(path.join(directory, 'grandchild'), 'utf8'));
  expect(await isProcessAlive(grandchild, null)).toBe(true);
  await stopRun(directory);
  for (const deadline = Date.now() + 5_000; Date.now() < deadline && (await isProcessAlive(grandchild, null));) await new Promise((resolve) => setTimeout(resolve, 20));
  expect(await isProcessAlive(grandchild, null)).toBe(false);
});

test('says why a run cannot be stopped', async () => {
  await expect(stopRun(folder)).rejects.toMatchObject({ name: 'NotStoppableError' });
  await writeRunRecord(folder, newRunRecord({ kind: 'expert', name: 'far', version: '0', state: 'running', host: 'elsewhere', pid: 999_999_999 }));
  await expect(stopRun(folder)).rejects.toThrow('elsewhere');
});

test('launchSoup starts the command line as Node, detached, with its output in a file', async () => {
  const dist = path.join(folder, 'dist');
  await mkdir(dist);
  await writeFile(path.join(dist, 'cli.js'), 'console.log(process.env.ELECTRON_RUN_AS_NODE, process.argv.slice(2).join(" "), process.cwd())');
  const log = path.join(folder, 'log', 'log.txt');
  const { ended, pid } = launchSoup(['run', 'soup.yaml'], { cwd: dist, dist, log });
  expect(pid).toBeGreaterThan(0);
  expect(await ended).toEqual({ exitCode: 0, signal: null, error: null });
  expect(await readFile(log, 'utf8')).toContain('1 run soup.yaml ');
  expect((await launchSoup(['run'], { cwd: path.join(folder, 'nowhere'), dist }).ended).error).toMatchObject({ code: 'ENOENT' });
});

test('schedule keeps to the slots and the order of dependencies, and goes on after a failure', async () => {
  const log: string[] = [];
  let running = 0;
  const tasks = [{ id: 'c', dependsOn: ['a'] }, { id: 'a', dependsOn: [] }, { id: 'b', dependsOn: ['done before'] }, { id: 'd', dependsOn: ['b'] }, { id: 'e', dependsOn: ['c', 'd'] }];
  const outcomes = await schedule(tasks, 2, async ({ id }) => {
    running += 1;
    expect(running).toBeLessThanOrEqual(2);
    await new Promise((resolve) => setTimeout(resolve, 5));
    log.push(id);
    running -= 1;
    return id !== 'b';
  }, () => false);
  expect(log.indexOf('a')).toBeLessThan(log.indexOf('c'));
  expect(Object.fromEntries(outcomes)).toEqual({ a: 'done', b: 'failed', c: 'done', d: 'skipped', e: 'skipped' });
  await expect(schedule([{ id: 'x', dependsOn: ['y'] }, { id: 'y', dependsOn: ['x'] }], 1, async () => true, () => false)).rejects.toThrow('wait for each other');
});
