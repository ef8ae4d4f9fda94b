import { dtypeBytes, dtypes, isDtype, type Dtype } from './dtype';
import * as errors from './errors';

/** Where one tensor lies. `begin` and `end` are byte offsets into the data section, as in the file's header. */
export interface TensorInfo {
  readonly name: string;
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  readonly begin: number;
  readonly end: number;
}

export interface SafetensorsHeader {
  /** `__metadata__` of the file; empty where it has none */
  readonly metadata: Readonly<Record<string, string>>;
  /** by name, in the order of the data */
  readonly tensors: ReadonlyMap<string, TensorInfo>;
  /** byte at which the data section starts */
  readonly dataOffset: number;
  readonly sizeBytes: number;
}

/** Name, type and shape of a tensor that is to be written. */
export type TensorLayout = Pick<TensorInfo, 'name' | 'dtype' | 'shape'>;

/** The format's own limit on the header's JSON. */
export const headerLimitBytes = 100_000_000;
const metadataKey = '__metadata__';

export function elementCount(shape: readonly number[]): number {
  return shape.reduce((product, length) => product * length, 1);
}

/** First bytes of what is commonly mistaken for a safetensors file. */
const impostors: readonly { readonly magic: string; readonly what: string }[] = [
  { magic: 'PK', what: 'this is a PyTorch (zip) file; name it .bin, .pt or .pth' },
  { magic: '\x80\x02', what: 'this is a pickle; name it .bin, .pt or .pth' },
  { magic: 'GGUF', what: 'this is a GGUF file; start from the safetensors original' },
  { magic: 'version ', what: 'this is a Git LFS pointer; run `git lfs pull`' },
];

/**
 * Bytes of the header's JSON, from the eight bytes before it.
 * @throws NotSafetensorsError, HeaderTooLargeError
 */
export function headerLength(prefix: Uint8Array, sizeBytes: number, file: string): number {
  if (sizeBytes < 8) throw errors.notSafetensors(file, `${sizeBytes} bytes are too few, the header alone needs 8 — fetch it again`);
  const start = Buffer.from(prefix.buffer, prefix.byteOffset, 8).toString('latin1');
  const impostor = impostors.find(({ magic }) => start.startsWith(magic));
  const length = new DataView(prefix.buffer, prefix.byteOffset).getBigUint64(0, true);
  // A real header may have a length whose bytes look like a magic word: only a length that cannot be true tells.
  if (impostor && length > BigInt(sizeBytes - 8)) throw errors.notSafetensors(file, impostor.what);
  if (length > BigInt(headerLimitBytes)) throw errors.headerTooLarge(file, length, `over the format's limit of ${headerLimitBytes}`);
  if (length > BigInt(sizeBytes - 8)) throw errors.headerTooLarge(file, length, `but the file has only ${sizeBytes - 8} after the length`);
  return Number(length);
}

/**
 * Checks a header by the rules of the format: unique names, sizes that follow from dtype and shape, tensors that
 * cover the data section without overlap or hole, a file that ends where they end.
 * @param json the header's bytes, without the eight bytes of length before them
 * @throws the named errors of `errors.ts`, each with `file` in front
 */
export function parseHeader(json: Uint8Array, sizeBytes: number, file: string): SafetensorsHeader {
  const entries = headerEntries(json, file);
  const metadata: Record<string, string> = {};
  const tensors: TensorInfo[] = [];
  // for…in and no list of entries: a checkpoint may have 100,000 tensors
  for (const name in entries) {
    if (name === metadataKey) for (const [key, text] of metadataEntries(entries[name], file)) define(metadata, key, text);
    else tensors.push(parseTensor(name, entries[name], file));
  }
  tensors.sort((a, b) => a.begin - b.begin || a.end - b.end);
  const dataOffset = 8 + json.byteLength;
  checkCoverage(tensors, sizeBytes - dataOffset, sizeBytes, file);
  return { metadata, tensors: new Map(tensors.map((tensor) => [tensor.name, tensor])), dataOffset, sizeBytes };
}

/** An own property even for the key `__proto__`. */
function define(record: Record<string, string>, key: string, value: string): void {
  Object.defineProperty(record, key, { value, enumerable: true, configurable: true, writable: true });
}

function headerEntries(json: Uint8Array, file: string): Record<string, unknown> {
  if (json[0] !== 0x7b) throw errors.malformedHeader(file, 'it does not start with {');
  let text: string;
  let parsed: Record<string, unknown>;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(json);
    parsed = JSON.parse(text) as Record<string, unknown>;
  } catch (error) {
    throw errors.malformedHeader(file, error instanceof SyntaxError ? 'it is not valid JSON' : 'it is not valid UTF-8');
  }
  // every key has a colon: where there are no more of them than keys, none can have been lost
  if (colonCount(json) > keyCount(parsed)) {
    const duplicate = duplicateKey(text);
    if (duplicate !== null) throw errors.duplicateTensor(file, duplicate);
  }
  return parsed;
}

function colonCount(json: Uint8Array): number {
  let count = 0;
  for (let i = 0; i < json.length; i++) if (json[i] === 0x3a) count++;
  return count;
}

/** Keys of an object and of the objects in it. */
function keyCount(parsed: Record<string, unknown>): number {
  let count = 0;
  for (const key in parsed) {
    count++;
    const value = parsed[key];
    if (isObject(value)) count += Object.keys(value).length;
  }
  return count;
}

