import type { CurveAxis, CurveLine } from '../../protocol/panels';
import type { MetricsColumns } from '../run-tree/metrics-columns';
import { decimatedIndices } from './decimate';

export interface CurveSelection {
  /** quantities by name; all where absent */
  readonly wanted?: (name: string) => boolean;
  /** about how many points a line may have */
  readonly limit?: number;
  /** the part of an axis that is looked at closely: it has three quarters of the points, what lies outside the rest */
  readonly range?: { readonly axis: CurveAxis; readonly from: number; readonly to: number } | null;
}

/** The quantities that a run has logged, one line each (`reward.risky`, `loss.policy`, `kl`, …), unknown keys included, decimated. */
export function curveLines(columns: MetricsColumns, { wanted = () => true, limit = 1000, range = null }: CurveSelection = {}): Record<string, CurveLine> {
  const { step, samples } = columns;
  return Object.fromEntries(columns.names.filter(wanted).map((name) => {
    const { rows, values } = columns.quantity(name);
    const kept = range === null ? decimatedIndices(values, limit) : closeUp(values, limit, ...rowsWithin(columns, rows, range));
    const keptRows = kept.map((index) => rows[index]!);
    const line: CurveLine = { step: keptRows.map((row) => step[row]!), seconds: keptRows.map((row) => columns.secondsAt(row)), value: kept.map((index) => values[index]!) };
    const counts = keptRows.map((row) => samples[row]!);
    return [name, counts.some(Number.isNaN) ? line : { ...line, samples: counts }];
  }));
}

/** First index of a quantity within a range of an axis, and the first behind it; one more on either side, so that lines reach the edge. */
function rowsWithin(columns: MetricsColumns, rows: Float64Array, { axis, from, to }: NonNullable<CurveSelection['range']>): [first: number, end: number] {
  const at = (index: number): number => {
    const row = rows[index]!;
    return axis === 'seconds' ? columns.secondsAt(row) : axis === 'samples' && Number.isFinite(columns.samples[row]) ? columns.samples[row]! : columns.step[row]!;
  };
  const firstAbove = (isAbove: (x: number) => boolean): number => {
    let [low, high] = [0, rows.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (isAbove(at(middle))) high = middle;
      else low = middle + 1;
    }
    return low;
  };
  return [Math.max(0, firstAbove((x) => x >= from) - 1), Math.min(rows.length, firstAbove((x) => x > to) + 1)];
}

function closeUp(values: Float64Array, limit: number, first: number, end: number): number[] {
  const part = (from: number, to: number, share: number) => decimatedIndices(values.subarray(from, to), Math.max(4, Math.floor(limit * share))).map((index) => index + from);
  return [...part(0, first, 1 / 8), ...part(first, end, 3 / 4), ...part(end, values.length, 1 / 8)];
}
