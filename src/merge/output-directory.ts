import { mkdir, readdir, realpath, rename, rm, rmdir, stat } from 'node:fs/promises';
import path from 'node:path';
import type { Checkpoint } from '../checkpoint/checkpoint';
import { fileSystemError } from '../checkpoint/errors';
import { renameDurably, temporaryBeside } from '../checkpoint/files';
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
  const temporary = temporaryBeside(target);
  try {
    await mkdir(path.dirname(target), { recursive: true });
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
