import type { Chunk, Gram, PassesProgram, TensorProgram } from './program';

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

/**
 * θ₀ + Σ cᵢτᵢ with coefficients that depend on the dot products of the task vectors. Unlike a combination of whole
 * tensors it leaves what no expert changed as it is, bit for bit, and loses nothing where the cᵢ are large.
 * @param coefficientsOf [inputs]; the base's is not used
 */
export function aroundBase(base: number, coefficientsOf: (gram: Gram) => readonly number[]): PassesProgram {
  const gram: Float64Array[] = [];
  let coefficients: readonly number[] = [];
  return {
    kind: 'passes',
    reductions: [{ add: (chunk) => addProducts(taskVectors(chunk, base), gram), finish: () => (coefficients = coefficientsOf(gram)) }],
    merge(chunk, out) {
      const vectors = taskVectors(chunk, base);
      const used = [...coefficients.keys()].filter((input) => input !== base && coefficients[input] !== 0);
      if (chunk.vectors) return chunk.vectors.addTaskVectors(used.map((input) => vectors[input]), vectors[base], { factors: used.map(() => 1), weights: used.map((input) => coefficients[input]), lambda: 1, divisor: null, electsSigns: false }, out);
      out.fill(0);
      for (const input of used) {
        const coefficient = Math.fround(coefficients[input]);
        for (let k = 0; k < out.length; k++) out[k] += Math.fround(coefficient * vectors[input][k]);
      }
      for (let k = 0; k < out.length; k++) out[k] += vectors[base][k];
    },
  };
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

function addProducts(vectors: readonly Float32Array[], gram: Float64Array[]): void {
  while (gram.length < vectors.length) gram.push(new Float64Array(vectors.length));
  for (const [i, a] of vectors.entries()) {
    for (let j = i; j < vectors.length; j++) {
      const b = vectors[j];
      let sum = 0;
      for (let k = 0; k < a.length; k++) sum += a[k] * b[k];
      gram[i][j] += sum;
      if (j > i) gram[j][i] += sum;
    }
  }
}
