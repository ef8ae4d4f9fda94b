import { SoupError } from '../errors';
import { killTree, sendSignal } from './kill-tree';
import { isProcessAlive } from './process-identity';
import { finalStates, readRunRecord, readWrittenRecord, updateRunRecord } from './run-directory';
import type { RunRecord } from './run-record';

export interface StopOptions {
  /** how long a run may take to write its checkpoint before it is killed */
  readonly graceMs?: number;
}

const pollMs = 100;

/**
 * Stops a run: SIGINT to its process and all that it started, which makes our trainer write a checkpoint and end;
 * after the grace time, SIGKILL. An experiment is asked alone, because it stops its runs itself. Returns the record as it then
 * stands; a run that has ended already is left as it is.
 * @throws SoupError NotStoppableError when the run is on another host or has no process yet
 */
export async function stopRun(directory: string, options: StopOptions = {}): Promise<RunRecord> {
  const record = await readRunRecord(directory);
  if (!record) throw new SoupError('NotStoppableError', `${directory} holds no run.json: it is no run.`);
  if (finalStates.includes(record.state)) return record;
  const { pid, pidStartedAt } = record;
  if (pid === null) throw new SoupError('NotStoppableError', `${record.name} has no process yet: stop the experiment that it belongs to.`);
  if (!(await isProcessAlive(pid, pidStartedAt))) throw new SoupError('NotStoppableError', `${record.name} runs on ${record.host}: stop process ${pid} there.`);

  await updateRunRecord(directory, { state: 'stopping' });
  if (record.kind === 'experiment') sendSignal(pid, 'SIGINT');
  else await killTree(pid, 'SIGINT');
  // an experiment needs the grace time of its runs and a little more for itself
  const graceMs = (options.graceMs ?? 10_000) + (record.kind === 'experiment' ? 5_000 : 0);
  const hasEnded = await endOf(pid, pidStartedAt, graceMs);
  if (!hasEnded) await killTree(pid, 'SIGKILL');
  if (!hasEnded) await endOf(pid, pidStartedAt, 5_000);
  return settle(directory, hasEnded ? 'SIGINT' : 'SIGKILL');
}

async function endOf(pid: number, startedAt: string | null, timeoutMs: number): Promise<boolean> {
  for (const deadline = Date.now() + timeoutMs; Date.now() < deadline; await new Promise((resolve) => setTimeout(resolve, pollMs))) {
    if (!(await isProcessAlive(pid, startedAt))) return true;
  }
  return !(await isProcessAlive(pid, startedAt));
}

/** The state that the process wrote last, or `stopped` where it had no time to. */
async function settle(directory: string, signal: string): Promise<RunRecord> {
  const record = await readWrittenRecord(directory);
  if (record && ['succeeded', 'failed', 'stopped'].includes(record.state)) return record;
  return updateRunRecord(directory, { state: 'stopped', endedAt: new Date().toISOString(), signal, error: null });
}
