import type { ByteSource } from './byte-source';
import { dtypeBytes } from './dtype';
import type { SafetensorsHeader, TensorInfo } from './safetensors-header';
import { elementRuns, type AxisRange } from './slice';

/** Elements side by side, and those of them that were asked for: packed types are read from whole bytes. */
export interface SliceBytes {
  readonly bytes: Uint8Array;
  /** elements to leave out at the start */
  readonly skip: number;
  readonly count: number;
}

/** Reads a slice of a tensor piece by piece, in row-major order. */
export async function* sliceBytes(source: ByteSource, header: Pick<SafetensorsHeader, 'dataOffset'>, tensor: TensorInfo, ranges: readonly AxisRange[]): AsyncGenerator<SliceBytes> {
  const size = dtypeBytes[tensor.dtype];
  // elements whose bytes end together: 2 of four bits, 4 of six
  const packed = size < 1 ? 4 : 1;
  for (const { start, length } of elementRuns(ranges, tensor.shape)) {
    const first = Math.floor(start / packed) * packed;
    const last = Math.ceil((start + length) / packed) * packed;
    const begin = header.dataOffset + tensor.begin + first * size;
    const end = Math.min(header.dataOffset + tensor.end, header.dataOffset + tensor.begin + last * size);
    yield { bytes: await source.read(begin, end - begin), skip: start - first, count: length };
  }
}
