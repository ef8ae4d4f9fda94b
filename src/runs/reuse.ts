import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { architectureOf, checkExpert } from '../architecture/check-model';
import { holdsWeights, openCheckpoint } from '../checkpoint/checkpoint';
import { checkpointSha256 } from '../checkpoint/digest';
import { SoupError } from '../errors';
import { trainingDifferences, type JobDifference } from '../experiment/job-identity';
import type { Plan, PlannedRun } from '../experiment/plan';
import { shownPath } from '../shown-path';
import { finalStates, readRunRecord } from './run-directory';
import type { RunRecord, TrainJob } from './run-record';

/** What is to be done about a planned training: nothing, wait for the one that runs, or start (or resume) it. */
export type Reuse =
  | { readonly kind: 'done' }
  | { readonly kind: 'alive'; readonly record: RunRecord }
  | { readonly kind: 'start' };

/**
 * Looks at what is there of a training. A run without run.json that holds weights was trained elsewhere and counts as done.
 * @throws SoupError ChangedExperimentError when something was trained there with other settings: it is neither used nor removed
 */
export async function reuseOf({ directory, job, id }: PlannedRun<TrainJob>): Promise<Reuse> {
  const record = await readRunRecord(directory);
  const hasModel = await holdsWeights(directory);
  if (!record) return { kind: hasModel ? 'done' : 'start' };
  const isAlive = !finalStates.includes(record.state) && record.state !== 'queued' && record.pid !== null;
  if (!isAlive && !hasModel && !(await hasCheckpoints(directory))) return { kind: 'start' };
  const differences = record.job ? trainingDifferences(record.job, job) : [];
  if (differences.length > 0) throw changedExperiment(id, directory, differences);
  if (isAlive) return { kind: 'alive', record };
  return { kind: record.state === 'succeeded' && hasModel ? 'done' : 'start' };
}

/**
 * Makes sure that every trained expert belongs to the base that is there now: soups of experts of different bases mean nothing.
 * @throws SoupError OtherBaseError, and for language models what `checkExpert` throws
 */
export async function checkBases({ experiment, sweep, trainings }: Plan): Promise<void> {
  if (experiment.base.shared === false || !(await holdsWeights(sweep.job.base))) return;
  const base = await openCheckpoint(sweep.job.base);
  const architecture = experiment.task.type === 'text' ? architectureOf(base) : null;
  let sha256: string | null = null;
  for (const { id, directory, job } of trainings) {
    if (job.kind === 'base' || !(await holdsWeights(directory))) continue; // it may have begun from another model itself
    const expert = await openCheckpoint(directory);
    if (architecture) checkExpert(expert, architecture);
    const recorded = expert.metadata['soup.base_sha256'];
    if (!recorded) continue;
    sha256 ??= await checkpointSha256(base);
    if (recorded !== sha256) throw new SoupError('OtherBaseError', `${id} was trained from another base than ${shownPath(sweep.job.base)}: remove ${shownPath(directory)} to train it anew.`);
  }
}

function changedExperiment(id: string, directory: string, differences: readonly JobDifference[]): SoupError {
  const text = ({ key, was, now }: JobDifference) => `${key}: ${JSON.stringify(was)}; now ${JSON.stringify(now)}`;
  const more = differences.length > 3 ? `; and ${differences.length - 3} more` : '';
  return new SoupError('ChangedExperimentError', `${id} was trained with ${differences.slice(0, 3).map(text).join('; ')}${more} — remove ${shownPath(directory)} to train it anew, or rename the experiment to keep both.`);
}


async function hasCheckpoints(directory: string): Promise<boolean> {
  return (await readdir(path.join(directory, 'checkpoints')).catch(() => [])).length > 0;
}
