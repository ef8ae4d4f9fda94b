import path from 'node:path';
import type { DeclaredMetrics } from '../experiment/declared-metrics';
import type { TaskConfig } from '../experiment/schema';
import { readWrittenRecord } from './run-directory';
import type { Job } from './run-record';

/** The experiment that a checkpoint comes from, as far as run records beside it tell. */
export interface CheckpointOrigin {
  /** the run directory that says so */
  readonly run: string;
  readonly task: TaskConfig;
  readonly metrics: DeclaredMetrics;
  /** expressions over metrics, by name */
  readonly rewards: Readonly<Record<string, string>>;
  /** θ₀, a checkpoint directory as it was when the run was planned; null for a base that began from scratch */
  readonly base: string | null;
  readonly seed: number;
}

/** A checkpoint lies at most so deep in its run: runs/<name>/soups/<soup>, experts/<name>/checkpoints/step-000120. */
const levels = 3;

/**
 * Looks in a checkpoint's directory and above it for the run.json of a training, or for the sweep of its experiment
 * (which a soup lies beside); null where there is neither.
 */
export async function originOf(checkpoint: string): Promise<CheckpointOrigin | null> {
  let directory = path.resolve(checkpoint);
  for (let level = 0; level <= levels; level++, directory = path.dirname(directory)) {
    for (const run of [directory, path.join(directory, 'sweep')]) {
      const job = (await readWrittenRecord(run).catch(() => null))?.job;
      if (job) return originFrom(run, job);
    }
  }
  return null;
}

function originFrom(run: string, job: Job): CheckpointOrigin {
  const { task, rewards, seed } = job;
  return { run, task, metrics: ('metrics' in job ? job.metrics : undefined) ?? {}, rewards, base: job.kind === 'sweep' ? job.base : job.init, seed };
}
