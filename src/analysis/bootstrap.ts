import { jStat } from 'jstat';
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';

export type Interval = readonly [low: number, high: number];

/** Sample indices drawn with replacement, resample after resample: `indices` is [resamples · n]. */
export interface Resampling {
  readonly n: number;
  readonly resamples: number;
  readonly indices: Int32Array;
}

/**
 * Draws the indices of every resample once, so that all points see the same draws: they share seeds and prompts, and
 * only then does noise that they have in common cancel in their differences.
 */
export function drawResampling(n: number, resamples: number, seed: number): Resampling {
  const random = xoroshiro128plus(seed);
  return { n, resamples, indices: Int32Array.from({ length: n * resamples }, () => uniformInt(random, 0, n - 1)) };
}

/** Mean of each resample, in the order of the resamples, [resamples]. */
export function resampledMeans(samples: ArrayLike<number>, { n, resamples, indices }: Resampling): Float64Array {
  const means = new Float64Array(resamples);
  for (let b = 0, at = 0; b < resamples; b++) {
    let sum = 0;
    for (let k = 0; k < n; k++, at++) sum += samples[indices[at]];
    means[b] = sum / n;
  }
  return means;
}

/** Mean without sample k, for each k, [n]. */
export function jackknifeMeans(samples: Float64Array): Float64Array {
  const sum = samples.reduce((total, value) => total + value, 0);
  return samples.map((value) => (sum - value) / (samples.length - 1));
}

/** Percentile interval at level 1 − α (Efron & Tibshirani 1993, section 13.3). */
export function percentileInterval(replicates: Float64Array, alpha: number): Interval {
  const sorted = replicates.slice().sort();
  return [quantile(sorted, alpha / 2), quantile(sorted, 1 - alpha / 2)];
}

/**
 * The level at which a bootstrap interval of n samples holds as often as one at level α should: the bootstrap's normal
 * spread, √((n − 1)/n) of the true one, widened to Student's (Hesterberg 2015, "What teachers should know about the
 * bootstrap", section 5.3, the expanded interval).
 */
export function expandedLevel(alpha: number, n: number): number {
  return 2 * jStat.normal.cdf(jStat.studentt.inv(alpha / 2, n - 1) * Math.sqrt(n / (n - 1)), 0, 1);
}

/**
 * Basic (reverse percentile) interval at level 1 − α (Davison & Hinkley 1997, section 5.2.1). For statistics that noise
 * only raises, such as a hypervolume: replicates lie above the estimate as the estimate lies above the truth.
 */
export function basicInterval(estimate: number, replicates: Float64Array, alpha: number): Interval {
  const [low, high] = percentileInterval(replicates, alpha);
  return [2 * estimate - high, 2 * estimate - low];
}

/**
 * Bias-corrected and accelerated interval at level 1 − α (Efron 1987; Efron & Tibshirani 1993, section 14.3), as
 * `scipy.stats.bootstrap` computes it. Where it is undefined (replicates all on one side of the estimate, or a jackknife
 * without spread) it is the percentile interval.
 * @param replicates the statistic of every resample
 * @param jackknife the statistic without sample k, for each k
 */
export function bcaInterval(estimate: number, replicates: Float64Array, jackknife: Float64Array, alpha: number): Interval {
  const sorted = replicates.slice().sort();
  const below = sorted.reduce((count, value) => count + (value < estimate ? 1 : value === estimate ? 0.5 : 0), 0) / sorted.length;
  const acceleration = accelerationOf(jackknife);
  if (below <= 0 || below >= 1 || !Number.isFinite(acceleration)) return [quantile(sorted, alpha / 2), quantile(sorted, 1 - alpha / 2)];
  const bias = normalQuantile(below);
  const level = (probability: number) => {
    const shifted = bias + normalQuantile(probability);
    return jStat.normal.cdf(bias + shifted / (1 - acceleration * shifted), 0, 1);
  };
  return [quantile(sorted, level(alpha / 2)), quantile(sorted, level(1 - alpha / 2))];
}

/** Inverse of the standard normal distribution. */
export function normalQuantile(probability: number): number {
  return jStat.normal.inv(probability, 0, 1);
}

/** A sixth of the jackknife's skewness. */
function accelerationOf(jackknife: Float64Array): number {
  const mean = jackknife.reduce((sum, value) => sum + value, 0) / jackknife.length;
  let squares = 0;
  let cubes = 0;
  for (const value of jackknife) {
    squares += (mean - value) ** 2;
    cubes += (mean - value) ** 3;
  }
  return cubes / (6 * squares ** 1.5);
}

/** Quantile of sorted values by linear interpolation (R's type 7, NumPy's default). */
function quantile(sorted: Float64Array, probability: number): number {
  const position = probability * (sorted.length - 1);
  const low = Math.floor(position);
  return sorted[low] + (position - low) * (sorted[Math.min(low + 1, sorted.length - 1)] - sorted[low]);
}
