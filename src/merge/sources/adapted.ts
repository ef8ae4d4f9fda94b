import { decodeInto } from '../../checkpoint/float-formats';
import { dtypeBytes } from '../../checkpoint/dtype';
import { LowRankRows, storedBytes, type LowRankUpdate } from '../../checkpoint/low-rank';
import type { OpenFiles, SourceReader } from './source';
import { openStored, type StoredSource } from './stored';

/** A tensor of a base with the updates of adapters: W + Σ s·BA, computed by rows as it is read. */
export interface AdaptedSource {
  readonly kind: 'adapted';
  readonly dtype: 'F32';
  readonly stored: StoredSource;
  readonly updates: readonly LowRankUpdate[];
}

/** Of this thread; garbage of every tensor would be collected too late. */
let bytes = new Uint8Array(0);
const factorBytes: Uint8Array[] = [];

/** Memory is the factors' and one chunk's of the base. */
export function openAdapted({ stored, updates }: AdaptedSource, files: OpenFiles): SourceReader {
  const base = openStored(stored, files);
  let rows: readonly LowRankRows[] | null = null;

  function factors(update: LowRankUpdate): LowRankRows {
    return new LowRankRows(update, [...update.a, ...update.b].map((weighted, i) => {
      const size = storedBytes(weighted);
      if ((factorBytes[i]?.length ?? 0) < size) factorBytes[i] = new Uint8Array(size);
      const factor = factorBytes[i].subarray(0, size);
      files.read(weighted.tensor.file, weighted.tensor.position, factor);
      return factor;
    }));
  }

  return {
    dtype: 'F32',
    bytes(start, into) {
      rows ??= updates.map(factors);
      const length = into.byteLength / 4;
      const size = length * dtypeBytes[stored.dtype];
      if (bytes.byteLength < size) bytes = new Uint8Array(size);
      base.bytes(start, bytes.subarray(0, size));
      const values = into.byteOffset % 4 === 0 ? new Float32Array(into.buffer, into.byteOffset, length) : new Float32Array(length);
      decodeInto(bytes.subarray(0, size), stored.dtype, values);
      for (const update of rows) update.addTo(values, start);
      if (values.buffer !== into.buffer) into.set(new Uint8Array(values.buffer));
    },
  };
}