/** First key that stands twice in one object of valid JSON; JSON.parse would keep the last one silently. */
function duplicateKey(text: string): string | null {
  const scopes: (Set<string> | null)[] = [];
  const bracket = /["{}[\]]/g;
  for (let match = bracket.exec(text); match; match = bracket.exec(text)) {
    const [character] = match;
    if (character === '{') scopes.push(new Set());
    else if (character === '[') scopes.push(null);
    else if (character !== '"') scopes.pop();
    else {
      const end = stringEnd(text, match.index + 1);
      bracket.lastIndex = end + 1;
      const keys = scopes.at(-1);
      if (!keys || !followedByColon(text, end + 1)) continue;
      const raw = text.slice(match.index + 1, end);
      const key = raw.includes('\\') ? (JSON.parse(`"${raw}"`) as string) : raw;
      if (keys.has(key)) return key;
      keys.add(key);
    }
  }
  return null;
}

const restOfString = /[^"\\]*(?:\\.[^"\\]*)*/y;

/** Index of the quote that ends a string of valid JSON whose content starts at `from`. */
function stringEnd(text: string, from: number): number {
  restOfString.lastIndex = from;
  restOfString.test(text);
  return restOfString.lastIndex;
}

function followedByColon(text: string, from: number): boolean {
  let i = from;
  while (text[i] === ' ' || text[i] === '\n' || text[i] === '\r' || text[i] === '\t') i++;
  return text[i] === ':';
}

function metadataEntries(value: unknown, file: string): [string, string][] {
  if (!isObject(value)) throw errors.malformedHeader(file, `${metadataKey} is not an object`);
  return Object.entries(value).map(([key, text]) => {
    if (typeof text !== 'string') throw errors.malformedHeader(file, `${metadataKey} ${JSON.stringify(key)} is not a string`);
    return [key, text];
  });
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isNaturals(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((item) => Number.isSafeInteger(item) && (item as number) >= 0);
}

function parseTensor(name: string, value: unknown, file: string): TensorInfo {
  const where = `${file}: tensor ${name}`;
  if (!isObject(value)) throw errors.malformedHeader(file, `tensor ${name} is not an object`);
  const { dtype, shape, data_offsets: offsets } = value;
  if (typeof dtype !== 'string') throw errors.malformedHeader(file, `tensor ${name} has no dtype`);
  if (!isDtype(dtype)) throw errors.unknownDtype(where, dtype, `known are ${dtypes.join(', ')}`);
  if (!isNaturals(shape)) throw errors.malformedHeader(file, `the shape of tensor ${name} is not a list of whole numbers`);
  if (!isNaturals(offsets) || offsets.length !== 2 || offsets[0] > offsets[1]) throw errors.malformedHeader(file, `data_offsets of tensor ${name} are not [begin, end]`);
  const [begin, end] = offsets;
  const expected = elementCount(shape) * dtypeBytes[dtype];
  if (expected !== end - begin) throw errors.tensorSizeMismatch(where, dtype, shape, expected, end - begin);
  return { name, dtype, shape, begin, end };
}

function checkCoverage(tensors: readonly TensorInfo[], dataBytes: number, sizeBytes: number, file: string): void {
  let covered = 0;
  let last = '';
  for (const { name, begin, end } of tensors) {
    if (begin < covered) throw errors.overlappingTensors(file, last, name, begin);
    if (begin > covered) throw errors.holeInData(file, name, covered, begin);
    covered = end;
    last = name;
  }
  if (covered > dataBytes) throw errors.truncatedFile(file, covered - dataBytes, sizeBytes + covered - dataBytes);
  if (covered < dataBytes) throw errors.trailingBytes(file, dataBytes - covered);
}

/**
 * The bytes before the data section: length and JSON, padded with spaces so that the data starts at a multiple of
 * eight, or at `dataOffset`. Tensors follow each other in the order given.
 * @throws DuplicateNameError, and MalformedHeaderError for a name that the format reserves
 */
export function encodeHeader(layouts: readonly TensorLayout[], metadata: Readonly<Record<string, string>>, file: string, dataOffset?: number): { readonly bytes: Uint8Array; readonly header: SafetensorsHeader } {
  const tensors = new Map<string, TensorInfo>();
  const json: string[] = Object.keys(metadata).length > 0 ? [`"${metadataKey}":${JSON.stringify(metadata)}`] : [];
  let begin = 0;
  for (const { name, dtype, shape } of layouts) {
    if (name === metadataKey) throw errors.malformedHeader(file, `no tensor can be named ${metadataKey}`);
    if (tensors.has(name)) throw errors.duplicateTensor(file, name);
    const end = begin + elementCount(shape) * dtypeBytes[dtype];
    tensors.set(name, { name, dtype, shape, begin, end });
    json.push(`${JSON.stringify(name)}:${JSON.stringify({ dtype, shape, data_offsets: [begin, end] })}`);
    begin = end;
  }
  const text = new TextEncoder().encode(`{${json.join(',')}}`);
  const padded = dataOffset === undefined ? Math.ceil(text.byteLength / 8) * 8 : dataOffset - 8;
  if (padded < text.byteLength) throw errors.malformedHeader(file, `${text.byteLength} bytes do not fit before the data at ${dataOffset}`);
  if (padded > headerLimitBytes) throw errors.headerTooLarge(file, BigInt(padded), `over the format's limit of ${headerLimitBytes}`);
  const bytes = new Uint8Array(8 + padded).fill(0x20);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(padded), true);
  bytes.set(text, 8);
  return { bytes, header: { metadata, tensors, dataOffset: bytes.byteLength, sizeBytes: bytes.byteLength + begin } };
}
