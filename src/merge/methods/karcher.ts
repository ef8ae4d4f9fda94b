import { clampCosine, dotWith, normOf } from './geometry';
import { defineMethod } from './method';
import type { Gram } from './program';

/**
 * Karcher mean of the directions on the unit sphere, times the mean norm, all inputs with one weight (mergekit's
 * karcher). Every iterate is a combination of the inputs, so the iteration runs on their dot products alone.
 */
export const karcher = defineMethod({
  name: 'karcher',
  description: 'Riemannian mean of the directions times the mean norm',
  inputs: { minimum: 1, maximum: Infinity, base: 'none' },
  parameters: {
    max_iter: { type: 'integer', default: 10, minimum: 0, description: 'iterations at most' },
    tol: { type: 'number', default: 1e-5, minimum: 0, description: 'steps, angles and norms below it count as zero' },
  },
  modelParameters: {},
  program({ parameters: { max_iter: iterations, tol }, inputs }) {
    if (inputs.length === 1) return { kind: 'copy', input: 0 };
    return { kind: 'gram', origin: null, weights: (gram) => karcherWeights(gram, iterations, tol) };
  },
});

function karcherWeights(gram: Gram, iterations: number, tolerance: number): number[] {
  const norms = gram.map((row, i) => Math.sqrt(row[i]));
  // a NaN is not left out, so that it is seen
  const valid = norms.flatMap((norm, i) => (norm <= tolerance ? [] : [i]));
  if (valid.length === 0) return norms.map(() => 0);
  // coefficients of the unit vectors, whose dot products are cosines
  const cosines = valid.map((i) => Float64Array.from(valid, (j) => gram[i][j] / (norms[i] * norms[j])));
  const start = valid.map(() => 1 / valid.length);
  const startNorm = normOf(cosines, start);
  let mean = startNorm < tolerance ? valid.map((_, i) => (i === 0 ? 1 : 0)) : start.map((c) => c / startNorm);
  for (let iteration = 0; iteration < iterations; iteration++) {
    const tangent = logarithm(cosines, mean, tolerance);
    const step = normOf(cosines, tangent);
    if (step <= tolerance) break;
    mean = mean.map((c, i) => Math.cos(step) * c + (Math.sin(step) / step) * tangent[i]);
    const norm = normOf(cosines, mean);
    if (norm > tolerance) mean = mean.map((c) => c / norm);
  }
  const meanNorm = norms.reduce((sum, norm) => sum + norm / norms.length, 0);
  const result = norms.map(() => 0);
  for (const [k, i] of valid.entries()) result[i] = (meanNorm * mean[k]) / norms[i];
  return result;
}

/** Mean of the logarithms of the unit vectors at `mean`: Σ (θᵢ / sin θᵢ)(uᵢ − cos θᵢ · mean) / n. */
function logarithm(cosines: Gram, mean: readonly number[], tolerance: number): number[] {
  const tangent = mean.map(() => 0);
  for (let i = 0; i < mean.length; i++) {
    const cosine = clampCosine(dotWith(cosines, mean, i));
    const angle = Math.acos(cosine);
    if (angle <= tolerance) continue;
    const factor = angle / Math.sin(angle) / mean.length;
    tangent[i] += factor;
    for (let j = 0; j < mean.length; j++) tangent[j] -= factor * cosine * mean[j];
  }
  return tangent;
}
