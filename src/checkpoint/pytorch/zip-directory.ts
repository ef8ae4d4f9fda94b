import type { FileHandle } from 'node:fs/promises';
import { readFully } from '../files';
import { malformedPickle, unsupportedPytorch } from './errors';

/** A stored entry of a zip archive: where its bytes lie in the file. */
export interface ZipEntry {
  readonly position: number;
  readonly sizeBytes: number;
}

const endLength = 22;
const directoryLimitBytes = 256 * 2 ** 20;

/**
 * Entries of a zip archive by name, as torch writes it: stored, not compressed, with 64-bit sizes where needed.
 * @throws MalformedPickleError, UnsupportedPytorchError for compressed or encrypted entries
 */
export async function readZipDirectory(handle: FileHandle, sizeBytes: number, file: string): Promise<Map<string, ZipEntry>> {
  const read = async (position: number, length: number): Promise<DataView> => {
    if (!(position >= 0 && length >= 0 && position + length <= sizeBytes)) throw malformedPickle(file, 'its zip directory points past the end');
    const bytes = new Uint8Array(length);
    await readFully(handle, bytes, position, file);
    return new DataView(bytes.buffer);
  };
  const { offset, length, count } = await findDirectory(read, sizeBytes, file);
  if (length > directoryLimitBytes) throw malformedPickle(file, `its zip directory claims ${length} bytes`);
  const directory = await read(offset, length);
  const entries = new Map<string, ZipEntry>();
  for (let at = 0, n = 0; n < count; n++) {
    if (at + 46 > length || directory.getUint32(at, true) !== 0x02014b50) throw malformedPickle(file, `its zip directory ends after ${n} of ${count} entries`);
    const [nameLength, extraLength, commentLength] = [28, 30, 32].map((field) => directory.getUint16(at + field, true));
    const next = at + 46 + nameLength + extraLength + commentLength;
    if (next > length) throw malformedPickle(file, 'an entry of its zip directory is cut off');
    const name = Buffer.from(directory.buffer, at + 46, nameLength).toString('utf8');
    if (directory.getUint16(at + 8, true) & 1) throw unsupportedPytorch(file, `its entry ${name} is encrypted`);
    if (directory.getUint16(at + 10, true) !== 0) throw unsupportedPytorch(file, `its entry ${name} is compressed`);
    if (entries.has(name)) throw malformedPickle(file, `its entry ${name} stands twice`);
    const { size, header } = sizes(directory, at, at + 46 + nameLength, extraLength, file);
    const local = await read(header, 30);
    if (local.getUint32(0, true) !== 0x04034b50) throw malformedPickle(file, `its entry ${name} has no header`);
    const position = header + 30 + local.getUint16(26, true) + local.getUint16(28, true);
    if (position + size > sizeBytes) throw malformedPickle(file, `its entry ${name} is cut off`);
    entries.set(name, { position, sizeBytes: size });
    at = next;
  }
  return entries;
}

type Read = (position: number, length: number) => Promise<DataView>;

/** The directory by the record at the end of the file, which may have a comment of up to 64 KiB after it. */
async function findDirectory(read: Read, sizeBytes: number, file: string): Promise<{ offset: number; length: number; count: number }> {
  const tailLength = Math.min(sizeBytes, endLength + 0xffff);
  const tail = await read(sizeBytes - tailLength, tailLength);
  let at = tailLength - endLength;
  while (at >= 0 && tail.getUint32(at, true) !== 0x06054b50) at--;
  if (at < 0) throw malformedPickle(file, 'it begins as a zip archive and has no directory at its end, so it is truncated');
  const short = { count: tail.getUint16(at + 10, true), length: tail.getUint32(at + 12, true), offset: tail.getUint32(at + 16, true) };
  if (short.count !== 0xffff && short.length !== 0xffffffff && short.offset !== 0xffffffff) return short;
  const end = sizeBytes - tailLength + at;
  const locator = await read(end - 20, 20);
  if (locator.getUint32(0, true) !== 0x07064b50) throw malformedPickle(file, 'its zip directory has no 64-bit record');
  const record = await read(wide(locator, 8, file), 56);
  if (record.getUint32(0, true) !== 0x06064b50) throw malformedPickle(file, 'its zip directory has no 64-bit record');
  return { count: wide(record, 32, file), length: wide(record, 40, file), offset: wide(record, 48, file) };
}

function wide(view: DataView, at: number, file: string): number {
  const value = Number(view.getBigUint64(at, true));
  if (!Number.isSafeInteger(value)) throw malformedPickle(file, `its zip directory has the size ${value}`);
  return value;
}

/** Size and header position of an entry; both in the 64-bit extra field where they are too large for 32 bits. */
function sizes(directory: DataView, at: number, extraStart: number, extraLength: number, file: string): { size: number; header: number } {
  const fields = { compressed: directory.getUint32(at + 20, true), size: directory.getUint32(at + 24, true), header: directory.getUint32(at + 42, true) };
  for (let extra = extraStart; extra + 4 <= extraStart + extraLength; ) {
    const [id, length] = [directory.getUint16(extra, true), directory.getUint16(extra + 2, true)];
    let field = extra + 4;
    const take = () => {
      if (field + 8 > Math.min(extra + 4 + length, extraStart + extraLength)) throw malformedPickle(file, 'a 64-bit size in its zip directory is cut off');
      field += 8;
      return wide(directory, field - 8, file);
    };
    if (id === 1) {
      if (fields.size === 0xffffffff) fields.size = take();
      if (fields.compressed === 0xffffffff) fields.compressed = take();
      if (fields.header === 0xffffffff) fields.header = take();
    }
    extra += 4 + length;
  }
  if (fields.compressed !== fields.size) throw malformedPickle(file, 'an entry of its zip directory has two sizes');
  return fields;
}
