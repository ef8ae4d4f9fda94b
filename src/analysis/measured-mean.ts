import { jStat } from 'jstat';
import { normalQuantile, type Interval } from './bootstrap';
import { meanInterval } from './mean-inference';
import type { Measurement } from './results';

/** A measured mean with what is known of how sure it is. */
export interface MeasuredMean {
  readonly mean: number;
  /** null where the results carry neither samples nor a standard error */
  readonly ci: Interval | null;
  /** samples that it is the mean of; null where the results do not say */
  readonly n: number | null;
}

/** The mean of a measurement with its interval at level 1 − α: from the samples, else Student's from the standard error (the normal's where n is not said). */
export function measuredMean({ mean, stderr, n, samples }: Measurement, alpha: number): MeasuredMean {
  if (samples && samples.length > 1) return { mean, ci: meanInterval(samples, alpha), n: samples.length };
  const count = n ?? samples?.length ?? null;
  if (stderr === undefined || (count !== null && count < 2)) return { mean, ci: null, n: count };
  const half = stderr * (count === null ? normalQuantile(1 - alpha / 2) : jStat.studentt.inv(1 - alpha / 2, count - 1));
  return { mean, ci: [mean - half, mean + half], n: count };
}
