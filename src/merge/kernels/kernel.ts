import type { FloatDtype } from '../../checkpoint/dtype';

/** A range of one tensor: little-endian elements, at any alignment. */
export interface ChunkPart {
  readonly bytes: Uint8Array;
  readonly dtype: FloatDtype;
}

/** What the checks after a blend need of one chunk; sums of squares are taken in float64. */
export interface ChunkStatistics {
  readonly nan: number;
  readonly infinite: number;
  readonly squares: number;
  readonly inputs: readonly { readonly nan: number; readonly squares: number }[];
}

/**
 * Weighted sums of chunks. Every kernel gives the same bits: products and sums in float32, in the order of the inputs,
 * from +0, with weights rounded to float32, as torch computes `(stack * weights).sum(0)`; then one rounding to `out`'s
 * dtype, nearest-even. If an input is F64, all of it happens in float64. NaN payloads may differ.
 */
export interface BlendKernel {
  readonly name: string;
  /** Fills `out.bytes`; every part has the same number of elements. */
  blendChunk(inputs: readonly ChunkPart[], weights: readonly number[], out: ChunkPart): ChunkStatistics;
}
