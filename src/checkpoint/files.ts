import { constants } from 'node:fs';
import { open, rename, type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import { randomBytes } from 'node:crypto';
import { fileSystemError, truncatedFile } from './errors';

/** A pipe that nobody writes to opens at once too, and is seen to be no file; Windows has no such flag, and no such pipe. */
export const readFlags = constants.O_RDONLY | ((constants as Partial<typeof constants>).O_NONBLOCK ?? 0);

/** One read call never asks for more: lengths of 2 GiB and above fail. */
const readLimitBytes = 1 << 30;

/**
 * Fills `into` from `position` on; short reads are normal and are continued.
 * @throws TruncatedFileError when the file ends first, as it may when it shrinks after its header was read
 */
export async function readFully(handle: FileHandle, into: Uint8Array, position: number, file: string): Promise<void> {
  for (let done = 0; done < into.byteLength; ) {
    const length = Math.min(into.byteLength - done, readLimitBytes);
    const { bytesRead } = await handle.read(into, done, length, position + done);
    if (bytesRead === 0) throw truncatedFile(file, into.byteLength - done, position + into.byteLength);
    done += bytesRead;
  }
}

/** Writes all of `bytes` at `position`; short writes are continued. */
export async function writeFully(handle: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  for (let done = 0; done < bytes.byteLength; ) {
    const length = Math.min(bytes.byteLength - done, readLimitBytes);
    done += (await handle.write(bytes, done, length, position + done)).bytesWritten;
  }
}

/** A name beside `target` that nothing else uses; hidden, so that no reader takes it for a finished file. */
export function temporaryBeside(target: string): string {
  return path.join(path.dirname(target), `.${path.basename(target)}.${process.pid}-${randomBytes(4).toString('hex')}.tmp`);
}

/** Renames, and makes the rename last through a power cut where the system can say so. */
export async function renameDurably(from: string, to: string): Promise<void> {
  await rename(from, to);
  await syncDirectory(path.dirname(to));
}

/** Windows has no descriptor of a directory, and some network file systems refuse to sync one: the rename itself stands. */
async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, 'r').catch(() => null);
  if (!handle) return;
  await handle.sync().catch(() => undefined);
  await handle.close();
}

/** Opens `file` for reading, uses it and closes it; failures of the file system get their named errors. */
export async function withFile<T>(file: string, use: (handle: FileHandle) => Promise<T>): Promise<T> {
  let handle: FileHandle | null = null;
  try {
    handle = await open(file, readFlags);
    return await use(handle);
  } catch (error) {
    throw fileSystemError(file, error);
  } finally {
    await handle?.close();
  }
}
