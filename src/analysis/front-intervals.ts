import { basicInterval, drawResampling, expandedLevel, resampledMeans, type Interval } from './bootstrap';
import { hypervolume } from './hypervolume';
import type { ResultPoint } from './results';

export interface HypervolumeIntervals {
  readonly soup: Interval;
  readonly morl: Interval | null;
  /** volume of soups and experts less that of MORL, over the same resamples */
  readonly difference: { readonly estimate: number; readonly ci: Interval } | null;
  readonly resamples: number;
}

export interface IntervalOptions {
  readonly alpha: number;
  readonly resamples: number;
  readonly seed: number;
}

/** Bound on the work of one interval, in point comparisons: more rewards and points get fewer resamples, never below `leastResamples`. */
const workLimit = 2e8;
const leastResamples = 200;

/**
 * Paired bootstrap intervals of the hypervolumes: every resample draws prompts or seeds, the same for every point, and
 * measures both fronts anew against the same reference. They are basic intervals, because noise raises a front's volume (a
 * point that noise lifts counts, one that it lowers is dominated), expanded for few samples. Null where a point carries no samples, or not as many as others.
 * @param reference [rewards]
 */
export function hypervolumeIntervals(points: readonly ResultPoint[], rewards: readonly string[], reference: readonly number[], options: IntervalOptions): HypervolumeIntervals | null {
  const lengths = new Set(points.flatMap((point) => rewards.map((reward) => point.rewards[reward].samples?.length ?? 0)));
  const [n] = lengths;
  if (lengths.size !== 1 || n < 2) return null;
  const work = points.length ** Math.max(1, rewards.length - 1) * rewards.length;
  const alpha = expandedLevel(options.alpha, n);
  const resamples = Math.min(options.resamples, Math.max(leastResamples, Math.floor(workLimit / work)));
  const draws = drawResampling(n, resamples, options.seed);
  const means = points.map((point) => rewards.map((reward) => resampledMeans(point.rewards[reward].samples!, draws)));
  const morl = points.map(({ kind }) => kind === 'morl');
  const volumes = (isMorl: boolean) => {
    const chosen = means.filter((_, index) => morl[index] === isMorl);
    return Float64Array.from({ length: resamples }, (_, b) => hypervolume(chosen.map((columns) => columns.map((column) => column[b])), reference));
  };
  const estimate = (isMorl: boolean) => hypervolume(points.filter((_, index) => morl[index] === isMorl).map((point) => rewards.map((reward) => point.rewards[reward].mean)), reference);
  const interval = (value: number, replicates: Float64Array): Interval => {
    const [low, high] = basicInterval(value, replicates, alpha);
    return [Math.max(0, low), high];
  };
  const [soup, soups] = [estimate(false), volumes(false)];
  if (!morl.includes(true)) return { soup: interval(soup, soups), morl: null, difference: null, resamples };
  const [other, others] = [estimate(true), volumes(true)];
  const difference = { estimate: soup - other, ci: basicInterval(soup - other, soups.map((value, b) => value - others[b]), alpha) };
  return { soup: interval(soup, soups), morl: interval(other, others), difference, resamples };
}
