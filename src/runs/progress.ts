import { metricsPath, readRunRecord } from './run-directory';
import { tailMetrics, withoutReplayedSteps } from './metrics-log';
import type { MetricsRow, RunState } from './run-record';

/** How far a run is. */
export interface RunProgress {
  readonly id: string;
  readonly state: RunState;
  readonly step: number;
  readonly totalSteps: number | null;
  /** from the pace of the last rows; null before there is one */
  readonly secondsLeft: number | null;
  readonly last: MetricsRow | null;
}

/** Follows one run by its files alone. Each look reads only what was appended since the one before. */
export class ProgressWatch {
  private rows: readonly MetricsRow[] = [];
  private offset = 0;

  constructor(readonly id: string, private readonly directory: string) {}

  async look(): Promise<RunProgress> {
    const record = await readRunRecord(this.directory).catch(() => null);
    const tail = await tailMetrics(metricsPath(this.directory), this.offset);
    this.offset = tail.offset;
    // the pace needs no more than the last rows
    this.rows = withoutReplayedSteps([...(tail.isRestarted ? [] : this.rows), ...tail.rows]).slice(-pacedRows);
    const last = this.rows.at(-1) ?? null;
    const totalSteps = record?.totalSteps ?? null;
    return { id: this.id, state: record?.state ?? 'queued', step: last?.step ?? 0, totalSteps, secondsLeft: secondsLeft(this.rows, totalSteps, record?.startedAt ?? null), last };
  }
}

const pacedRows = 20;

/**
 * Seconds until the last step at the pace of the given rows. Rows of an earlier process, before `startedAt`, say nothing about the pace.
 */
export function secondsLeft(rows: readonly MetricsRow[], totalSteps: number | null, startedAt: string | null): number | null {
  const recent = rows.filter(({ time }) => startedAt === null || time >= startedAt);
  const [first, last] = [recent[0], recent.at(-1)];
  if (!first || !last || totalSteps === null || last.step <= first.step) return null;
  const seconds = (Date.parse(last.time) - Date.parse(first.time)) / 1000;
  return seconds > 0 ? Math.max(0, totalSteps - last.step) * (seconds / (last.step - first.step)) : null;
}
