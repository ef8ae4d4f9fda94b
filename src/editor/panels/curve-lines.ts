import type { CurveLine } from '../../protocol/panels';
import type { MetricsRow } from '../../runs/run-record';
import { decimatedIndices } from './decimate';

/** Keys of a row that place it on the x axis. */
const axes = new Set(['step', 'time', 'samples']);

/**
 * The quantities that a run has logged, one line each (`reward.risky`, `loss.policy`, `kl`, …), unknown keys included,
 * decimated to about `limit` points a line.
 * @param rows lines of metrics.jsonl in the order of the file
 */
export function curveLines(rows: readonly MetricsRow[], limit = 1000): Record<string, CurveLine> {
  const first = rows.length > 0 ? Date.parse(rows[0]!.time) : NaN;
  const rowsOf = new Map<string, { row: MetricsRow; value: number }[]>();
  for (const row of rows) {
    for (const [name, value] of quantities(row)) {
      const line = rowsOf.get(name);
      if (line) line.push({ row, value });
      else rowsOf.set(name, [{ row, value }]);
    }
  }
  const lines: Record<string, CurveLine> = {};
  for (const [name, points] of rowsOf) {
    const kept = decimatedIndices(points.map(({ value }) => value), limit).map((index) => points[index]!);
    const samples = kept.map(({ row }) => row.samples);
    lines[name] = {
      step: kept.map(({ row }) => row.step),
      seconds: kept.map(({ row }) => secondsSince(first, row.time)),
      ...(samples.every((value) => typeof value === 'number') ? { samples: samples as number[] } : {}),
      value: kept.map(({ value }) => value),
    };
  }
  return lines;
}

function secondsSince(first: number, time: string): number {
  const seconds = (Date.parse(time) - first) / 1000;
  return Number.isFinite(seconds) ? seconds : 0;
}

/** Finite numbers of a row under dotted names; lists and text are no curves. */
function* quantities(object: object, prefix = ''): Generator<[string, number]> {
  for (const [key, value] of Object.entries(object) as [string, unknown][]) {
    if (prefix === '' && axes.has(key)) continue;
    if (typeof value === 'number') {
      if (Number.isFinite(value)) yield [prefix + key, value];
    } else if (typeof value === 'object' && value !== null && !Array.isArray(value)) yield* quantities(value, `${prefix}${key}.`);
  }
}
