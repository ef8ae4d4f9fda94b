import { jStat } from 'jstat';
import { spread } from '../analysis/mean-inference';
import type { Finding } from './study';

/** A mean over seeds. `ci` is Student's interval; null for one seed, which says nothing about other seeds. */
export interface SeedEstimate {
  readonly mean: number;
  readonly ci: readonly [number, number] | null;
  readonly seeds: number;
}

/**
 * Mean of one value a seed with Student's two-sided interval: seeds are the independent repetitions of a training, episodes
 * are not.
 * @param values one a seed; NaN where a seed has nothing to measure, which leaves it out
 */
export function estimateOverSeeds(values: readonly number[], alpha: number): SeedEstimate {
  const measured = values.filter((value) => !Number.isNaN(value));
  const n = measured.length;
  const { mean, deviation } = spread(measured);
  if (n < 2) return { mean, ci: null, seeds: n };
  const half = (jStat.studentt.inv(1 - alpha / 2, n - 1) * deviation) / Math.sqrt(n);
  return { mean, ci: [mean - half, mean + half], seeds: n };
}

/** Whether the whole interval lies above the bound (yes), below it (no), or holds it (undecided). */
export function isAbove({ ci }: SeedEstimate, bound: number): Finding['answer'] {
  if (!ci) return 'undecided';
  return ci[0] > bound ? 'yes' : ci[1] < bound ? 'no' : 'undecided';
}

/** `0.42 (0.31 … 0.53, 3 seeds)`; signed where the number is a difference. */
export function estimateText({ mean, ci, seeds }: SeedEstimate, format: (value: number) => string = plain): string {
  if (seeds === 0) return '– (no seed has anything to measure: its points are alike in a reward)';
  return ci ? `${format(mean)} (${format(ci[0])} … ${format(ci[1])}, ${seeds} seeds)` : `${format(mean)} (one seed, so no interval)`;
}

export const plain = (value: number): string => (Number.isNaN(value) ? '–' : minus(String(Number(value.toPrecision(3)))));
export const signed = (value: number): string => (value > 0 ? `+${plain(value)}` : plain(value));
export const percent = (value: number): string => (Number.isNaN(value) ? '–' : minus(`${(100 * value).toFixed(1)} %`));
export const signedPercent = (value: number): string => (value > 0 ? `+${percent(value)}` : percent(value));

function minus(text: string): string {
  return text.replace('-', '−');
}
