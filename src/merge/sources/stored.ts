import { dtypeBytes, type Dtype } from '../../checkpoint/dtype';
import type { OpenFiles, SourceReader } from './source';

/** A tensor as it lies in a file: `position` is the byte at which its data starts. */
export interface StoredSource {
  readonly kind: 'stored';
  readonly dtype: Dtype;
  readonly file: string;
  readonly position: number;
}

export function openStored({ dtype, file, position }: StoredSource, files: OpenFiles): SourceReader {
  return { dtype, bytes: (start, into) => files.read(file, position + start * dtypeBytes[dtype], into) };
}
