import type { FileHandle } from 'node:fs/promises';
import type { CheckpointTensor } from '../checkpoint';
import { dtypeBytes, type Dtype } from '../dtype';
import { notSafetensors } from '../errors';
import { readFully, withFile } from '../files';
import { elementCount } from '../safetensors-header';
import { malformedPickle, unsupportedPytorch } from './errors';
import { isNatural } from './allowed-globals';
import type { PickleValue, StorageReference, TensorReference } from './pickle-values';
import { stateDict } from './state-dict';
import { PickleEnds, unpickle, wholePickle } from './unpickle';
import { readZipDirectory, type ZipEntry } from './zip-directory';

const storageTypes: Readonly<Record<string, Dtype>> = {
  FloatStorage: 'F32', DoubleStorage: 'F64', HalfStorage: 'F16', BFloat16Storage: 'BF16', LongStorage: 'I64', IntStorage: 'I32',
  ShortStorage: 'I16', CharStorage: 'I8', ByteStorage: 'U8', BoolStorage: 'BOOL', ComplexFloatStorage: 'C64',
};
const torchTypes: Readonly<Record<string, Dtype>> = {
  float32: 'F32', float64: 'F64', float16: 'F16', bfloat16: 'BF16', float8_e4m3fn: 'F8_E4M3', float8_e5m2: 'F8_E5M2', float8_e8m0fnu: 'F8_E8M0',
  float8_e4m3fnuz: 'F8_E4M3FNUZ', float8_e5m2fnuz: 'F8_E5M2FNUZ', int64: 'I64', int32: 'I32', int16: 'I16', int8: 'I8',
  uint64: 'U64', uint32: 'U32', uint16: 'U16', uint8: 'U8', bool: 'BOOL', complex64: 'C64',
};

/** Where the storages of a file lie, by key. */
type Storages = ReadonlyMap<string, ZipEntry>;

/**
 * The tensors of a file that torch.save wrote, without running anything of it: a zip archive, or the older format of
 * pickles in a row. Tensors are ranges of the file; the data itself is not read.
 * @throws UnsafePickleError, MalformedPickleError, UnsupportedPytorchError (strided or big-endian tensors, unknown types)
 */
export async function readPytorchFile(file: string): Promise<CheckpointTensor[]> {
  return withFile(file, async (handle) => {
    const { size } = await handle.stat();
    const start = new Uint8Array(Math.min(size, 2));
    await readFully(handle, start, 0, file);
    const isZip = start[0] === 0x50 && start[1] === 0x4b;
    if (!isZip && start[0] !== 0x80) throw notSafetensors(file, 'nor is it a PyTorch file');
    const { loaded, storages } = isZip ? await readArchive(handle, size, file) : await readLegacy(handle, size, file);
    return [...stateDict(loaded, file)].map(([name, tensor]) => located(name, tensor, storages, file));
  });
}

interface Loaded {
  readonly loaded: PickleValue;
  readonly storages: Storages;
}

async function readArchive(handle: FileHandle, size: number, file: string): Promise<Loaded> {
  const entries = await readZipDirectory(handle, size, file);
  const pickle = [...entries.keys()].find((name) => /^[^/]+\/data\.pkl$/.test(name));
  if (pickle === undefined) throw unsupportedPytorch(file, 'it is a zip archive without a data.pkl');
  const root = pickle.slice(0, -'data.pkl'.length);
  if (entries.has(`${root}constants.pkl`)) throw unsupportedPytorch(file, 'it is TorchScript, which is code');
  const bytesOf = async ({ position, sizeBytes }: ZipEntry): Promise<Uint8Array> => {
    const bytes = new Uint8Array(sizeBytes);
    await readFully(handle, bytes, position, file);
    return bytes;
  };
  const order = entries.get(`${root}byteorder`);
  if (order && Buffer.from(await bytesOf({ ...order, sizeBytes: Math.min(order.sizeBytes, 16) })).toString() !== 'little') throw unsupportedPytorch(file, 'its numbers are big-endian');
  const entry = entries.get(pickle) as ZipEntry;
  if (entry.sizeBytes > pickleLimitBytes) throw malformedPickle(file, `its data.pkl has ${entry.sizeBytes} bytes`);
  const { value } = wholePickle(await bytesOf(entry), file);
  const prefix = `${root}data/`;
  return { loaded: value, storages: new Map([...entries].filter(([name]) => name.startsWith(prefix)).map(([name, at]) => [name.slice(prefix.length), at])) };
}

/** The first megabytes hold every name of most models; more is read where they do not. */
const headBytes = 4 * 2 ** 20;
const pickleLimitBytes = 512 * 2 ** 20;
const magic = 0x1950a86a20f9469cfc6cn;

