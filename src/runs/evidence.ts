import path from 'node:path';
import type { Evidence } from '../analysis/diagnosis';
import type { WeightComparison } from '../analysis/findings/divergence';
import type { TrainingHistory } from '../analysis/findings/reward-hacking';
import type { Checkpoint } from '../checkpoint/checkpoint';
import { compareCheckpoints } from '../checkpoint/compare';
import { openExperts } from '../checkpoint/experts';
import { SoupError } from '../errors';
import { betterOf } from '../experiment/metrics';
import { listRuns, readMetrics, readRunRecord, type FoundRun } from './run-directory';
import type { SweepJob, TrainJob } from './run-record';

/** Checkpoints larger than this together are left to `soup compare`: a check should not take minutes. */
const comparedBytes = 2 ** 30;

/**
 * What the runs of an experiment know beside its results, for a diagnosis: the curves of its trainings, the rewards that
 * the experts were trained on, and how far their weights went.
 * @param directory runs/<name>
 */
export async function gatherEvidence(directory: string): Promise<Pick<Evidence, 'ownRewards' | 'histories' | 'weights'>> {
  const runs = (await listRuns(directory)).filter(isTraining);
  const sweep = (await readRunRecord(path.join(directory, 'sweep')).catch(() => null))?.job;
  // the sweep's job is written anew with every call, and knows what the file says by now
  const histories = await Promise.all(runs.map(async ({ directory: run, record: { name, job } }): Promise<TrainingHistory> => ({ name, objective: job.objective, rewards: job.rewards, better: betterOf(sweep?.kind === 'sweep' ? sweep : job), rows: await readMetrics(run) })));
  const experts = runs.filter(({ record }) => record.kind === 'expert');
  const ownRewards = Object.fromEntries(experts.flatMap(({ record: { name, job } }) => {
    const reward = Object.keys(job.rewards).find((of) => job.rewards[of] === job.objective);
    return reward === undefined ? [] : [[name, reward]];
  }));
  const weights = sweep?.kind === 'sweep' ? await compareExperts(sweep) : null;
  return { histories, ...(experts.length > 0 ? { ownRewards } : {}), ...(weights ? { weights } : {}) };
}

type FoundTraining = FoundRun & { readonly record: { readonly job: TrainJob } };

function isTraining(run: FoundRun): run is FoundTraining {
  return run.record.job !== null && run.record.job.kind !== 'sweep';
}

/** Null where the checkpoints are gone, too large, or not of one kind. */
async function compareExperts({ experts, base }: SweepJob): Promise<WeightComparison | null> {
  try {
    const opened = await openExperts(base, experts);
    const all = [opened.base, ...opened.experts];
    if (all.length < 3 || all.reduce((sum, checkpoint) => sum + sizeBytes(checkpoint), 0) > comparedBytes) return null;
    return await compareCheckpoints(opened.experts, opened.base);
  } catch (error) {
    if (error instanceof SoupError) return null;
    throw error;
  }
}

function sizeBytes({ tensors }: Checkpoint): number {
  return [...tensors.values()].reduce((sum, { begin, end }) => sum + end - begin, 0);
}
