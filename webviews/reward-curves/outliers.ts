/** The y range that a chart is drawn in, and how many of its points lie outside. */
export interface ShownRange {
  readonly low: number;
  readonly high: number;
  readonly outside: number;
}

/**
 * A range that single spikes do not stretch: that between the 2nd and the 98th percentile, widened by its own size on
 * either side, cut to what there is. Everything, where the middle has no extent.
 * @param values of all lines of a chart, finite
 */
export function shownRange(values: readonly number[]): ShownRange {
  const sorted = Float64Array.from(values).sort();
  const [least, greatest] = [sorted[0] ?? 0, sorted.at(-1) ?? 0];
  const quantile = (share: number): number => sorted[Math.round(share * (sorted.length - 1))] ?? 0;
  const [lower, upper] = [quantile(0.02), quantile(0.98)];
  if (upper === lower) return { low: least, high: greatest, outside: 0 };
  const low = Math.max(least, lower - (upper - lower));
  const high = Math.min(greatest, upper + (upper - lower));
  return { low, high, outside: values.reduce((count, value) => count + (value < low || value > high ? 1 : 0), 0) };
}
