import { lstat, mkdir, readdir, realpath, rename, rm, rmdir, stat } from 'node:fs/promises';
import { randomBytes } from 'node:crypto';
import os from 'node:os';
import path from 'node:path';
import type { Checkpoint } from '../checkpoint/checkpoint';
import { fileSystemError } from '../checkpoint/errors';
import { renameDurably } from '../checkpoint/files';
import { SoupError } from '../errors';
import { outputExists, outputHoldsInput, outputIsFile, outputNotMade } from './errors';

/** A directory that becomes `output` all at once, or not at all. */
export interface OutputDirectory {
  /** its path without links, from which relative paths lead where they say */
  readonly directory: string;
  /** where to write meanwhile; beside `output`, on the same disk */
  readonly temporary: string;
  /** Puts it into place. Returns where a directory that stood there is now, or null. */
  commit(): Promise<string | null>;
  /** Removes what was written. Returns the error with the output's name in place of the temporary one. */
  abandon(error: unknown): Promise<unknown>;
}

/**
 * Starts an output directory. Nothing that exists is ever deleted: without `force` a non-empty output is refused, with
 * it the old one is renamed to `<output>.replaced-<time>`. Of a link it is what the link leads to.
 * @throws OutputExistsError, OutputIsFileError, OutputHoldsInputError, OutputNotMadeError, DiskFullError, AccessDeniedError
 */
export async function openOutput(output: string, force: boolean, inputs: readonly Checkpoint[]): Promise<OutputDirectory> {
  const target = await checkedOutput(output, force, inputs);
  const prefix = `.${path.basename(target)}.${os.hostname()}-`;
  const temporary = path.join(path.dirname(target), `${prefix}${process.pid}-${randomBytes(4).toString('hex')}.tmp`);
  let parent: string;
  try {
    await mkdir(path.dirname(target), { recursive: true });
    parent = await realpath(path.dirname(target));
    await removeLeftovers(path.dirname(target), prefix);
    await mkdir(temporary);
  } catch (error) {
    throw outputError(output, error);
  }
  return {
    directory: path.join(parent, path.basename(target)),
    temporary,
    commit: () => commit(output, target, temporary, force),
    abandon: async (error) => {
      await rm(temporary, { recursive: true, force: true });
      if (!(error instanceof SoupError) || !error.message.includes(temporary)) return error;
      return new SoupError(error.name, error.message.replaceAll(temporary, output), error);
    },
  };
}

/** Where the output will stand, if it may; to be asked before long work too. @throws as `openOutput` */
export async function checkedOutput(output: string, force: boolean, inputs: readonly Checkpoint[]): Promise<string> {
  const target = await followed(output, path.resolve(output));
  const entries = await entriesOf(output, target);
  if (entries !== null && entries.length > 0) {
    if (!force) throw outputExists(output);
    await refuseInputsInside(output, target, inputs);
  }
  return target;
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

/** What is wrong with the path of an output: where a part of it is missing or no directory, that is not a checkpoint's fault. */
function outputError(output: string, error: unknown): SoupError {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ENOENT' || code === 'ENOTDIR' ? outputNotMade(output, `cannot be made (${code})`, error) : fileSystemError(output, error);
}

/** Where a link leads: a directory is renamed to what it replaces, which a link is not. */
async function followed(output: string, target: string): Promise<string> {
  const real = await realpath(target).catch(() => null);
  if (real !== null) return real;
  const isLink = await lstat(target).then((stats) => stats.isSymbolicLink(), () => false);
  if (isLink) throw outputNotMade(output, 'is a link that leads nowhere');
  return target;
}

/** Names in the directory; null where nothing is there. */
async function entriesOf(output: string, target: string): Promise<string[] | null> {
  const stats = await stat(target).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw outputError(output, error);
  });
  if (stats === null) return null;
  if (!stats.isDirectory()) throw outputIsFile(output);
  return readdir(target).catch((error: unknown) => {
    throw outputError(output, error);
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
    throw outputError(output, error);
  }
}
