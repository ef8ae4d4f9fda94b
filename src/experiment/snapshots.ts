import path from 'node:path';

/** Where a training keeps its policy as it was after so many environment steps. */
export function snapshotDirectory(run: string, step: number): string {
  return path.join(run, 'snapshots', `step-${String(step).padStart(6, '0')}`);
}

/** The step that stands for a time, a share of the training from 0 to 1. */
export function snapshotStep(at: number, steps: number): number {
  return Math.max(1, Math.round(at * steps));
}
