import type { Chunk, Gram, GramProgram, TensorProgram } from './program';

/** Norm of Σ cᵢvᵢ from the dot products of the vᵢ. */
export function normOf(gram: Gram, coefficients: ArrayLike<number>): number {
  let square = 0;
  for (let i = 0; i < gram.length; i++) for (let j = 0; j < gram.length; j++) square += coefficients[i] * coefficients[j] * gram[i][j];
  return Math.sqrt(Math.max(0, square));
}

/** ⟨Σ cᵢvᵢ, vₖ⟩ */
export function dotWith(gram: Gram, coefficients: ArrayLike<number>, k: number): number {
  let dot = 0;
  for (let i = 0; i < gram.length; i++) dot += coefficients[i] * gram[i][k];
  return dot;
}

export const clampCosine = (cosine: number): number => Math.max(-1, Math.min(1, cosine));

/**
 * Factors of a and b in slerp(a, b; t): sin((1−t)Ω)/sin Ω and sin(tΩ)/sin Ω; those of a straight line where the two
 * are parallel or opposite.
 */
export function slerpFactors(cosine: number, t: number, isStraight: (cosine: number) => boolean): [number, number] {
  if (isStraight(cosine)) return [1 - t, t];
  const angle = Math.acos(cosine);
  return [Math.sin((1 - t) * angle) / Math.sin(angle), Math.sin(t * angle) / Math.sin(angle)];
}

/** Indices of the inputs that are not the base, in their order. */
export function expertsOf({ inputs, base }: { readonly inputs: readonly unknown[]; readonly base: number | null }): number[] {
  return [...inputs.keys()].filter((input) => input !== base);
}

/** θ₀ + factor·(θ − θ₀) of one expert: the base at 0, the expert at 1, both bit for bit. */
export function alongTaskVector(task: { readonly inputs: readonly unknown[]; readonly base: number | null }, factor: number): TensorProgram {
  const [expert] = expertsOf(task);
  if (factor === 0) return { kind: 'copy', input: task.base ?? 0 };
  if (factor === 1) return { kind: 'copy', input: expert };
  return { kind: 'combine', weights: task.inputs.map((_, input) => (input === expert ? factor : 1 - factor)) };
}

/** θ₀ + Σ cᵢτᵢ with coefficients, [inputs], that depend on the dot products of the task vectors. */
export function aroundBase(base: number, weights: (gram: Gram) => readonly number[]): GramProgram {
  return { kind: 'gram', origin: base, isAroundOrigin: true, weights };
}

/** Turns every input of a chunk but the base into its task vector, in place. */
export function taskVectors({ values, vectors }: Chunk, base: number): readonly Float32Array[] {
  for (const [input, vector] of values.entries()) {
    if (input === base) continue;
    if (vectors) vectors.subtract(vector, values[base]);
    else for (let k = 0; k < vector.length; k++) vector[k] -= values[base][k];
  }
  return values;
}
