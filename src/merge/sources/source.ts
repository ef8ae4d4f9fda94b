import type { Dtype } from '../../checkpoint/dtype';
import type { AdaptedSource } from './adapted';
import type { InlineSource } from './inline';
import type { StackedSource } from './stacked';
import type { StoredSource } from './stored';
import type { VocabularySource } from './vocabulary';

/**
 * Where the values of one input tensor come from: plain data, because it is sent to other threads. A kind of source is
 * a file here, a member of this union and a line in `registry.ts`.
 */
export type TensorSource = StoredSource | AdaptedSource | StackedSource | InlineSource | VocabularySource;

/** Files, each opened once; reads are synchronous, because every thread waits for nothing else. */
export interface OpenFiles {
  /** Fills `into` with the file's bytes from `position` on. @throws TruncatedFileError */
  read(file: string, position: number, into: Uint8Array): void;
}

/** Reads one source, in the order of its flattened elements. */
export interface SourceReader {
  /** what `bytes` gives; a source that computes gives F32 */
  readonly dtype: Dtype;
  /** memory that it works in, given before the first `bytes`; none where absent */
  readonly scratch?: SourceScratch;
  /** Fills `into` with elements of `dtype` from element `start` on. */
  bytes(start: number, into: Uint8Array): void;
}

export interface SourceScratch {
  /** bytes of each buffer. @param elements that one call of `bytes` fills at most */
  sizes(elements: number): readonly number[];
  use(buffers: readonly Uint8Array[]): void;
}
