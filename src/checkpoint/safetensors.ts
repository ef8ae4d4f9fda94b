import { closeSync, fstatSync, open, read } from 'node:fs';
import { open as openHandle, rm, type FileHandle } from 'node:fs/promises';
import { promisify } from 'node:util';
import { dtypes } from './dtype';
import * as errors from './errors';
import { readFlags, readFully, renameDurably, temporaryBeside, withFile, writeFully } from './files';
import { encodeHeader, headerLength, parseHeader, type SafetensorsHeader, type TensorInfo, type TensorLayout } from './safetensors-header';

export type { Dtype } from './dtype';
export type { SafetensorsHeader, TensorInfo, TensorLayout } from './safetensors-header';
export { fromFloat32, toFloat32 } from './float-formats';

/** A tensor to be written: `data` holds its elements, little-endian, row-major. */
export interface TensorData extends TensorLayout {
  readonly data: Uint8Array;
}

/** The whole header of most shards: one read instead of two. */
const firstReadBytes = 1 << 14;

/**
 * Reads and checks the header of a safetensors file; no tensor data is read.
 * @throws NotSafetensorsError, HeaderTooLargeError, MalformedHeaderError, TruncatedFileError and the other named errors of `errors.ts`
 */
export async function readHeader(file: string): Promise<SafetensorsHeader> {
  let descriptor: number | null = null;
  try {
    descriptor = await openDescriptor(file, readFlags);
    // what an open file's descriptor knows, and closing it, wait for no disk
    const stats = fstatSync(descriptor);
    if (!stats.isFile()) throw errors.notSafetensors(file, 'it is not a regular file');
    const start = await readRange(descriptor, 0, Math.min(stats.size, firstReadBytes), file);
    const length = headerLength(start.byteLength >= 8 ? start : new Uint8Array(8), stats.size, file);
    const json = length <= start.byteLength - 8 ? start.subarray(8, 8 + length) : await readRange(descriptor, 8, length, file);
    return parseHeader(json, stats.size, file);
  } catch (error) {
    throw errors.fileSystemError(file, error);
  } finally {
    if (descriptor !== null) closeSync(descriptor);
  }
}

const openDescriptor = promisify(open);
const readDescriptor = promisify(read);

async function readRange(descriptor: number, position: number, length: number, file: string): Promise<Uint8Array> {
  const bytes = new Uint8Array(length);
  for (let done = 0; done < length; ) {
    const { bytesRead } = await readDescriptor(descriptor, bytes, done, length - done, position + done);
    if (bytesRead === 0) throw errors.truncatedFile(file, length - done, position + length);
    done += bytesRead;
  }
  return bytes;
}

/**
 * The bytes of one tensor, little-endian, row-major.
 * @throws MissingTensorError, TruncatedFileError
 */
export async function readTensorBytes(file: string, header: SafetensorsHeader, tensor: string | TensorInfo): Promise<Uint8Array> {
  const info = typeof tensor === 'string' ? header.tensors.get(tensor) : tensor;
  if (!info) throw errors.missingTensor(file, String(tensor));
  const bytes = new Uint8Array(info.end - info.begin);
  await withFile(file, (handle) => readFully(handle, bytes, header.dataOffset + info.begin, file));
  return bytes;
}

/** A safetensors file that is being written: header first, then data at offsets into the data section, in any order. */
export interface SafetensorsWriter {
  readonly header: SafetensorsHeader;
  write(bytes: Uint8Array, dataOffset: number): Promise<void>;
  /** Flushes to the disk and closes. */
  finish(): Promise<void>;
  /** Closes and removes what was written. */
  abandon(): Promise<void>;
}

/**
 * Starts a new file with room for `layouts`, in the order given. The caller writes to a temporary place and renames.
 * @throws DiskFullError, AccessDeniedError, DuplicateNameError
 */
export async function createSafetensors(file: string, layouts: readonly TensorLayout[], metadata: Readonly<Record<string, string>>): Promise<SafetensorsWriter> {
  const { bytes, header } = encodeHeader(layouts, metadata, file);
  let handle: FileHandle | null = null;
  const guarded = async (work: (handle: FileHandle) => Promise<void>): Promise<void> => {
    try {
      if (!handle) handle = await openHandle(file, 'wx');
      await work(handle);
    } catch (error) {
      throw errors.fileSystemError(file, error);
    }
  };
  const abandon = async (): Promise<void> => {
    if (!handle) return;
    await handle.close().catch(() => undefined);
    await rm(file, { force: true });
  };
  try {
    await guarded((opened) => writeFully(opened, bytes, 0));
  } catch (error) {
    await abandon();
    throw error;
  }
  return {
    header,
    write: (data, dataOffset) => guarded((opened) => writeFully(opened, data, header.dataOffset + dataOffset)),
    finish: () => guarded(async (opened) => {
      await opened.sync();
      await opened.close();
    }),
    abandon,
  };
}

/** The reference writer's order: wide dtypes first, so that every tensor is aligned, then by name. */
function byAlignmentThenName(a: TensorLayout, b: TensorLayout): number {
  return dtypes.indexOf(b.dtype) - dtypes.indexOf(a.dtype) || Buffer.compare(Buffer.from(a.name), Buffer.from(b.name));
}

/**
 * Writes a safetensors file with the bytes that the Python package writes, atomically: a crash at any moment leaves
 * the old file or the new one.
 * @throws TensorSizeError when data and shape disagree, DuplicateNameError, DiskFullError, AccessDeniedError
 */
export async function writeSafetensors(file: string, tensors: readonly TensorData[], metadata: Readonly<Record<string, string>> = {}): Promise<void> {
  const sorted = [...tensors].sort(byAlignmentThenName);
  const { header } = encodeHeader(sorted, metadata, file);
  for (const { name, dtype, shape, data } of sorted) {
    const { begin, end } = header.tensors.get(name) as TensorInfo;
    if (data.byteLength !== end - begin) throw errors.tensorSizeMismatch(`${file}: tensor ${name}`, dtype, shape, end - begin, data.byteLength);
  }
  const temporary = temporaryBeside(file);
  const writer = await createSafetensors(temporary, sorted, metadata);
  try {
    for (const { name, data } of sorted) await writer.write(data, (header.tensors.get(name) as TensorInfo).begin);
    await writer.finish();
    await renameDurably(temporary, file);
  } catch (error) {
    await writer.abandon();
    throw errors.fileSystemError(file, error);
  }
}
