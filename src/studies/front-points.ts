import { paretoFront } from '../analysis/front';
import type { ResultPoint } from '../analysis/results';
import type { FrontsPoint } from '../charts/fronts';

/** Points of one sweep for the chart of fronts, each series with its own front. Only the first two rewards are drawn. */
export function frontPoints(panel: string, series: Readonly<Record<string, readonly ResultPoint[]>>, isMarked: (point: ResultPoint) => boolean = () => false): FrontsPoint[] {
  return Object.entries(series).flatMap(([name, points]) => {
    if (points.length === 0) return [];
    const { points: ranked } = paretoFront(points, { resamples: 0 });
    return points.map((point, index): FrontsPoint => {
      const [first, second] = Object.values(point.rewards).map(({ mean }) => mean);
      return { panel, series: name, name: point.name, first: first!, second: second!, isOnFront: !ranked[index]!.dominated, isMarked: isMarked(point) };
    });
  });
}

/** Names of the two rewards that charts draw. */
export function drawnRewards(points: readonly ResultPoint[]): [string, string] {
  const [first, second] = Object.keys(points[0]!.rewards);
  return [first!, second ?? first!];
}
