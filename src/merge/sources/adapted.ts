import { dtypeBytes, type FloatDtype } from '../../checkpoint/dtype';
import { LowRankRows, type FactorRange, type LowRankUpdate } from '../../checkpoint/low-rank';
import type { MergeKernel } from '../kernels/kernel';
import type { OpenFiles, SourceReader } from './source';
import { openStored, type StoredSource } from './stored';

/** A tensor of a base with the updates of adapters: W + Σ s·BA, computed by rows as it is read. */
export interface AdaptedSource {
  readonly kind: 'adapted';
  readonly dtype: 'F32';
  readonly stored: StoredSource;
  readonly updates: readonly LowRankUpdate[];
}

/** Rows of the left factor that are in memory. */
const windowRows = 512;

/** Bytes of factors, of this thread; garbage of every tensor would be collected too late. */
const factorBytes: Uint8Array[] = [];

/** Memory is one chunk of the base and, of every update, the factor that all rows need and a window of the other, in float64. */
export function openAdapted({ stored, updates }: AdaptedSource, files: OpenFiles, kernel: MergeKernel): SourceReader {
  const base = openStored(stored, files);
  const dtype = stored.dtype as FloatDtype;
  let storedBytes: Uint8Array = new Uint8Array(0);
  let rows: readonly LowRankRows[] = [];
  let isLoaded = false;

  const read = (ranges: readonly FactorRange[]): Uint8Array[] => ranges.map(({ tensor, byteOffset, byteLength }, i) => {
    if ((factorBytes[i]?.length ?? 0) < byteLength) factorBytes[i] = new Uint8Array(byteLength);
    const bytes = factorBytes[i].subarray(0, byteLength);
    files.read(tensor.file, tensor.position + byteOffset, bytes);
    return bytes;
  });

  return {
    dtype: 'F32',
    scratch: {
      sizes: (elements) => [elements * dtypeBytes[dtype], ...updates.flatMap((update) => LowRankRows.sizes(update, windowRows).map((size) => 8 * size))],
      use([ofBase, ...factors]) {
        const doubles = factors.map(({ buffer, byteOffset, byteLength }) => new Float64Array(buffer, byteOffset, byteLength / 8));
        storedBytes = ofBase;
        rows = updates.map((update, i) => new LowRankRows(update, [doubles[2 * i], doubles[2 * i + 1]]));
        isLoaded = false;
      },
    },
    bytes(start, into) {
      if (!isLoaded) for (const update of rows) update.setRight(read(update.rightRanges()));
      isLoaded = true;
      const values = new Float32Array(into.buffer, into.byteOffset, into.byteLength / 4);
      const bytes = storedBytes.subarray(0, values.length * dtypeBytes[dtype]);
      base.bytes(start, bytes);
      kernel.decode({ bytes, dtype }, values);
      for (const update of rows) update.addInWindows(values, start, read, kernel.addLowRank);
    },
  };
}
