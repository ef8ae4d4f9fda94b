import { mkdir, open, rm, stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import path from 'node:path';
import { SoupError } from '../errors';
import { version } from '../../package.json';
import { processStartedAt } from './process-identity';
import { finalStates, newRunRecord, readRunRecord, writeRunRecord } from './run-directory';

/**
 * Makes this process the only one that works on an experiment: its run.json, of kind `experiment`, then names this process.
 * The claim ends with the process, however it ends, or with a final state in run.json.
 * @throws SoupError AlreadyRunningError, naming who holds it
 */
export async function claimExperiment(directory: string, name: string): Promise<void> {
  await mkdir(directory, { recursive: true });
  const release = await enter(path.join(directory, '.claim'));
  try {
    const holder = await readRunRecord(directory);
    if (holder && !finalStates.includes(holder.state) && holder.pid !== process.pid) {
      throw new SoupError('AlreadyRunningError', `${name} is being run by process ${holder.pid} on ${holder.host} since ${holder.startedAt}: wait for its end, or stop it first.`, { isInput: false });
    }
    await writeRunRecord(directory, newRunRecord({
      kind: 'experiment', name, version, state: 'running', argv: process.argv, pid: process.pid, pidStartedAt: await processStartedAt(process.pid), host: hostname(), startedAt: new Date().toISOString(),
    }));
  } finally {
    await release();
  }
}

/** A file that only one process can have made. It is held for milliseconds, so an old one is a dead process's. */
async function enter(file: string): Promise<() => Promise<void>> {
  for (const deadline = Date.now() + 10_000; ; await new Promise((resolve) => setTimeout(resolve, 50))) {
    try {
      await (await open(file, 'wx')).close();
      return () => rm(file, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST' || Date.now() > deadline) throw error;
      const age = await stat(file).then(({ mtimeMs }) => Date.now() - mtimeMs, () => 0);
      if (age > 5_000) await rm(file, { force: true });
    }
  }
}
