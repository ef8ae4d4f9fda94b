/**
 * Mean and variance per feature of everything seen so far, merged batch by batch (Chan et al. 1983). Float64, so
 * that long trainings do not lose small updates.
 */
export class RunningStatistics {
  count = 0;
  readonly mean: Float64Array;
  /** sum of squared deviations from the mean */
  readonly squares: Float64Array;

  constructor(readonly size: number) {
    this.mean = new Float64Array(size);
    this.squares = new Float64Array(size);
  }

  /** Adds rows of features, [n, size]. */
  add(rows: Float64Array): void {
    const added = rows.length / this.size;
    const total = this.count + added;
    for (let feature = 0; feature < this.size; feature++) {
      let sum = 0;
      for (let i = feature; i < rows.length; i += this.size) sum += rows[i]!;
      const mean = sum / added;
      let squares = 0;
      for (let i = feature; i < rows.length; i += this.size) squares += (rows[i]! - mean) ** 2;
      const difference = mean - this.mean[feature]!;
      this.mean[feature]! += (difference * added) / total;
      this.squares[feature]! += squares + (difference * difference * this.count * added) / total;
    }
    this.count = total;
  }

  /** Population variance of one feature; 1 before anything was seen. */
  variance(feature: number): number {
    return this.count > 0 ? this.squares[feature]! / this.count : 1;
  }
}
