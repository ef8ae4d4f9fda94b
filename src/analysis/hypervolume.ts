/**
 * Volume that the points dominate above the reference, all rewards maximised; exact, by slicing along the last reward
 * (HSO, While et al. 2006). Points on or below the reference in any reward add nothing.
 * @param points [n][rewards]
 * @param reference [rewards]
 */
export function hypervolume(points: readonly (readonly number[])[], reference: readonly number[]): number {
  const above = points.filter((point) => point.every((value, index) => value > reference[index]));
  return volume(above.map((point) => point.map((value, index) => value - reference[index])));
}

function volume(points: readonly (readonly number[])[]): number {
  if (points.length === 0) return 0;
  const last = points[0].length - 1;
  if (last === 0) return Math.max(...points.map(([value]) => value));
  const sorted = [...points].sort((a, b) => b[last] - a[last]);
  let total = 0;
  for (let count = 1; count <= sorted.length; count++) {
    const depth = sorted[count - 1][last] - (count < sorted.length ? sorted[count][last] : 0);
    if (depth > 0) total += depth * volume(sorted.slice(0, count).map((point) => point.slice(0, last)));
  }
  return total;
}
