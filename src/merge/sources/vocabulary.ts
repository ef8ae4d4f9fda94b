import { dtypeBytes } from '../../checkpoint/dtype';
import { decodeInto } from '../../checkpoint/float-formats';
import { padding, type RowMean } from '../tokenizer/token-rows';
import type { OpenFiles, SourceReader } from './source';
import { openStored, type StoredSource } from './stored';

/** An input's embeddings in the order of the output's tokens, [rows.length, rowLength]; see `RowAssignment`. */
export interface VocabularySource {
  readonly kind: 'vocabulary';
  readonly dtype: 'F32';
  /** the tensor in every input that has it, and which of them this is */
  readonly stored: readonly StoredSource[];
  readonly own: number;
  readonly rowLength: number;
  readonly rows: Int32Array;
  readonly means: readonly RowMean[];
}

export function openVocabulary({ stored, own, rowLength, rows, means }: VocabularySource, files: OpenFiles): SourceReader {
  const readers = stored.map((source) => openStored(source, files));
  const values = new Float32Array(rowLength);
  let paddingRow: Float32Array | null = null;

  function storedRow(input: number, row: number): Float32Array {
    const { dtype } = stored[input];
    const bytes = new Uint8Array(rowLength * dtypeBytes[dtype]);
    readers[input].bytes(row * rowLength, bytes);
    decodeInto(bytes, dtype, values);
    return values;
  }

  function meanOf(references: RowMean): Float32Array {
    const sum = new Float64Array(rowLength);
    for (const { input, row } of references) {
      const one = storedRow(input, row);
      for (let k = 0; k < rowLength; k++) sum[k] += one[k];
    }
    return Float32Array.from(sum, (total) => total / Math.max(1, references.length));
  }

  /** One more pass over the vocabulary, in the tensors that need it. */
  function meanOfAll(): Float32Array {
    const sum = new Float64Array(rowLength);
    let count = 0;
    for (const row of rows) {
      if (row === padding) continue;
      const one = outputRow(row);
      for (let k = 0; k < rowLength; k++) sum[k] += one[k];
      count++;
    }
    return Float32Array.from(sum, (total) => total / Math.max(1, count));
  }

  function outputRow(row: number): Float32Array {
    if (row === padding) return (paddingRow ??= meanOfAll());
    return row >= 0 ? storedRow(own, row) : meanOf(means[-1 - row]);
  }

  return {
    dtype: 'F32',
    bytes(start, into) {
      for (let done = 0; done < into.byteLength; ) {
        const element = start + done / 4;
        const column = element % rowLength;
        const row = outputRow(rows[Math.floor(element / rowLength)]);
        const count = Math.min(rowLength - column, (into.byteLength - done) / 4);
        into.set(new Uint8Array(row.buffer, row.byteOffset + 4 * column, 4 * count), done);
        done += 4 * count;
      }
    },
  };
}
