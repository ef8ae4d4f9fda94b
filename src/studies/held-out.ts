import type { ResultPoint } from '../analysis/results';

/** A point that was chosen on validation episodes, and what it earns on the others. */
export interface HeldOutChoice {
  readonly point: ResultPoint;
  readonly test: number;
}

/**
 * Chooses the point with the highest mean of a reward on the first half of the paired episodes and measures it on the
 * second half. Null where there is no point.
 * @throws Error where a point carries no samples: a sweep of ours always does
 */
export function heldOut(points: readonly ResultPoint[], reward: string): HeldOutChoice | null {
  const halves = points.map((point) => {
    const samples = point.rewards[reward]?.samples;
    if (!samples) throw new Error(`${point.name} has no samples of ${reward}`);
    const half = samples.length >> 1;
    return { point, validation: mean(samples.slice(0, half)), test: mean(samples.slice(half)) };
  });
  if (halves.length === 0) return null;
  const { point, test } = halves.reduce((best, one) => (one.validation > best.validation ? one : best));
  return { point, test };
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
