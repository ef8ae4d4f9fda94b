import { open } from 'node:fs/promises';
import * as errors from './errors';
import { readFlags, readFully } from './files';
import { headerLength, parseHeader, type SafetensorsHeader } from './safetensors-header';

/** Ranges of a file, wherever it lies; a file is never read whole to answer one. */
export interface ByteSource {
  readonly sizeBytes: number;
  /** @throws TruncatedFileError where the file ends first */
  read(position: number, length: number): Promise<Uint8Array>;
  close(): Promise<void>;
}

/**
 * A file of the local disk, open until it is closed.
 * @throws CheckpointNotFoundError, AccessDeniedError, NotSafetensorsError for what is no regular file
 */
export async function openFileSource(file: string): Promise<ByteSource> {
  try {
    const handle = await open(file, readFlags);
    const stats = await handle.stat();
    if (!stats.isFile()) {
      await handle.close();
      throw errors.notSafetensors(file, 'it is not a regular file');
    }
    return {
      sizeBytes: stats.size,
      async read(position, length) {
        const bytes = new Uint8Array(length);
        await readFully(handle, bytes, position, file);
        return bytes;
      },
      close: () => handle.close(),
    };
  } catch (error) {
    throw errors.fileSystemError(file, error);
  }
}

/**
 * Reads and checks the header of a safetensors file; no tensor data is read.
 * @param file how errors name it
 * @throws NotSafetensorsError, HeaderTooLargeError, MalformedHeaderError, TruncatedFileError and the other named errors of `errors.ts`
 */
export async function readHeaderOf(source: ByteSource, file: string): Promise<SafetensorsHeader> {
  const prefix = source.sizeBytes >= 8 ? await source.read(0, 8) : new Uint8Array(8);
  const json = await source.read(8, headerLength(prefix, source.sizeBytes, file));
  return parseHeader(json, source.sizeBytes, file);
}
