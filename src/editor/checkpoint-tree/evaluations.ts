import { stat } from 'node:fs/promises';
import { readResults } from '../../analysis/read-results';
import type { ResultPoint } from '../../analysis/results';
import { resultsPath } from '../../runs/run-directory';
import type { CheckpointSummary } from './checkpoint-summary';
import { experimentOfPath } from './groups';

/** What the sweeps of experiments have measured of their checkpoints; a results file is read once a change. */
export class Evaluations {
  private readonly read = new Map<string, { readonly stamp: string; readonly points: readonly ResultPoint[] }>();

  /** The checkpoint with the rewards that the sweep of its experiment has measured, in place of what its training noted. */
  async added<Summary extends CheckpointSummary>(summary: Summary): Promise<Summary> {
    const experiment = experimentOfPath(summary.path);
    const point = experiment === null ? undefined : (await this.points(experiment)).find((candidate) => isOf(candidate, summary));
    if (!point) return summary;
    const measured = Object.entries(point.rewards);
    return {
      ...summary,
      scores: { ...summary.scores, ...Object.fromEntries(measured.map(([reward, { mean }]) => [reward, mean])) },
      errors: Object.fromEntries(measured.map(([reward, values]) => [reward, stderrOf(values)])),
    };
  }

  private async points(experiment: string): Promise<readonly ResultPoint[]> {
    const stamp = await sweepStamp(experiment, (file) => stat(file).catch(() => null));
    if (stamp === 'none') return [];
    let known = this.read.get(experiment);
    if (known?.stamp !== stamp) {
      const points = await readResults(resultsPath(experiment)).catch(() => []); // a sweep that has just begun
      this.read.set(experiment, (known = { stamp, points }));
    }
    return known.points;
  }
}

/**
 * Changes when the sweep of an experiment has written more.
 * @param experiment `runs/<name>`
 * @param statOf null where there is no such file
 */
export async function sweepStamp(experiment: string, statOf: (file: string) => Promise<{ readonly mtimeMs: number; readonly size: number } | null>): Promise<string> {
  const found = await statOf(resultsPath(experiment));
  return found === null ? 'none' : `${found.mtimeMs}:${found.size}`;
}

function isOf({ kind, name, weights }: ResultPoint, summary: Pick<CheckpointSummary, 'role' | 'name' | 'weights'>): boolean {
  switch (summary.role) {
    case 'base':
      return kind === 'init';
    case 'expert':
    case 'morl':
      return kind === summary.role && name === summary.name;
    case 'soup':
      return kind === 'soup' && weights !== null && summary.weights !== null && areEqual(weights, summary.weights);
    default:
      return false;
  }
}

function areEqual(a: Readonly<Record<string, number>>, b: Readonly<Record<string, number>>): boolean {
  return [...new Set([...Object.keys(a), ...Object.keys(b)])].every((name) => Math.abs((a[name] ?? 0) - (b[name] ?? 0)) < 1e-9);
}

/** As it was noted, else from the samples. */
function stderrOf({ mean, stderr, samples }: ResultPoint['rewards'][string]): number | null {
  if (stderr !== undefined) return stderr;
  if (!samples || samples.length < 2) return null;
  return Math.sqrt(samples.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (samples.length - 1) / samples.length);
}
