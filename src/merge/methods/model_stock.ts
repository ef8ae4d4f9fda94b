import { clampCosine, expertsOf } from './geometry';
import { defineMethod } from './method';
import type { Gram, PassesProgram } from './program';

/**
 * Model Stock (Jang et al. 2024): t·mean(θᵢ) + (1 − t)·θ₀ with t = N cos θ / (1 + (N − 1) cos θ), θ being the mean angle
 * between task vectors, of the tensor or of each row (`filter_wise`). Where t has no finite value the base stays.
 */
export const modelStock = defineMethod({
  name: 'model_stock',
  description: 'mean of the experts, drawn to the base by the angle between their task vectors',
  inputs: { minimum: 2, maximum: Infinity, base: 'required' },
  parameters: { filter_wise: { type: 'boolean', default: false, description: 'one ratio for every row' } },
  modelParameters: {},
  program(task) {
    const { parameters, inputs, base, rowLength } = task;
    const experts = expertsOf(task);
    if (parameters.filter_wise) return rowWise(experts, base ?? 0, rowLength);
    return {
      kind: 'gram',
      origin: base,
      weights(gram) {
        const share = ratio(gram, experts) / experts.length;
        return inputs.map((_, input) => (input === base ? 1 - share * experts.length : share));
      },
    };
  },
});

/** t from the dot products of the task vectors */
function ratio(gram: Gram, experts: readonly number[]): number {
  const cosines: number[] = [];
  for (const [k, a] of experts.entries()) {
    for (const b of experts.slice(k + 1)) {
      const norms = Math.sqrt(gram[a][a]) * Math.sqrt(gram[b][b]);
      // a NaN stays one, so that it is seen
      cosines.push(norms === 0 ? 0 : clampCosine(gram[a][b] / norms));
    }
  }
  const cosine = cosines.reduce((sum, value) => sum + value, 0) / cosines.length;
  const denominator = 1 + (experts.length - 1) * cosine;
  return Math.abs(denominator) < 1e-6 ? 0 : (experts.length * cosine) / denominator;
}

function rowWise(experts: readonly number[], base: number, rowLength: number): PassesProgram {
  return {
    kind: 'passes',
    needsWholeRows: true,
    merge({ values }, out) {
      for (let begin = 0; begin < out.length; begin += rowLength) {
        const t = Math.fround(ratio(rowGram(values, base, begin, rowLength), experts));
        for (let k = begin; k < begin + rowLength; k++) {
          let sum = 0;
          for (const expert of experts) sum = Math.fround(sum + values[expert][k]);
          out[k] = Math.fround(t * Math.fround(sum / experts.length)) + Math.fround((1 - t) * values[base][k]);
        }
      }
    },
  };
}

/** Dot products of the task vectors of one row, [inputs][inputs]. */
function rowGram(values: readonly Float32Array[], base: number, begin: number, length: number): Gram {
  return values.map((a) => Float64Array.from(values, (b) => {
    let sum = 0;
    for (let k = begin; k < begin + length; k++) sum += Math.fround(a[k] - values[base][k]) * Math.fround(b[k] - values[base][k]);
    return sum;
  }));
}
