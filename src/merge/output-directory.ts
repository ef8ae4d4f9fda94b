import { mkdir, readdir, realpath, rename, rm, rmdir, stat } from 'node:fs/promises';
import { randomBytes } from 'node:crypto';
import os from 'node:os';
import path from 'node:path';
import type { Checkpoint } from '../checkpoint/checkpoint';
import { fileSystemError } from '../checkpoint/errors';
import { renameDurably } from '../checkpoint/files';
import { outputExists, outputHoldsInput, outputIsFile } from './errors';

/** A directory that becomes `output` all at once, or not at all. */
export interface OutputDirectory {
  /** where to write meanwhile; beside `output`, on the same disk */
  readonly temporary: string;
  /** Puts it into place. Returns where a directory that stood there is now, or null. */
  commit(): Promise<string | null>;
  abandon(): Promise<void>;
}

/**
 * Starts an output directory. Nothing that exists is ever deleted: without `force` a non-empty output is refused, with
 * it the old one is renamed to `<output>.replaced-<time>`.
 * @throws OutputExistsError, OutputIsFileError, OutputHoldsInputError, DiskFullError, AccessDeniedError
 */
export async function openOutput(output: string, force: boolean, inputs: readonly Checkpoint[]): Promise<OutputDirectory> {
  const target = path.resolve(output);
  const entries = await entriesOf(output, target);
  if (entries !== null && entries.length > 0) {
    if (!force) throw outputExists(output);
    await refuseInputsInside(output, target, inputs);
  }
  const prefix = `.${path.basename(target)}.${os.hostname()}-`;
  const temporary = path.join(path.dirname(target), `${prefix}${process.pid}-${randomBytes(4).toString('hex')}.tmp`);
  try {
    await mkdir(path.dirname(target), { recursive: true });
    await removeLeftovers(path.dirname(target), prefix);
    await mkdir(temporary);
  } catch (error) {
    throw fileSystemError(output, error);
  }
  return {
    temporary,
    commit: () => commit(output, target, temporary, force),
    abandon: () => rm(temporary, { recursive: true, force: true }),
  };
}

/** A merge that was killed leaves its unfinished directory, which may be large: those of processes that ended on this machine go. */
async function removeLeftovers(directory: string, prefix: string): Promise<void> {
  for (const name of await readdir(directory)) {
    const pid = name.startsWith(prefix) ? /^(\d+)-[0-9a-f]{8}\.tmp$/.exec(name.slice(prefix.length))?.[1] : undefined;
    if (pid !== undefined && !isAlive(Number(pid))) await rm(path.join(directory, name), { recursive: true, force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}

/** Names in the directory; null where nothing is there. */
async function entriesOf(output: string, target: string): Promise<string[] | null> {
  const stats = await stat(target).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw fileSystemError(output, error);
  });
  if (stats === null) return null;
  if (!stats.isDirectory()) throw outputIsFile(output);
  return readdir(target).catch((error: unknown) => {
    throw fileSystemError(output, error);
  });
}

async function refuseInputsInside(output: string, target: string, inputs: readonly Checkpoint[]): Promise<void> {
  const inside = `${await realpath(target)}${path.sep}`;
  for (const checkpoint of inputs) {
    for (const file of checkpoint.files) if (file.startsWith(`${target}${path.sep}`) || (await realpath(file)).startsWith(inside)) throw outputHoldsInput(output, checkpoint.path);
  }
}

async function commit(output: string, target: string, temporary: string, force: boolean): Promise<string | null> {
  let replaced: string | null = null;
  try {
    const entries = await entriesOf(output, target);
    if (entries?.length === 0) await rmdir(target);
    else if (entries !== null) {
      if (!force) throw outputExists(output);
      replaced = `${target}.replaced-${new Date().toISOString().replace(/[:.]/g, '-')}`;
      await rename(target, replaced);
    }
    await renameDurably(temporary, target);
    return replaced;
  } catch (error) {
    if (replaced !== null && (await entriesOf(output, target)) === null) await rename(replaced, target);
    throw fileSystemError(output, error);
  }
}
