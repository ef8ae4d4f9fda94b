/**
 * Indices of at most about `limit` values that draw the same line: each bucket of neighbours keeps its smallest and its
 * largest value, so that no spike is lost; the first and the last value always stay. NaN is kept only where a bucket has
 * nothing else.
 * @param values [n]
 * @returns ascending indices; all of them where n ≤ limit
 */
export function decimatedIndices(values: ArrayLike<number>, limit = 1000): number[] {
  const n = values.length;
  if (n <= limit) return Array.from({ length: n }, (_, index) => index);
  const buckets = Math.max(1, Math.floor((limit - 2) / 2));
  const kept = [0];
  for (let bucket = 0; bucket < buckets; bucket++) {
    const from = 1 + Math.floor((bucket * (n - 2)) / buckets);
    const to = 1 + Math.floor(((bucket + 1) * (n - 2)) / buckets);
    let [low, high] = [from, from];
    for (let index = from + 1; index < to; index++) {
      if (values[index]! < values[low]! || Number.isNaN(values[low]!)) low = index;
      if (values[index]! > values[high]! || Number.isNaN(values[high]!)) high = index;
    }
    kept.push(Math.min(low, high));
    if (low !== high) kept.push(Math.max(low, high));
  }
  kept.push(n - 1);
  return kept;
}
