import { closeSync, constants, openSync, writeSync } from 'node:fs';
import { open, statfs } from 'node:fs/promises';
import { dtypeBytes } from '../checkpoint/dtype';
import { diskFull, fileSystemError } from '../checkpoint/errors';
import { encodeHeader } from '../checkpoint/safetensors-header';
import type { PlannedFile } from './plan';
import { directAlignment, openDirect } from './sources/open-files';

/** A safetensors file of the output: the threads write the data, and the header comes last, when everything is known. */
export interface OutputFile {
  readonly file: string;
  /** a multiple of the page, so that data that is aligned in its section is aligned in the file */
  readonly dataOffset: number;
}

/** Room in the header for metadata that is known only when the inputs have been read. */
const lateMetadataBytes = 512;

/**
 * Makes a file of its final size, without content.
 * @throws DiskFullError, AccessDeniedError, DuplicateNameError
 */
export async function createOutputFile(file: string, { tensors, metadata }: PlannedFile): Promise<OutputFile> {
  const { bytes } = encodeHeader(tensors, metadata, file);
  const dataOffset = Math.ceil((bytes.byteLength + lateMetadataBytes) / directAlignment) * directAlignment;
  const dataBytes = tensors.reduce((sum, { elements, dtype }) => sum + elements * dtypeBytes[dtype], 0);
  try {
    const handle = await open(file, 'wx');
    await handle.truncate(dataOffset + dataBytes).finally(() => handle.close());
  } catch (error) {
    throw fileSystemError(file, error);
  }
  return { file, dataOffset };
}

/** Sees to it that what was written is on the disk. */
export async function syncOutputFile({ file }: OutputFile): Promise<void> {
  try {
    const handle = await open(file, 'r+');
    await handle.sync().finally(() => handle.close());
  } catch (error) {
    throw fileSystemError(file, error);
  }
}

/** Writes the header, padded with spaces up to the data. */
export async function finishOutputFile({ file, dataOffset }: OutputFile, { tensors, metadata }: PlannedFile): Promise<void> {
  const { bytes } = encodeHeader(tensors, metadata, file, dataOffset);
  try {
    const handle = await open(file, 'r+');
    await handle.write(bytes, 0, bytes.byteLength, 0).finally(() => handle.close());
  } catch (error) {
    throw fileSystemError(file, error);
  }
}

/** Says at once, and not after minutes, that the disk has no room. @throws DiskFullError */
export async function requireSpace(directory: string, sizeBytes: number): Promise<void> {
  const stats = await statfs(directory).catch(() => null);
  const freeBytes = stats ? stats.bavail * stats.bsize : Infinity;
  // some network file systems say 0 for "unknown"
  if (freeBytes > 0 && freeBytes < sizeBytes) throw diskFull(directory, sizeBytes, freeBytes);
}

/** Writes ranges of the output's files from one thread. */
export class OutputWriter {
  private readonly descriptors = new Map<number, { readonly buffered: number; readonly direct: number | null }>();

  constructor(private readonly outputs: readonly OutputFile[], private readonly isDirect: boolean) {}

  /** Writes bytes at a position of a file's data section. */
  write(output: number, bytes: Uint8Array, begin: number): void {
    const { file, dataOffset } = this.outputs[output];
    try {
      const { buffered, direct } = this.open(output);
      const position = dataOffset + begin;
      let done = 0;
      if (direct !== null && position % directAlignment === 0 && bytes.byteOffset % directAlignment === 0) {
        done = this.writeDirectly(output, direct, bytes.subarray(0, bytes.byteLength - (bytes.byteLength % directAlignment)), position);
      }
      while (done < bytes.byteLength) done += writeSync(buffered, bytes, done, bytes.byteLength - done, position + done);
    } catch (error) {
      throw fileSystemError(file, error);
    }
  }

  private writeDirectly(output: number, descriptor: number, bytes: Uint8Array, position: number): number {
    if (bytes.byteLength === 0) return 0;
    try {
      return writeSync(descriptor, bytes, 0, bytes.byteLength, position);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EINVAL') throw error;
      closeSync(descriptor);
      this.descriptors.set(output, { buffered: this.open(output).buffered, direct: null });
      return 0;
    }
  }

  private open(output: number): { readonly buffered: number; readonly direct: number | null } {
    let opened = this.descriptors.get(output);
    if (!opened) {
      const { file } = this.outputs[output];
      opened = { buffered: openSync(file, 'r+'), direct: this.isDirect ? openDirect(file, constants.O_WRONLY) : null };
      this.descriptors.set(output, opened);
    }
    return opened;
  }

  close(): void {
    for (const { buffered, direct } of this.descriptors.values()) {
      closeSync(buffered);
      if (direct !== null) closeSync(direct);
    }
    this.descriptors.clear();
  }
}
