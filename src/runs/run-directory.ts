import { mkdir, readFile, readdir } from 'node:fs/promises';
import { hostname } from 'node:os';
import path from 'node:path';
import writeFileAtomic from 'write-file-atomic';
import { SoupError } from '../errors';
import { readMetricsFile } from './metrics-log';
import { isProcessAlive } from './process-identity';
import type { MetricsRow, RunRecord, RunState } from './run-record';

export interface FoundRun {
  /** absolute path */
  readonly directory: string;
  readonly record: RunRecord;
}

const statesOfALiveProcess: readonly RunState[] = ['starting', 'running', 'stopping'];
/** Nothing more happens to such a run unless it is started again. */
export const finalStates: readonly RunState[] = ['succeeded', 'failed', 'stopped', 'lost'];

/** A process that was started but has not put its pid down after this long is not coming. */
const startingPatienceMs = 120_000;

export const recordPath = (directory: string): string => path.join(directory, 'run.json');
export const metricsPath = (directory: string): string => path.join(directory, 'metrics.jsonl');
export const logPath = (directory: string): string => path.join(directory, 'log.txt');
/** Where the sweep of an experiment puts its points; `experimentRuns` is runs/<name>. */
export const resultsPath = (experimentRuns: string): string => path.join(experimentRuns, 'sweep', 'results.jsonl');

/**
 * The record of a run; null where there is none. A run that says it lives, on this host, while its process is gone
 * (or its pid belongs to another process now) reads as `lost`; the file itself is left as it is.
 * @throws SoupError BrokenRunRecordError when run.json is not a record
 */
export async function readRunRecord(directory: string): Promise<RunRecord | null> {
  const record = await readWrittenRecord(directory);
  return record && (await isLost(record)) ? { ...record, state: 'lost', error: record.error ?? lostError(record) } : record;
}

/** The record as run.json says it, without a look at its process. @throws as `readRunRecord` */
export async function readWrittenRecord(directory: string): Promise<RunRecord | null> {
  const text = await readFile(recordPath(directory), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return null;
    throw error;
  });
  return text === null ? null : parseRecord(text, directory);
}

/** Writes `run.json` atomically, making the directory where needed. */
export async function writeRunRecord(directory: string, record: RunRecord): Promise<void> {
  await mkdir(directory, { recursive: true });
  await writeFileAtomic(recordPath(directory), `${JSON.stringify(record, null, 2)}\n`);
}

/**
 * Lays changes over the record as it stands in the file and writes it.
 * @throws SoupError NoRunRecordError where there is none
 */
export async function updateRunRecord(directory: string, changes: Partial<RunRecord>): Promise<RunRecord> {
  const current = await readWrittenRecord(directory);
  if (!current) throw new SoupError('NoRunRecordError', `${recordPath(directory)} is missing: this is not the directory of a run.`);
  const record = { ...current, ...changes };
  await writeRunRecord(directory, record);
  return record;
}

/** A fresh record, queued on this host. */
export function newRunRecord(fields: Pick<RunRecord, 'kind' | 'name' | 'version'> & Partial<RunRecord>): RunRecord {
  return {
    state: 'queued', argv: [], pid: null, pidStartedAt: null, host: hostname(), backend: null, device: null, totalSteps: null,
    startedAt: null, endedAt: null, exitCode: null, signal: null, error: null, job: null, ...fields,
  };
}

/** Every row of a run's `metrics.jsonl`; none where it has not begun. See `tailMetrics` to follow it. */
export function readMetrics(directory: string): Promise<MetricsRow[]> {
  return readMetricsFile(metricsPath(directory));
}

/**
 * Every run below a directory (runs/<name>, or all of runs/), parents first. Unreadable records are left out, so
 * that one broken run does not hide the others.
 */
export async function listRuns(root: string): Promise<FoundRun[]> {
  const found: FoundRun[] = [];
  await collect(path.resolve(root), 5, found);
  return found;
}

async function collect(directory: string, depth: number, found: FoundRun[]): Promise<void> {
  const record = await readRunRecord(directory).catch(() => null);
  if (record) found.push({ directory, record });
  if (depth === 0) return;
  const entries = await readdir(directory, { withFileTypes: true }).catch(() => []);
  const folders = entries.filter((entry) => entry.isDirectory() && !entry.name.startsWith('.') && !notRuns.has(entry.name));
  for (const { name } of folders.sort((a, b) => order(a.name) - order(b.name) || a.name.localeCompare(b.name))) await collect(path.join(directory, name), depth - 1, found);
}

/** Folders of a run directory that never hold runs. */
const notRuns = new Set(['checkpoints', 'snapshots', 'report', 'soups', 'node_modules']);
const folderOrder = ['base', 'bases', 'experts', 'morl', 'sweep'];
const order = (name: string): number => (folderOrder.indexOf(name) + folderOrder.length + 1) % (folderOrder.length + 1);

async function isLost(record: RunRecord): Promise<boolean> {
  if (!statesOfALiveProcess.includes(record.state) || record.host !== hostname()) return false;
  if (record.pid === null) return record.startedAt !== null && Date.now() - Date.parse(record.startedAt) > startingPatienceMs;
  return !(await isProcessAlive(record.pid, record.pidStartedAt));
}

function lostError(record: RunRecord): RunRecord['error'] {
  return { name: 'LostProcessError', message: `${record.pid === null ? 'its process never started' : `process ${record.pid} ended without a word (killed, or the machine went down)`}: run the same command again to go on from the last checkpoint` };
}

function parseRecord(text: string, directory: string): RunRecord {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw brokenRecord(directory, error instanceof Error ? error.message : String(error));
  }
  const { kind, name, state } = (value ?? {}) as Partial<RunRecord>;
  if (typeof kind !== 'string' || typeof name !== 'string' || typeof state !== 'string') throw brokenRecord(directory, 'kind, name or state is missing');
  return { ...newRunRecord({ kind, name, version: '', host: '' }), ...(value as Partial<RunRecord>) };
}

function brokenRecord(directory: string, reason: string): SoupError {
  return new SoupError('BrokenRunRecordError', `${recordPath(directory)} is no run record (${reason}): remove it, and the next run writes a new one.`);
}
