import { jStat } from 'jstat';
import type { Interval } from './bootstrap';

/** Spread that is rounding of decimal numbers, relative to their size. */
const roundingUnits = 1e-12;

/**
 * One-sided p-value of H₀ "the mean is at least `bound`" against "below", for paired differences: the larger one of
 * Student's and of the same with its t freed from skewness, g(t) = t + γt²/(3√n) + γ²t³/(27n) + γ/(6√n) (Hall 1992, "On
 * the removal of skewness by transformation", section 2). Student's test errs twice as often as it says where the noise
 * has a long upper tail, and Hall's where it has two long tails, for there the skewness γ of the samples is itself noise;
 * the larger of both errs least (bench/README.md). Unlike a bootstrap's its resolution has no end, which Holm's correction over
 * many λ needs. Samples without spread decide by their mean alone.
 * @param samples [n], n ≥ 2
 */
export function pValueBelow(samples: ArrayLike<number>, bound: number): number {
  const { mean, deviation, scale } = spread(samples);
  const distance = mean - bound;
  if (deviation <= roundingUnits * scale) return distance < -roundingUnits * scale ? 0 : 1;
  const { length: n } = samples;
  const t = (distance * Math.sqrt(n)) / deviation;
  const free = withoutSkewness(t, skewness(samples) / Math.sqrt(n));
  return jStat.studentt.cdf(Math.max(t, free), n - 1);
}

/** One-sided p-value of H₀ "the mean is at most `bound`" against "above". */
export function pValueAbove(samples: ArrayLike<number>, bound: number): number {
  return pValueBelow(Float64Array.from(samples, (value) => -value), -bound);
}

/**
 * Interval of the mean at level 1 − α that goes with these tests: the bounds that either test alone would reject at α/2,
 * so Student's interval, widened on the side that a long tail asks for.
 * @param samples [n], n ≥ 2
 */
export function meanInterval(samples: ArrayLike<number>, alpha: number): Interval {
  const { length: n } = samples;
  const { mean, deviation } = spread(samples);
  const error = deviation / Math.sqrt(n);
  const quantile = jStat.studentt.inv(1 - alpha / 2, n - 1);
  const skew = skewness(samples) / Math.sqrt(n);
  return [mean - Math.max(quantile, withSkewness(quantile, skew)) * error, mean - Math.min(-quantile, withSkewness(-quantile, skew)) * error];
}

/** Hall's g, which rises with t. @param skew γ / √n */
function withoutSkewness(t: number, skew: number): number {
  return t + (skew * t ** 2) / 3 + (skew ** 2 * t ** 3) / 27 + skew / 6;
}

/** The t whose g is this. */
function withSkewness(free: number, skew: number): number {
  if (Math.abs(skew) < 1e-6) return free - skew / 6;
  return (Math.cbrt(1 + skew * (free - skew / 6)) - 1) / (skew / 3);
}

/** Skewness of the population that the samples are from, as estimated by G₁ (Joanes & Gill 1998); 0 for fewer than three. */
export function skewness(samples: ArrayLike<number>): number {
  const { length: n } = samples;
  const { mean, deviation, scale } = spread(samples);
  if (n < 3 || deviation <= roundingUnits * scale) return 0;
  let cubes = 0;
  for (let k = 0; k < n; k++) cubes += ((samples[k] - mean) / deviation) ** 3;
  return (cubes * n) / ((n - 1) * (n - 2));
}

const fewSamples = 16;
const skewedShare = 0.5;

/**
 * How many samples it takes for the intervals of this mean to be trusted, where these are too few; null where they are enough.
 * Below sixteen samples, or above |γ| = √n / 2, the interval may hold the truth less than 93 times in a hundred, and the test
 * err more often than it says (bench/README.md).
 */
export function samplesToTrust(samples: ArrayLike<number>): number | null {
  const needed = Math.max(fewSamples, Math.ceil((skewness(samples) / skewedShare) ** 2));
  return samples.length < needed ? needed : null;
}

/** The same for what several samples together say: as many as the most demanding of them needs. */
export function mostToTrust(lists: readonly ArrayLike<number>[]): number | null {
  const needed = lists.flatMap((samples) => samplesToTrust(samples) ?? []);
  return needed.length === 0 ? null : Math.max(...needed);
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
