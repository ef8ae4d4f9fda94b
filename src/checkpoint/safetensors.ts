import { open, rename, rm, type FileHandle } from 'node:fs/promises';
import { SoupError } from '../errors';
import { dtypeSizes, isDtype, type Dtype } from './dtype';

export { fromFloat32, toFloat32, type Dtype } from './dtype';

/** One tensor; `begin` and `end` are byte offsets from the start of the data. */
export interface TensorInfo {
  readonly name: string;
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  readonly begin: number;
  readonly end: number;
}

export interface SafetensorsHeader {
  readonly metadata: Readonly<Record<string, string>>;
  /** in file order */
  readonly tensors: readonly TensorInfo[];
  /** where the data starts in the file */
  readonly dataOffset: number;
  readonly sizeBytes: number;
}

/** A tensor to write. */
export interface TensorData {
  readonly name: string;
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  readonly data: Uint8Array;
}

/** The reference implementation's limit. */
const maximumHeaderBytes = 100_000_000;

function malformed(file: string, what: string): SoupError {
  return new SoupError('SafetensorsError', `${file}: ${what}`);
}

/**
 * Reads the header alone, and checks it against the rules of the format: sizes match shapes and types, tensors follow
 * each other without hole or overlap, and the file holds all of them.
 * @throws SoupError `SafetensorsError` that says what is wrong, and where
 */
export async function readHeader(file: string): Promise<SafetensorsHeader> {
  let handle: FileHandle;
  try {
    handle = await open(file, 'r');
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    throw new SoupError('SafetensorsError', code === 'ENOENT' ? `${file}: there is no such file` : `${file}: cannot be opened (${code})`, { cause });
  }
  try {
    const stats = await handle.stat();
    if (!stats.isFile()) throw malformed(file, 'is not a file');
    if (stats.size < 8) throw malformed(file, `is not a safetensors file: it has ${stats.size} bytes, a header length alone has 8`);
    const length = (await readExactly(handle, 0, 8)).readBigUInt64LE();
    if (length > BigInt(maximumHeaderBytes)) throw malformed(file, `is not a safetensors file: its first 8 bytes give a header of ${length} bytes, over the format's 100 MB`);
    const dataOffset = 8 + Number(length);
    if (dataOffset > stats.size) throw malformed(file, `is truncated: the header should end at byte ${dataOffset}, the file at ${stats.size}; copy it again`);
    const text = (await readExactly(handle, 8, Number(length))).toString('utf8');
    return parseHeader(file, text, dataOffset, stats.size);
  } finally {
    await handle.close();
  }
}

function parseHeader(file: string, text: string, dataOffset: number, sizeBytes: number): SafetensorsHeader {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new SoupError('SafetensorsError', `${file}: is not a safetensors file: its header is not JSON (${(cause as Error).message})`, { cause });
  }
  if (typeof json !== 'object' || json === null || Array.isArray(json)) throw malformed(file, 'its header is not a JSON object');
  const { __metadata__: metadata = {}, ...entries } = json as Record<string, unknown>;
  const isTextMap = typeof metadata === 'object' && metadata !== null && Object.values(metadata).every((value) => typeof value === 'string');
  if (!isTextMap) throw malformed(file, '__metadata__ has to map text to text');
  const tensors = Object.entries(entries).map(([name, entry]) => parseTensor(file, name, entry));
  tensors.sort((a, b) => a.begin - b.begin || a.end - b.end);
  let end = 0;
  for (const tensor of tensors) {
    if (tensor.begin !== end) throw malformed(file, `${tensor.name}: ${tensor.begin < end ? 'overlaps the tensor before it' : 'leaves a hole before it'} (starts at ${tensor.begin}, expected ${end})`);
    ({ end } = tensor);
  }
  const dataBytes = sizeBytes - dataOffset;
  if (dataBytes < end) throw malformed(file, `is truncated: ${end - dataBytes} of ${end} data bytes are missing (first in ${tensors.find((tensor) => tensor.end > dataBytes)!.name}); copy it again`);
  if (dataBytes > end) throw malformed(file, `has ${dataBytes - end} bytes after its last tensor`);
  return { metadata: metadata as Record<string, string>, tensors, dataOffset, sizeBytes };
}

