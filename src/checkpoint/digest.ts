import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import path from 'node:path';
import type { Checkpoint } from './checkpoint';
import { fileSystemError, throwIfAborted } from './errors';

/** SHA-256 of a file, streamed. @throws InterruptedError when `signal` is aborted, and file system errors */
export async function fileSha256(file: string, signal?: AbortSignal): Promise<string> {
  const hash = createHash('sha256');
  try {
    for await (const chunk of createReadStream(file, { highWaterMark: 1 << 20 })) {
      throwIfAborted(signal);
      hash.update(chunk as Buffer);
    }
  } catch (error) {
    throw fileSystemError(file, error);
  }
  return hash.digest('hex');
}

/**
 * SHA-256 of a checkpoint's weights: of its file, or, where sharded, of the lines `<sha256>  <shard>` as `sha256sum`
 * prints them for the shards in the order of their names.
 */
export async function checkpointSha256(checkpoint: Checkpoint, signal?: AbortSignal): Promise<string> {
  const hashes = new Map<string, string>();
  for (const file of checkpoint.files) hashes.set(file, await fileSha256(file, signal));
  return joinedSha256(checkpoint, hashes);
}

/** The same from the hashes of its files. */
export function joinedSha256({ files }: Checkpoint, hashes: ReadonlyMap<string, string>): string {
  const of = (file: string): string => {
    const hash = hashes.get(file);
    if (hash === undefined) throw new Error(`${file} was not hashed`);
    return hash;
  };
  if (files.length === 1) return of(files[0]);
  return createHash('sha256').update(files.map((file) => `${of(file)}  ${path.basename(file)}\n`).join('')).digest('hex');
}
