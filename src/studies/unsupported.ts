import { pValueAbove } from '../analysis/mean-inference';
import { simplexGrid } from '../experiment/simplex-grid';
import type { ResultPoint } from '../analysis/results';
import { meansOf } from './coverage';

/** A point of the front that no weighting of the rewards would choose: the front is not convex there. */
export interface UnsupportedPoint {
  readonly point: ResultPoint;
  /** how far below the convex hull, in shares of the rewards' ranges, by the weighting that is kindest to the point */
  readonly depth: number;
  /** one-sided p-value of "on the hull" from the episodes that were not used to find it; paired t-test */
  readonly pValue: number;
}

const edgeOf: Readonly<Record<number, number>> = { 2: 401, 3: 61, 4: 25 };

/**
 * Looks for non-convex parts of a front. A point x lies on the convex hull when some weighting μ of the rewards prefers it to
 * every other point; its depth is min over μ of max over p of μ·(R(p) − R(x)), over a fine grid of μ, each reward
 * scaled by its range on the front. Found on the even episodes and tested on the odd ones.
 * @param front points that nothing dominates, measured on the same episodes
 */
export function unsupportedPoints(front: readonly ResultPoint[]): UnsupportedPoint[] {
  if (front.length < 3) return [];
  const means = front.map(meansOf);
  const ranges = means[0]!.map((_, reward) => Math.max(...means.map((value) => value[reward]!)) - Math.min(...means.map((value) => value[reward]!)) || 1);
  const even = front.map((point) => halfMeans(point, 0, ranges));
  const odd = front.map((point) => halfSamples(point, 1, ranges));
  const weightings = simplexGrid(ranges.map((_, index) => String(index)), edgeOf[ranges.length] ?? 11).map((weights) => Object.values(weights));
  return front.flatMap((point, x) => {
    let kindest = { depth: Infinity, mu: weightings[0]!, rival: x };
    for (const mu of weightings) {
      const own = dot(mu, even[x]!);
      let best = { gap: 0, rival: x };
      for (let p = 0; p < front.length; p++) {
        const gap = dot(mu, even[p]!) - own;
        if (gap > best.gap) best = { gap, rival: p };
      }
      if (best.gap < kindest.depth) kindest = { depth: best.gap, mu, rival: best.rival };
    }
    if (kindest.depth <= 1e-9) return [];
    return [{ point, depth: kindest.depth, pValue: pValueAbove(odd[x]!.map((values, k) => dot(kindest.mu, odd[kindest.rival]![k]!) - dot(kindest.mu, values)), 0) }];
  });
}

/** [samples of this parity][rewards], scaled */
function halfSamples({ rewards }: ResultPoint, parity: number, ranges: readonly number[]): number[][] {
  const samples = Object.values(rewards).map((measurement) => measurement.samples ?? []);
  return samples[0]!.flatMap((_, k) => (k % 2 === parity ? [samples.map((values, reward) => values[k]! / ranges[reward]!)] : []));
}

function halfMeans(point: ResultPoint, parity: number, ranges: readonly number[]): number[] {
  const samples = halfSamples(point, parity, ranges);
  return ranges.map((_, reward) => samples.reduce((sum, values) => sum + values[reward]!, 0) / samples.length);
}

const dot = (a: readonly number[], b: readonly number[]): number => a.reduce((sum, value, index) => sum + value * b[index]!, 0);
