import type { ResultPoint } from '../results';

/** Rewards of a point, each scaled to 0…1 over all points, so that a distance does not depend on units. */
export function scaledFront(points: readonly ResultPoint[], rewards: readonly string[]): (point: ResultPoint) => number[] {
  const ranges = rewards.map((reward) => {
    const values = points.map((point) => point.rewards[reward].mean);
    return { reward, low: Math.min(...values), range: Math.max(...values) - Math.min(...values) || 1 };
  });
  return (point) => ranges.map(({ reward, low, range }) => (point.rewards[reward].mean - low) / range);
}
