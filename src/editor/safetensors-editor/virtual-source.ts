import * as l10n from '@vscode/l10n';
import type { ByteSource } from '../../checkpoint/byte-source';
import { SoupError } from '../../errors';

/** The part of `workspace.fs` that is needed. */
export interface WholeFiles<Uri> {
  stat(uri: Uri): PromiseLike<{ readonly size: number }>;
  readFile(uri: Uri): PromiseLike<Uint8Array>;
}

/** The file system of a virtual workspace gives files only as a whole, so that larger ones stay closed. */
export const virtualLimitBytes = 256 * 1024 ** 2;

/**
 * A file without a place on the local disk, held in memory.
 * @param name how errors name it
 * @throws SoupError VirtualFileTooLargeError above 256 MiB
 */
export async function openVirtualSource<Uri>(files: WholeFiles<Uri>, uri: Uri, name: string): Promise<ByteSource> {
  const { size } = await files.stat(uri);
  if (size > virtualLimitBytes) {
    throw new SoupError('VirtualFileTooLargeError', l10n.t('{0}: {1} bytes, and this workspace\'s file system gives files only as a whole (limit {2} bytes) — open the folder on the machine that holds it', name, size, virtualLimitBytes));
  }
  const bytes = await files.readFile(uri);
  return {
    sizeBytes: bytes.byteLength,
    async read(position, length) {
      const missing = position + length - bytes.byteLength;
      if (missing > 0) throw new SoupError('TruncatedFileError', l10n.t('{0}: truncated, {1} of {2} bytes are missing at the end — copy or download it again', name, missing, position + length));
      return bytes.subarray(position, position + length);
    },
    close: async () => undefined,
  };
}
