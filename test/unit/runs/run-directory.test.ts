import { spawn, type ChildProcess } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { isProcessAlive, processStartedAt } from '../../../src/runs/process-identity';
import { listRuns, newRunRecord, readRunRecord, readWrittenRecord, updateRunRecord, writeRunRecord } from '../../../src/runs/run-directory';

let folder: string;
const children: ChildProcess[] = [];

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'soup-runs-'));
});
afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  await rm(folder, { recursive: true, force: true });
});

function sleeper(): ChildProcess {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
  children.push(child);
  return child;
}

const running = (fields: object) => newRunRecord({ kind: 'expert', name: 'a', version: '0', state: 'running', ...fields });

test('a record comes back as it was written', async () => {
  const record = running({ pid: process.pid, pidStartedAt: await processStartedAt(process.pid) });
  await writeRunRecord(folder, record);
  expect(await readRunRecord(folder)).toEqual(record);
  expect(await updateRunRecord(folder, { state: 'succeeded' })).toEqual({ ...record, state: 'succeeded' });
});

test('a run whose process is gone reads as lost; the file is left alone', async () => {
  const child = sleeper();
  await writeRunRecord(folder, running({ pid: child.pid, pidStartedAt: await processStartedAt(child.pid!) }));
  expect((await readRunRecord(folder))!.state).toBe('running');
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await ended;
  expect(await readRunRecord(folder)).toMatchObject({ state: 'lost', error: { name: 'LostProcessError' } });
  expect((await readWrittenRecord(folder))!.state).toBe('running');
});

test('a pid that belongs to another process now is no life sign', async () => {
  const child = sleeper();
  await writeRunRecord(folder, running({ pid: child.pid, pidStartedAt: 'another boot/1' }));
  expect((await readRunRecord(folder))!.state).toBe('lost');
  expect(await isProcessAlive(child.pid!, null)).toBe(true);
});

test('runs of other hosts are believed', async () => {
  await writeRunRecord(folder, running({ pid: 999_999_999, host: 'elsewhere' }));
  expect((await readRunRecord(folder))!.state).toBe('running');
});

test('a process that never came is lost after a while', async () => {
  await writeRunRecord(folder, running({ state: 'starting', startedAt: new Date(Date.now() - 600_000).toISOString() }));
  expect((await readRunRecord(folder))!.state).toBe('lost');
  await updateRunRecord(folder, { startedAt: new Date().toISOString() });
  expect((await readRunRecord(folder))!.state).toBe('starting');
});

test.each(['', '{', '[]', '{"kind":"base"}', 'null'])('a broken record is a clear error: %j', async (text) => {
  await writeFile(path.join(folder, 'run.json'), text);
  await expect(readRunRecord(folder)).rejects.toMatchObject({ name: 'BrokenRunRecordError', message: expect.stringContaining('run.json') });
});

test('lists runs below a directory, base first, broken ones left out', async () => {
  for (const run of ['x/sweep', 'x/experts/b', 'x/experts/a', 'x/base', 'x']) await writeRunRecord(path.join(folder, run), running({ name: run, state: 'succeeded' }));
  await mkdir(path.join(folder, 'x', 'experts', 'broken'));
  await writeFile(path.join(folder, 'x', 'experts', 'broken', 'run.json'), 'oops');
  expect((await listRuns(folder)).map(({ record }) => record.name)).toEqual(['x', 'x/base', 'x/experts/a', 'x/experts/b', 'x/sweep']);
  expect(await listRuns(path.join(folder, 'nowhere'))).toEqual([]);
});