function parseTensor(file: string, name: string, entry: unknown): TensorInfo {
  const { dtype, shape, data_offsets: offsets } = (entry ?? {}) as { dtype?: unknown; shape?: unknown; data_offsets?: unknown };
  if (typeof dtype !== 'string' || !isDtype(dtype)) throw malformed(file, `${name}: unknown dtype ${JSON.stringify(dtype)}; known are ${Object.keys(dtypeSizes).join(', ')}`);
  const areSizes = (values: unknown): values is number[] => Array.isArray(values) && values.every((value) => Number.isSafeInteger(value) && value >= 0);
  if (!areSizes(shape)) throw malformed(file, `${name}: its shape ${JSON.stringify(shape)} is not a list of sizes`);
  if (!areSizes(offsets) || offsets.length !== 2 || offsets[1] < offsets[0]) throw malformed(file, `${name}: its data_offsets ${JSON.stringify(offsets)} are not [begin, end]`);
  const [begin, end] = offsets;
  const expected = shape.reduce((product, size) => product * size, 1) * dtypeSizes[dtype];
  if (end - begin !== expected) throw malformed(file, `${name}: ${dtype} [${shape.join(', ')}] takes ${expected} bytes, its data_offsets hold ${end - begin}`);
  return { name, dtype, shape, begin, end };
}

/** Reads `length` bytes at `position`; short reads are normal. @throws SoupError when the file ends before */
async function readExactly(handle: FileHandle, position: number, length: number): Promise<Buffer> {
  const bytes = Buffer.alloc(length);
  for (let done = 0; done < length; ) {
    const { bytesRead } = await handle.read(bytes, done, Math.min(length - done, 2 ** 30), position + done);
    if (bytesRead === 0) throw new SoupError('SafetensorsError', `the file ended ${length - done} bytes early while it was read`);
    done += bytesRead;
  }
  return bytes;
}

/** The bytes of one tensor, as they lie in the file. @throws SoupError when it has none of that name */
export async function readTensorBytes(file: string, header: SafetensorsHeader, tensor: string | TensorInfo): Promise<Uint8Array> {
  const info = typeof tensor === 'string' ? header.tensors.find(({ name }) => name === tensor) : tensor;
  if (!info) throw malformed(file, `has no tensor ${String(tensor)}`);
  const handle = await open(file, 'r');
  try {
    return await readExactly(handle, header.dataOffset + info.begin, info.end - info.begin);
  } finally {
    await handle.close();
  }
}

/**
 * The bytes before the data: length and JSON, padded with spaces to a multiple of 8 as the reference implementation does.
 * Tensors are laid out in the order given.
 */
export function headerBytes(tensors: readonly Pick<TensorInfo, 'name' | 'dtype' | 'shape'>[], metadata: Readonly<Record<string, string>>): Buffer {
  const header: Record<string, unknown> = Object.keys(metadata).length > 0 ? { __metadata__: metadata } : {};
  let offset = 0;
  for (const { name, dtype, shape } of tensors) {
    if (Object.hasOwn(header, name)) throw new SoupError('SafetensorsError', `the tensor ${name} is given twice`);
    const end = offset + shape.reduce((product, size) => product * size, 1) * dtypeSizes[dtype];
    header[name] = { dtype, shape, data_offsets: [offset, end] };
    offset = end;
  }
  const json = Buffer.from(JSON.stringify(header), 'utf8');
  const padded = Buffer.alloc(8 + Math.ceil(json.length / 8) * 8, 0x20);
  padded.writeBigUInt64LE(BigInt(padded.length - 8));
  json.copy(padded, 8);
  return padded;
}

/**
 * Writes a whole file under a temporary name, syncs it, and renames it into place.
 * @throws SoupError when a tensor's bytes do not fit its shape
 */
export async function writeSafetensors(file: string, tensors: readonly TensorData[], metadata: Readonly<Record<string, string>> = {}): Promise<void> {
  for (const { name, dtype, shape, data } of tensors) {
    const expected = shape.reduce((product, size) => product * size, 1) * dtypeSizes[dtype];
    if (data.byteLength !== expected) throw new SoupError('SafetensorsError', `${name}: ${dtype} [${shape.join(', ')}] takes ${expected} bytes, ${data.byteLength} were given`, { isInput: false });
  }
  const temporary = `${file}.${process.pid}.tmp`;
  const handle = await open(temporary, 'w');
  try {
    await handle.writeFile(Buffer.concat([headerBytes(tensors, metadata), ...tensors.map(({ data }) => data)]));
    await handle.sync();
    await handle.close();
    await rename(temporary, file);
  } catch (error) {
    await handle.close().catch(() => undefined);
    await rm(temporary, { force: true });
    throw error;
  }
}
