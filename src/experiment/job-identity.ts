import path from 'node:path';
import { isTextJob, type Job, type SweepJob, type TextTrainJob, type TrainJob } from '../runs/run-record';
import { measuring } from './declared-metrics';
import { canonicalExpression } from './expression';

export interface JobDifference {
  readonly key: string;
  readonly was: unknown;
  readonly now: unknown;
}

/**
 * What a trained run would have to be trained anew for. Left out: `rewards`, which are only logged (what is maximised
 * is `objective`, and its spelling does not matter); the backend, which changes the arithmetic but not the task, and stands in run.json; how often
 * checkpoints are written; and where the runs lie, so that an experiment can be moved.
 */
export function trainingDifferences(was: Job, now: TrainJob): JobDifference[] {
  if (was.kind === 'sweep') return [{ key: 'kind', was: was.kind, now: now.kind }];
  return differences(trainingIdentity(was), trainingIdentity(now));
}

/** Everything that the weights of a training follow from but the backend; of the initialisation, its name alone. */
export function trainingIdentity(job: TrainJob) {
  const { kind, name, task, objective, seed, init, snapshotSteps } = job;
  return { kind, name, task: learnedFrom(task), objective: canonicalExpression(objective), ...(isTextJob(job) ? withoutDeadSettings(job) : job.ppo), seed, init: init && path.basename(init), ...(snapshotSteps ? { snapshotSteps } : {}) };
}

/** Of a task: what a training sees. How experts are blended and evaluated is the sweep's. */
function learnedFrom(task: TrainJob['task']) {
  return portable(Object.fromEntries(Object.entries(task).filter(([key]) => key !== 'blend' && key !== 'evaluation')));
}

/** What points measured before cannot stand beside points measured now for; another grid is no such thing. */
export function sweepDifferences(was: Job, now: SweepJob): JobDifference[] {
  if (was.kind !== 'sweep') return [{ key: 'kind', was: was.kind, now: now.kind }];
  const pick = ({ task, metrics = {}, rewards, samples, seed }: SweepJob) => ({ task: portable(task), metrics: portable(measuring(metrics)), rewards, samples, seed });
  return differences(pick(was), pick(now));
}

/** Of a text training: what its weights depend on. */
function withoutDeadSettings({ settings, metrics, objective }: TextTrainJob) {
  const learned = Object.fromEntries(Object.entries(settings).filter(([key]) => key !== 'checkpointEverySteps' && key !== 'gradientCheckpointing'));
  return { ...portable(learned), metrics: portable(Object.fromEntries(Object.entries(measuring(metrics)).filter(([name]) => new RegExp(`\\b${name}\\b`).test(objective)))) };
}

/** Absolute paths by their last part, so that an experiment can be moved. */
export function portable<T>(value: T): T {
  return JSON.parse(JSON.stringify(value), (_key, part: unknown) => (typeof part === 'string' && path.isAbsolute(part) ? path.basename(part) : part)) as T;
}

function differences(was: unknown, now: unknown, key = ''): JobDifference[] {
  if (isTree(was) && isTree(now)) {
    const keys = [...new Set([...Object.keys(was), ...Object.keys(now)])];
    return keys.flatMap((name) => differences(was[name], now[name], key === '' ? name : `${key}.${name}`));
  }
  return JSON.stringify(was) === JSON.stringify(now) ? [] : [{ key, was, now }];
}

function isTree(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
