import type { FloatDtype } from '../../checkpoint/dtype';
import type { AddLowRank } from '../../checkpoint/low-rank';
import type { VectorMath } from './vector-math';

/** A range of one tensor: little-endian elements, at any alignment. */
export interface ChunkPart {
  readonly bytes: Uint8Array;
  readonly dtype: FloatDtype;
}

/** What is not finite in a range, and the sum of the squares of what is, in float64. */
export interface Measure {
  readonly nan: number;
  readonly infinite: number;
  readonly squares: number;
}

/** What the checks after a merge need of one chunk: of the output, and of every input. */
export interface ChunkStatistics extends Measure {
  readonly inputs: readonly Measure[];
}

/**
 * The arithmetic of a merge over chunks. Every kernel gives the same bits: products and sums in float32, in the order
 * of the inputs, from +0, with weights rounded to float32, as torch computes `(stack * weights).sum(0)`; then one
 * rounding to the output's dtype, nearest-even. If an input is F64, all of it happens in float64. NaN payloads may
 * differ, and sums of squares in their last digits.
 */
export interface MergeKernel {
  readonly name: string;
  /** arithmetic on values in its buffers; null where plain loops have to do */
  readonly vectors: VectorMath | null;
  /**
   * Buffers that the other functions work on, each of the size asked for, aligned to its elements. A second call may
   * move memory: buffers of the first are then void.
   * @param apart sizes of further buffers, which hold no part of a chunk
   */
  allocate(sizes: readonly number[], apart?: readonly number[]): Uint8Array[];
  /**
   * Fills `out.bytes` with the weighted sum; every part has the same number of elements. Statistics of the inputs that
   * are not wanted may be empty.
   */
  blendChunk(inputs: readonly ChunkPart[], weights: readonly number[], out: ChunkPart, measuresInputs?: boolean): ChunkStatistics;
  measure(part: ChunkPart): Measure;
  /** Fills `into`, [n], with the part's values in float32. */
  decode(part: ChunkPart, into: Float32Array): void;
  /** Fills `out.bytes` with `values`, [n], rounded to its dtype. */
  encode(values: Float32Array, out: ChunkPart): void;
  /** Adds an update of low rank to values in its buffers, as `addPlainly` does. */
  readonly addLowRank: AddLowRank;
  /** Adds the dot products of the parts, of n elements each, to `gram`, [k][k], with errors under 10⁻⁷ of the norms, far under it in small tensors; with an origin, that part is subtracted from the others first, in float32, and has products of zero. */
  addProducts(parts: readonly ChunkPart[], origin: number | null, gram: readonly Float64Array[]): void;
  /** Fills `out.bytes` with θ₀ + Σ wᵢ(θᵢ − θ₀), θ₀ being the part at `origin`, whose weight is not used: all of it in float32, rounded once. */
  blendAround(parts: readonly ChunkPart[], origin: number, weights: readonly number[], out: ChunkPart): void;
}
