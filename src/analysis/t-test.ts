import { jStat } from 'jstat';

/** Spread that is rounding of decimal numbers, relative to their size. */
const roundingUnits = 1e-12;

/**
 * One-sided p-value of H₀ "the mean is at least `bound`" against "below" (Student's t on paired differences). Unlike a
 * bootstrap's its resolution has no end, which Holm's correction over many λ needs. Samples without spread decide by
 * their mean alone.
 * @param samples [n], n ≥ 2
 */
export function pValueBelow(samples: ArrayLike<number>, bound: number): number {
  const { mean, deviation, scale } = spread(samples);
  const distance = mean - bound;
  if (deviation <= roundingUnits * scale) return distance < -roundingUnits * scale ? 0 : 1;
  return jStat.studentt.cdf((distance * Math.sqrt(samples.length)) / deviation, samples.length - 1);
}

/** One-sided p-value of H₀ "the mean is at most `bound`" against "above". */
export function pValueAbove(samples: ArrayLike<number>, bound: number): number {
  return pValueBelow(Float64Array.from(samples, (value) => -value), -bound);
}

/** Mean, standard deviation (n − 1 in the divisor), and the largest absolute value. */
export function spread(samples: ArrayLike<number>): { readonly mean: number; readonly deviation: number; readonly scale: number } {
  const { length: n } = samples;
  let sum = 0;
  let scale = 0;
  for (let k = 0; k < n; k++) {
    sum += samples[k];
    scale = Math.max(scale, Math.abs(samples[k]));
  }
  const mean = sum / n;
  let squares = 0;
  for (let k = 0; k < n; k++) squares += (samples[k] - mean) ** 2;
  return { mean, deviation: Math.sqrt(squares / Math.max(1, n - 1)), scale };
}
