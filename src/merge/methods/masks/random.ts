import type { Draws } from './draws';
import { keepAll, keepNone, type Mask } from './mask';

/** Keeps every element with probability `density` (DARE, Yu et al. 2023). */
export function bernoulli(density: number, draws: Draws): Mask {
  if (density >= 1) return keepAll;
  if (density <= 0) return keepNone;
  return {
    ...drawn(draws, (_delta, probabilities) => void probabilities.fill(density)),
    prune: (delta, start, vectors) => draws.dropOut(delta, start, density, vectors),
  };
}

/**
 * Keeps every element with a probability between density − ε and density + ε, which grows with the rank of its
 * magnitude in its row (DELLA's MagPrune, Deep et al. 2024). A row is the last dimension; in a row of one element the
 * probability is the density.
 */
export function magnitudePruned(rowLength: number, density: number, epsilon: number, draws: Draws): Mask {
  if (density >= 1) return keepAll;
  if (density <= 0) return keepNone;
  return {
    ...drawn(draws, (delta, probabilities) => rowProbabilities(delta, rowLength, density, epsilon, probabilities)),
    needsWholeRows: true,
    prune: (delta, start, vectors) => draws.dropByRank(delta, start, rowLength, rowLength === 1 ? density : density - epsilon, 2 * epsilon, vectors),
  };
}

/** Probability of each element to be kept by its rank in its row; of equal magnitudes the first has the lower rank. */
export function rowProbabilities(delta: Float32Array, rowLength: number, density: number, epsilon: number, into: Float64Array): void {
  const magnitudes = new Float32Array(rowLength);
  for (let begin = 0; begin < delta.length; begin += rowLength) {
    for (let k = 0; k < rowLength; k++) magnitudes[k] = Math.abs(delta[begin + k]);
    const order = Uint32Array.from(magnitudes.keys()).sort((a, b) => magnitudes[a] - magnitudes[b] || a - b);
    for (const [rank, k] of order.entries()) into[begin + k] = rowLength === 1 ? density : density - epsilon + (rank / (rowLength - 1)) * 2 * epsilon;
  }
}

function drawn(draws: Draws, probabilitiesOf: (delta: Float32Array, into: Float64Array) => void): Mask {
  let numbers = new Float64Array(0);
  let probabilities = new Float64Array(0);
  return {
    passes: [],
    mark(delta, start, keep) {
      const { length } = delta;
      if (numbers.length < length) [numbers, probabilities] = [new Float64Array(length), new Float64Array(length)];
      const [u, p] = [numbers.subarray(0, length), probabilities.subarray(0, length)];
      draws.fill(start, u);
      probabilitiesOf(delta, p);
      for (let k = 0; k < length; k++) keep[k] = u[k] < p[k] ? 1 : 0;
    },
  };
}
