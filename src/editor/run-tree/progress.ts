import type { MetricsRow, RunState } from '../../runs/run-record';

/** How far a run is. */
export interface Progress {
  /** between 0 and 1 */
  readonly fraction: number;
  /** at the speed of the latest rows; null where that is not known */
  readonly secondsLeft: number | null;
}

const activeStates: readonly RunState[] = ['queued', 'starting', 'running', 'stopping'];

/** Whether something may still happen to a run without starting it again. */
export function isActive(state: RunState): boolean {
  return activeStates.includes(state);
}

/** Rows that the present speed is taken from: enough to even out evaluations, few enough to follow a slower machine. */
const rowsForSpeed = 20;

/**
 * Progress of a training from what it has logged; null before its first row, or where its length is not known.
 * @param rows lines of metrics.jsonl, oldest first
 * @param totalSteps of the whole training
 */
export function trainingProgress(rows: readonly MetricsRow[], totalSteps: number | null): Progress | null {
  const last = rows.at(-1);
  if (!last || !totalSteps) return null;
  const first = rows[Math.max(0, rows.length - rowsForSpeed)]!;
  const seconds = (Date.parse(last.time) - Date.parse(first.time)) / 1000;
  const stepsPerSecond = (last.step - first.step) / seconds;
  const stepsLeft = Math.max(0, totalSteps - last.step);
  return {
    fraction: Math.min(1, last.step / totalSteps),
    secondsLeft: Number.isFinite(stepsPerSecond) && stepsPerSecond > 0 ? stepsLeft / stepsPerSecond : null,
  };
}

/** How many points a sweep had measured at a moment, in milliseconds since the epoch. */
export interface SweepSight {
  readonly points: number;
  readonly at: number;
}

/**
 * Progress of a sweep from the points in its results; the time left takes all points to last as long as those measured
 * between two sights.
 */
export function sweepProgress(totalPoints: number | null, first: SweepSight, now: SweepSight): Progress | null {
  if (!totalPoints) return null;
  const measured = now.points - first.points;
  const seconds = (now.at - first.at) / 1000;
  const secondsLeft = measured > 0 && seconds > 0 ? (Math.max(0, totalPoints - now.points) * seconds) / measured : null;
  return { fraction: Math.min(1, now.points / totalPoints), secondsLeft };
}

/** `43 %`; a share that is not quite all never reads 100 %. */
export function formatFraction(fraction: number): string {
  return `${Math.floor(fraction * 100)} %`;
}

/** `40 s`, `12 min`, `3 h 20 min`, `2 d 4 h`. */
export function formatDuration(seconds: number): string {
  if (seconds < 90) return `${Math.max(1, Math.round(seconds))} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return minutes % 60 ? `${hours} h ${minutes % 60} min` : `${hours} h`;
  return hours % 24 ? `${Math.floor(hours / 24)} d ${hours % 24} h` : `${hours / 24} d`;
}
