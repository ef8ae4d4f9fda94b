import { checkLmc } from '../analysis/lmc';
import type { ResultPoint, Verdict } from '../analysis/results';

/** How far the soups of one sweep are above the chord, in shares of what each reward spans over base and experts. */
export interface Margins {
  /** mean over the inner λ, by reward */
  readonly mean: Readonly<Record<string, number>>;
  /** lowest over λ and rewards; low by chance as well, being the lowest of many */
  readonly worst: number;
  /** of the test on this sweep's episodes alone */
  readonly verdict: Verdict;
}

/** Margins of a sweep; the span of a reward is the distance from its lowest to its highest value over base and experts. */
export function marginsOf(points: readonly ResultPoint[], options: { readonly alpha: number; readonly tolerance: number; readonly resamples: number; readonly seed: number }): Margins {
  const report = checkLmc(points, options);
  const ends = points.filter(({ kind }) => kind === 'init' || kind === 'expert');
  const byReward = Object.entries(report.rewards).map(([reward, { points: soups, worst }]) => {
    const values = ends.map(({ rewards }) => rewards[reward]!.mean);
    const span = Math.max(...values) - Math.min(...values) || 1;
    return { reward, mean: soups.reduce((sum, { margin }) => sum + margin, 0) / soups.length / span, worst: worst.margin / span };
  });
  return { mean: Object.fromEntries(byReward.map(({ reward, mean }) => [reward, mean])), worst: Math.min(...byReward.map(({ worst }) => worst)), verdict: report.verdict };
}
