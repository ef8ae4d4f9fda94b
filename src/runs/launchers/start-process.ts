import { spawn } from 'node:child_process';
import { open } from 'node:fs/promises';
import { killTree } from '../kill-tree';
import { logPath, readWrittenRecord, updateRunRecord } from '../run-directory';
import type { RunRecord, RunState } from '../run-record';
import type { RunHandle } from './launcher';

export interface ProcessStart {
  readonly argv: readonly string[];
  readonly environment: NodeJS.ProcessEnv;
  /** what run.json says until the trainer says `running` */
  readonly state: RunState;
  readonly graceMs?: number;
}

interface End {
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly error: Error | null;
}

/**
 * Starts a trainer's process, with its output appended to log.txt. It gets a process group of its own, so that Ctrl-C in
 * a terminal reaches us alone and each run is asked to stop exactly once. run.json carries no pid until the trainer, its only writer from
 * then on, puts its own there. A process that ends without a final state there reads `failed`, with the reason.
 */
export async function startProcess(directory: string, { argv, environment, state, graceMs = 10_000 }: ProcessStart): Promise<RunHandle> {
  await updateRunRecord(directory, { state, argv, pid: null, pidStartedAt: null, startedAt: new Date().toISOString(), endedAt: null, exitCode: null, signal: null, error: null });
  const log = await open(logPath(directory), 'a');
  const child = spawn(argv[0]!, argv.slice(1), { stdio: ['ignore', log.fd, log.fd], env: environment, detached: process.platform !== 'win32', windowsHide: true });
  const ended = new Promise<End>((resolve) => {
    child.once('error', (error) => resolve({ exitCode: null, signal: null, error }));
    child.once('exit', (exitCode, signal) => resolve({ exitCode, signal, error: null }));
  }).finally(() => log.close());
  const kill = async () => {
    if (child.pid !== undefined && child.exitCode === null && child.signalCode === null) await killTree(child.pid, 'SIGKILL');
  };
  let isStopping = false;
  return {
    stopped: ended.then((end) => settle(directory, end, isStopping)),
    kill,
    async stop() {
      if (isStopping || child.pid === undefined) return;
      isStopping = true;
      await killTree(child.pid, 'SIGINT');
      const timer = setTimeout(() => void kill(), graceMs);
      await ended.finally(() => clearTimeout(timer));
    },
  };
}

/** The record after the end of the process; completed where the trainer could not do it. */
async function settle(directory: string, end: End, wasStopped: boolean): Promise<RunRecord> {
  const record = await readWrittenRecord(directory);
  if (record && ['succeeded', 'failed', 'stopped'].includes(record.state)) return record;
  const facts = { endedAt: new Date().toISOString(), exitCode: end.exitCode, signal: end.signal };
  // whoever else stopped it said so in run.json
  if (wasStopped || record?.state === 'stopping') return updateRunRecord(directory, { ...facts, state: 'stopped', error: null });
  return updateRunRecord(directory, { ...facts, state: 'failed', error: await reasonOf(directory, end) });
}

async function reasonOf(directory: string, { exitCode, signal, error }: End): Promise<NonNullable<RunRecord['error']>> {
  if (error) return { name: 'NotStartedError', message: `could not be started: ${error.message}` };
  const again = 'run the same command again to go on from the last checkpoint';
  if (signal === 'SIGKILL') return { name: 'KilledError', message: `killed by SIGKILL (out of memory?): ${again}` };
  if (signal) return { name: 'KilledError', message: `ended by ${signal}: ${again}` };
  const lines = await lastLogLines(directory, 3);
  return { name: 'TrainerExitError', message: `ended with exit code ${exitCode}${lines === '' ? ' and wrote nothing' : `: ${lines}`}` };
}

/** The last lines of log.txt that say something, in one line. */
export async function lastLogLines(directory: string, count: number): Promise<string> {
  const log = await open(logPath(directory), 'r').catch(() => null);
  if (!log) return '';
  try {
    const { size } = await log.stat();
    const length = Math.min(size, 4096);
    const { buffer } = await log.read(Buffer.alloc(length), 0, length, size - length);
    return buffer.toString('utf8').split('\n').map((line) => line.trim()).filter((line) => line !== '').slice(-count).join(' | ');
  } finally {
    await log.close();
  }
}