/** The format before torch 1.6: magic number, version, system, values, storage keys, then every storage behind its length. */
async function readLegacy(handle: FileHandle, size: number, file: string): Promise<Loaded> {
  const { loaded, keys, end } = await readLegacyHead(handle, size, file);
  const used = new Map<string, StorageReference>();
  for (const { storage } of stateDict(loaded, file).values()) used.set(storage.key, storage);
  const storages = new Map<string, ZipEntry>();
  let at = end;
  for (const key of keys) {
    const count = new Uint8Array(8);
    await readFully(handle, count, at, file);
    const elements = Number(new DataView(count.buffer).getBigInt64(0, true));
    const reference = used.get(key);
    if (!reference) throw unsupportedPytorch(file, `its storage ${key} belongs to no tensor, so that its size is unknown`);
    const sizeBytes = elements * dtypeBytes[storageDtype(reference, file)];
    if (!(elements >= 0) || at + 8 + sizeBytes > size) throw malformedPickle(file, `its storage ${key} is cut off`);
    storages.set(key, { position: at + 8, sizeBytes });
    at += 8 + sizeBytes;
  }
  return { loaded, storages };
}

async function readLegacyHead(handle: FileHandle, size: number, file: string): Promise<{ loaded: PickleValue; keys: string[]; end: number }> {
  for (let length = Math.min(size, headBytes); ; length = Math.min(size, 2 * length)) {
    const bytes = new Uint8Array(length);
    await readFully(handle, bytes, 0, file);
    try {
      return legacyHead(bytes, file);
    } catch (error) {
      if (!(error instanceof PickleEnds)) throw error;
      if (length === size || length > pickleLimitBytes) throw malformedPickle(file, 'its pickle has no end');
    }
  }
}

function legacyHead(bytes: Uint8Array, file: string): { loaded: PickleValue; keys: string[]; end: number } {
  const [number, version] = pickles(bytes, 2, 0, file);
  // a pickle of something else: what it calls for is said first
  if (number.value !== magic) throw unsupportedPytorch(file, 'it is a pickle that torch.save has not written');
  if (version.value !== 1001) throw unsupportedPytorch(file, `it has version ${String(version.value)} of the old format`);
  const [system, loaded, keys] = pickles(bytes, 3, version.end, file);
  if (!(system.value instanceof Map) || system.value.get('little_endian') !== true) throw unsupportedPytorch(file, 'its numbers are big-endian');
  if (!Array.isArray(keys.value) || !keys.value.every((key) => typeof key === 'string')) throw malformedPickle(file, 'it has no list of storages');
  return { loaded: loaded.value, keys: keys.value, end: keys.end };
}

function pickles(bytes: Uint8Array, count: number, start: number, file: string): { value: PickleValue; end: number }[] {
  const read = [unpickle(bytes, start, file)];
  while (read.length < count) read.push(unpickle(bytes, read[read.length - 1].end, file));
  return read;
}

function storageDtype({ type, key }: StorageReference, file: string): Dtype {
  const dtype = storageTypes[type.replace(/^torch\./, '')];
  if (dtype === undefined) throw unsupportedPytorch(file, `its storage ${key} is a ${type}`);
  return dtype;
}

/** A contiguous tensor as a range of the file. */
function located(name: string, { storage, offset, shape, strides, dtype: own }: TensorReference, storages: Storages, file: string): CheckpointTensor {
  const dtype = own === null ? storageDtype(storage, file) : torchTypes[own.replace(/^torch\./, '')];
  if (dtype === undefined) throw unsupportedPytorch(file, `${name} is of type ${own}`);
  const entry = storages.get(storage.key);
  if (!entry) throw malformedPickle(file, `the storage ${storage.key} of ${name} is missing`);
  const elements = elementCount(shape);
  if (!isNatural(elements)) throw malformedPickle(file, `${name} has the shape [${shape.join(', ')}]`);
  if (!isContiguous(shape, strides)) throw unsupportedPytorch(file, `${name} is a strided view, [${shape.join(', ')}] with strides [${strides.join(', ')}]: make it contiguous()`);
  const size = dtypeBytes[dtype];
  const begin = offset * size;
  const end = begin + elements * size;
  if (end > entry.sizeBytes) throw malformedPickle(file, `${name} needs ${end} bytes of its storage, which has ${entry.sizeBytes}`);
  return { name, dtype, shape, begin, end, file, position: entry.position + begin };
}

function isContiguous(shape: readonly number[], strides: readonly number[]): boolean {
  if (shape.includes(0)) return true;
  let expected = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    if (shape[axis] !== 1 && strides[axis] !== expected) return false;
    expected *= shape[axis];
  }
  return true;
}
