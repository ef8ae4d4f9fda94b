import { dtypeBytes } from '../../checkpoint/dtype';
import { decodeInto } from '../../checkpoint/float-formats';
import type { OpenFiles, SourceReader } from './source';
import { openStored, type StoredSource } from './stored';

/** Tensors side by side: every row is a row of each part, times its scale. */
export interface StackedSource {
  readonly kind: 'stacked';
  readonly dtype: 'F32';
  /** `width` is the elements of a row of the part */
  readonly parts: readonly { readonly stored: StoredSource; readonly scale: number; readonly width: number }[];
}

/** Of this thread; garbage of every tensor would be collected too late. */
let bytes = new Uint8Array(0);
let decoded = new Float64Array(0);

/** Each part is read once a chunk, whatever the number of rows; memory is a chunk's. */
export function openStacked({ parts }: StackedSource, files: OpenFiles): SourceReader {
  const readers = parts.map(({ stored }) => openStored(stored, files));
  const rowLength = parts.reduce((sum, { width }) => sum + width, 0);

  /** Elements of one part, from `element` of its own on. */
  function read(part: number, element: number, length: number): Float64Array {
    const { dtype } = parts[part].stored;
    const size = length * dtypeBytes[dtype];
    if (bytes.length < size) bytes = new Uint8Array(size);
    if (decoded.length < length) decoded = new Float64Array(length);
    readers[part].bytes(element, bytes.subarray(0, size));
    decodeInto(bytes.subarray(0, size), dtype, decoded.subarray(0, length));
    return decoded;
  }

  return {
    dtype: 'F32',
    bytes(start, into) {
      const length = into.byteLength / 4;
      const values = into.byteOffset % 4 === 0 ? new Float32Array(into.buffer, into.byteOffset, length) : new Float32Array(length);
      let firstColumn = 0;
      for (const [part, { width, scale }] of parts.entries()) {
        /** How many elements of the part come before an element of the stack. */
        const before = (element: number): number => Math.floor(element / rowLength) * width + Math.min(width, Math.max(0, (element % rowLength) - firstColumn));
        const [from, to] = [before(start), before(start + length)];
        const own = to > from ? read(part, from, to - from) : decoded;
        for (let element = from; element < to; ) {
          const column = element % width;
          const at = Math.floor(element / width) * rowLength + firstColumn + column - start;
          const count = Math.min(width - column, to - element);
          for (let k = 0; k < count; k++) values[at + k] = scale * own[element - from + k];
          element += count;
        }
        firstColumn += width;
      }
      if (values.buffer !== into.buffer) into.set(new Uint8Array(values.buffer));
    },
  };
}
