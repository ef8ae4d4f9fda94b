import path from 'node:path';
import { resultsPath } from '../../runs/run-directory';
import { filesOfCheckpoint } from '../checkpoint-tree/checkpoint-paths';
import { experimentOfPath } from '../checkpoint-tree/groups';
import type { LocalCopies } from './local-copies';

/**
 * Has the files of a checkpoint, and of what a sweep measured of it, on this disk until the function that comes back is
 * called; nothing is done for one that is there anyway.
 * @param at path of its file or directory
 * @throws SoupError VirtualFileTooLargeError
 */
export async function holdCheckpoint(copies: LocalCopies, at: string, limitBytes: number): Promise<() => void> {
  if (!copies.isCopy(at)) return () => undefined;
  const isDirectory = (await copies.stat(at))?.isDirectory ?? false;
  const directory = isDirectory ? at : path.dirname(at);
  const names = filesOfCheckpoint(await copies.names(directory), isDirectory ? null : path.basename(at));
  const experiment = experimentOfPath(at);
  return copies.hold([...names.map((name) => path.join(directory, name)), ...(experiment === null ? [] : [resultsPath(experiment)])], limitBytes);
}
