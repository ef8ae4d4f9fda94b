import type { VectorMath } from '../kernels/vector-math';

/** What a method has decided to do for one tensor. The executor reads, decodes, rounds and writes. */
export type TensorProgram = CopyProgram | CombineProgram | GramProgram | PassesProgram;

/** The input's values, bit for bit where the type stays. */
export interface CopyProgram {
  readonly kind: 'copy';
  readonly input: number;
}

/**
 * Σ wᵢ θᵢ over all inputs, the base among them: products and sums in float32, in the order of the inputs. Inputs of
 * weight 0 are not read, so that no NaN enters with them.
 */
export interface CombineProgram {
  readonly kind: 'combine';
  /** [inputs] */
  readonly weights: readonly number[];
}

/**
 * A linear combination whose weights depend on norms and angles alone: one pass computes the dot products of all
 * inputs (float64 sums), a second one combines.
 */
export interface GramProgram {
  readonly kind: 'gram';
  /** index of the input that is subtracted from every one before the products are taken; its own row is then zero */
  readonly origin: number | null;
  /**
   * the differences from the origin are combined and added to it: what no input changed stays as it is, bit for bit, and
   * nothing is lost where weights are large; the origin's own weight is not used
   */
  readonly isAroundOrigin?: boolean;
  /** weights of the combination, [inputs], as in `combine` */
  weights(gram: Gram): readonly number[];
}

/** Dot products of flattened tensors, [inputs][inputs]. */
export type Gram = readonly Float64Array[];

/**
 * Anything else: reductions over the whole tensor, each of them one pass in element order, then a pass that writes.
 * All passes of a tensor run in one thread, so state lives in the program's closure.
 */
export interface PassesProgram {
  readonly kind: 'passes';
  /** chunks are made of whole rows (the last dimension) */
  readonly needsWholeRows?: boolean;
  /** no state between chunks and no reductions: a big tensor may be split over threads */
  readonly isElementwise?: boolean;
  readonly reductions?: readonly Reduction[];
  /** Fills `out`, [n], with the merged values of one chunk. */
  merge(chunk: Chunk, out: Float32Array): void;
}

export interface Reduction {
  add(chunk: Chunk): void;
  /** after the last chunk */
  finish?(): void;
}

/** A range of one tensor, decoded. */
export interface Chunk {
  /** [inputs][n]; scratch that the pass may overwrite and must not keep */
  readonly values: readonly Float32Array[];
  /** index of the first element in the flattened tensor */
  readonly start: number;
  /** SIMD arithmetic on these values; a program does the same in plain loops where it is missing */
  readonly vectors?: VectorMath | null;
}
