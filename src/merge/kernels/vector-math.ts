/** A border at which a task vector is trimmed. */
export interface Trim {
  /** bits of the border's magnitude as a float32, shifted left by one */
  readonly key: number;
  /** of the elements that equal the border, in their order, these are kept */
  readonly equal: { readonly from: number; readonly to: number };
  /** what is larger goes instead of what is smaller */
  readonly dropsLarger?: boolean;
}

/** A draw for every element, kept with a probability by the rank of its magnitude in its row. */
export interface RankDraws {
  readonly rowLength: number;
  readonly start: number;
  readonly key: number;
  /** for indices below the next multiple of 2³², and from it on */
  readonly secondKeys: readonly [number, number];
  /** probability of the smallest, and how much more that of the largest is */
  readonly lowest: number;
  readonly spread: number;
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
  /** Makes smaller (or larger) magnitudes zero. Returns how many equal the border. */
  trim(values: Float32Array, trim: Trim): number;
  /** Makes what is not drawn zero; indices must not pass 2³². */
  dropOut(values: Float32Array, dropOut: DropOut): void;
  /** Makes what is not drawn zero. */
  dropByRank(values: Float32Array, draws: RankDraws): void;
  /** Σ |x| in float64 */
  absoluteSum(values: Float32Array): number;
  /** Σ x² in float64 */
  squareSum(values: Float32Array): number;
  /** Variance of every element over the vectors, in a buffer that is void after the next call of this or of `allocate`. */
  variances(vectors: readonly Float32Array[]): Float32Array;
  /** Makes zero every value whose mark is. */
  keepMarked(values: Float32Array, marks: Float32Array): void;
  /** Fills `out` with base + Σ wᵢτᵢ / max(Σ wᵢ, 10⁻⁶), over what has the sign of Σ τᵢ. */
  addElectedMean(vectors: readonly Float32Array[], base: Float32Array, weights: readonly number[], out: Float32Array): void;
  /** Changes of more than `limit` that other experts share and that they do not, one pair an expert. */
  countShared(experts: readonly Float32Array[], base: Float32Array, limit: number): readonly { readonly shared: number; readonly unique: number }[];
  /** Fills `out` with base + the mean of such changes where they are shared, the change times the expert's factor elsewhere. */
  addChanges(experts: readonly Float32Array[], base: Float32Array, limit: number, factors: readonly number[], out: Float32Array): void;
  /** Fills `out` with the base's values drawn to the expert's by at most t. */
  swapNear(base: Float32Array, expert: Float32Array, t: number, out: Float32Array): void;
  /** KL(softmax a ‖ softmax b), both shifted up by 10⁻⁸, in float64. */
  divergence(a: Float32Array, b: Float32Array): number;
  /** |a − b| times a factor for each row, in a buffer that is void after the next call of anything but `countUpperKeys`, `selectKeys` and `chooseMarked`. */
  scaledDistances(a: Float32Array, b: Float32Array, rowLength: number, factors: Float64Array): Float32Array;
  /** Fills `out` with a where the mark is `least` or more, with b elsewhere. */
  chooseMarked(a: Float32Array, b: Float32Array, marks: Float32Array, least: number, out: Float32Array): void;
  /** Fills `out` with base + λ Σ wᵢfᵢτᵢ. */
  addTaskVectors(vectors: readonly Float32Array[], base: Float32Array, sum: TaskVectorSum, out: Float32Array): void;
}
