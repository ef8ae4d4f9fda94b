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

export function openStacked({ parts }: StackedSource, files: OpenFiles): SourceReader {
  const readers = parts.map(({ stored }) => openStored(stored, files));
  const width = parts.reduce((sum, part) => sum + part.width, 0);

  /** Elements of one part, from `element` of its own on. */
  function read(part: number, element: number, length: number): Float32Array {
    const { stored: { dtype }, scale } = parts[part];
    const bytes = new Uint8Array(length * dtypeBytes[dtype]);
    readers[part].bytes(element, bytes);
    const values = new Float64Array(length);
    decodeInto(bytes, dtype, values);
    return Float32Array.from(values, (value) => scale * value);
  }

  return {
    dtype: 'F32',
    bytes(start, into) {
      for (let done = 0; done < into.byteLength / 4; ) {
        const row = Math.floor((start + done) / width);
        let column = (start + done) % width;
        let part = 0;
        for (; column >= parts[part].width; part++) column -= parts[part].width;
        const length = Math.min(parts[part].width - column, into.byteLength / 4 - done);
        const values = read(part, row * parts[part].width + column, length);
        into.set(new Uint8Array(values.buffer), 4 * done);
        done += length;
      }
    },
  };
}
