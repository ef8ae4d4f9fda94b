/** What remains of equal magnitudes when a task vector is trimmed. */
export interface Trim {
  /** bits of the border's magnitude as a float32, shifted left by one */
  readonly key: number;
  /** so many elements that equal the border are kept, the first ones */
  readonly keepEqual: number;
}

/** A draw for every element: it is kept where mix(mix(index ^ key) + secondKey) is below `limit`, all of 32 bits. */
export interface DropOut {
  readonly start: number;
  readonly key: number;
  readonly secondKey: number;
  readonly limit: number;
}

/** How pruned task vectors are added to a base. */
export interface TaskVectorSum {
  /** one a task vector: float32 factors before the weights, and the weights */
  readonly factors: readonly number[];
  readonly weights: readonly number[];
  readonly lambda: number;
  /** the sum is divided by it; null where it is not */
  readonly divisor: number | null;
  /** only what has the sign of the sum counts, and the divisor is the weight of that */
  readonly electsSigns: boolean;
}

/**
 * SIMD arithmetic on the values of a chunk, [n] each, in place. It gives the bits of the plain loops in
 * `methods/task-vectors.ts` and `methods/masks`, but for the last digits of `absoluteSum`.
 */
export interface VectorMath {
  /** a ← a − b */
  subtract(a: Float32Array, b: Float32Array): void;
  /** How often each value of the upper 16 bits occurs in the magnitude keys (bits shifted left by one): [value, number, …]; void after the next call of anything. */
  countUpperKeys(values: Float32Array): Uint32Array;
  /** The magnitude keys with these upper 16 bits, in their order; void after the next call of anything. */
  selectKeys(values: Float32Array, upper: number): Uint32Array;
  /** Makes smaller magnitudes zero. Returns how many that equal the border were kept. */
  trim(values: Float32Array, trim: Trim): number;
  /** Makes what is not drawn zero; indices must not pass 2³². */
  dropOut(values: Float32Array, dropOut: DropOut): void;
  /** Σ |x| in float64 */
  absoluteSum(values: Float32Array): number;
  /** Fills `out` with base + λ Σ wᵢfᵢτᵢ. */
  addTaskVectors(vectors: readonly Float32Array[], base: Float32Array, sum: TaskVectorSum, out: Float32Array): void;
}
