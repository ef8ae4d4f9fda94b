import path from 'node:path';
import type { Compute, ResultPoint } from '../analysis/results';
import { readMetrics, readRunRecord } from './run-directory';
import type { SweepJob } from './run-record';

/**
 * Adds to each point what it cost, as the run records say: the environment steps (prompts, for text) of an expert's or
 * MORL run's own training and of its evaluation. The base, which all start from, is left out. Points that say so themselves, and those of
 * runs without a record, stay as they are.
 * @param directory runs/<name>
 */
export async function withCompute(points: readonly ResultPoint[], directory: string): Promise<ResultPoint[]> {
  const sweep = await readRunRecord(path.join(directory, 'sweep')).catch(() => null);
  const evaluation = sweep?.job?.kind === 'sweep' ? stepsOf(sweep.job) : 0;
  return Promise.all(points.map(async (point): Promise<ResultPoint> => {
    const compute = point.compute ?? (await computeOf(point, directory, evaluation));
    return compute ? { ...point, compute } : point;
  }));
}

async function computeOf({ kind, name }: ResultPoint, directory: string, evaluation: number): Promise<Compute | null> {
  if (kind === 'init' || kind === 'soup') return { training: 0, evaluation };
  const run = path.join(directory, kind === 'expert' ? 'experts' : 'morl', name);
  const seen = (await readMetrics(run)).at(-1)?.samples ?? (await readRunRecord(run).catch(() => null))?.totalSteps;
  return typeof seen === 'number' ? { training: seen, evaluation } : null;
}

/** Steps of one point's evaluation, if no episode ends early; samples, where a task has no steps. */
function stepsOf({ samples, task }: SweepJob): number {
  return samples * ('episodeSteps' in task ? task.episodeSteps : 1);
}
