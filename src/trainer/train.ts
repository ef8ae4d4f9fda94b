import { appendFile } from 'node:fs/promises';
import { parseExpression } from '../experiment/expression';
import { metricNames, type Measured } from '../experiment/metrics';
import { snapshotDirectory } from '../experiment/snapshots';
import { metricsPath, updateRunRecord } from '../runs/run-directory';
import type { LocomotionTrainJob, MetricsRow } from '../runs/run-record';
import { Ppo, streams, type Iteration } from './algorithms/ppo';
import { openBackend } from './backend/backend';
import { meanScore, type NamedExpressions } from './episodes';
import { truncateMetrics } from './metrics-truncation';
import { GaussianPolicy } from './models/policy';
import { modelSha256, readPolicy, writePolicy } from './models/policy-checkpoint';
import { RandomStream } from './random';
import { nextTurn, type StopRequest } from './stop-request';
import { taskNamed } from './tasks/registry';
import type { ControlTask } from './tasks/task';
import { lastCheckpoint, type Progress } from './checkpoint-directory';
import { restoreCheckpoint, saveCheckpoint, type Training } from './training-state';

export type Outcome = 'succeeded' | 'stopped';

/**
 * Carries out a training in MuJoCo in its run directory, from its last checkpoint where there is one, and writes the trained
 * policy there. Stops at the next whole iteration when asked to, with a checkpoint.
 */
export async function train(directory: string, job: LocomotionTrainJob, stop: StopRequest): Promise<Outcome> {
  const { tf, name, device } = await openBackend(job.backend);
  await updateRunRecord(directory, { backend: name, device, totalSteps: job.ppo.steps });
  const task = taskNamed(job.task.environment);
  const environments = await task.open(job.ppo.environments);
  const reference = await startingPolicy(job, task);
  const resumed = await lastCheckpoint(directory);
  const policy = resumed ? await readPolicy(resumed, sizesOf(task)) : copyOf(reference);
  const ppo = new Ppo({
    tf,
    task,
    environments,
    policy,
    reference,
    episodeSteps: job.task.episodeSteps,
    config: job.ppo,
    seed: job.seed,
    objective: parseExpression(job.objective, metricNames(job)),
    rewards: compileRewards(job),
    learnsObservationStatistics: job.init === null,
  });
  try {
    const training: Training = { ppo, policy, environments, task: task.name };
    const progress = resumed ? await restoreCheckpoint(resumed, training) : begin(ppo);
    return await loop(directory, job, training, progress, stop);
  } finally {
    ppo.dispose();
    environments.close();
  }
}

/** The job's rewards, ready to evaluate. */
export function compileRewards(job: Measured & { readonly rewards: Readonly<Record<string, string>> }): NamedExpressions {
  const known = metricNames(job);
  return Object.fromEntries(Object.entries(job.rewards).map(([name, text]) => [name, parseExpression(text, known)]));
}

/** θ₀: the base's policy, or fresh weights drawn from the seed. */
async function startingPolicy(job: LocomotionTrainJob, task: ControlTask): Promise<GaussianPolicy> {
  if (job.init !== null) return readPolicy(job.init, sizesOf(task));
  const policy = new GaussianPolicy({ observationSize: task.observationSize, actionSize: task.actionSize, hidden: job.ppo.hidden });
  policy.initialise(RandomStream.of(job.seed, streams.initialisation));
  return policy;
}

function copyOf(policy: GaussianPolicy): GaussianPolicy {
  const copy = new GaussianPolicy(policy.shape);
  copy.copyFrom(policy);
  return copy;
}

/** Where a training begins. */
export const untrained: Progress = { step: 0, iteration: 0, seconds: 0, cpuSeconds: 0, score: -Infinity, rewards: {}, best: null };

function begin(ppo: Ppo): Progress {
  ppo.begin();
  return untrained;
}

async function loop(directory: string, job: LocomotionTrainJob, training: Training, start: Progress, stop: StopRequest): Promise<Outcome> {
  const { ppo, policy, task } = training;
  const metadata = { 'soup.kind': job.kind, 'soup.name': job.name, 'soup.objective': job.objective, ...(await baseMetadata(job)) };
  const startedAtMs = performance.now();
  const cpuAtStart = process.cpuUsage();
  let progress = start;
  let savedStep = start.step;
  const save = async () => {
    progress = await saveCheckpoint(directory, training, progress, { ...metadata, ...scoreMetadata(progress) });
    savedStep = progress.step;
  };
  await truncateMetrics(metricsPath(directory), start.step);
  while (!ppo.isDone) {
    if (stop.signal !== null) {
      if (savedStep < progress.step) await save();
      return 'stopped';
    }
    const iterationStartMs = performance.now();
    const before = ppo.step;
    const iteration = await ppo.iterate();
    const score = meanScore(iteration.episodes);
    const now = performance.now();
    progress = {
      ...progress,
      step: ppo.step,
      iteration: progress.iteration + 1,
      seconds: start.seconds + (now - startedAtMs) / 1000,
      cpuSeconds: start.cpuSeconds + cpuSecondsSince(cpuAtStart),
      score: iteration.objective,
      rewards: score?.reward ?? progress.rewards,
    };
    await appendFile(metricsPath(directory), `${JSON.stringify(metricsRow(progress, iteration, (ppo.step - before) / ((now - iterationStartMs) / 1000)))}\n`);
    for (const step of job.snapshotSteps ?? []) {
      if (before < step && step <= ppo.step) await writePolicy(snapshotDirectory(directory, step), policy, task, { ...metadata, ...scoreMetadata(progress) });
    }
    if (ppo.step - savedStep >= job.checkpointEverySteps || ppo.isDone) await save();
    await nextTurn();
  }
  await writePolicy(directory, policy, task, { ...metadata, ...scoreMetadata(progress) });
  return 'succeeded';
}

/** Processor seconds of this process, all its threads, since an earlier reading. */
export function cpuSecondsSince(start: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1e6;
}

/** One line of metrics.jsonl. `objective` is the mean over the rollout's steps; rewards and metrics are per episode. */
function metricsRow(progress: Progress, iteration: Iteration, samplesPerSecond: number): MetricsRow {
  const score = meanScore(iteration.episodes);
  return {
    step: progress.step,
    time: new Date().toISOString(),
    samples: progress.step,
    seconds: Number(progress.seconds.toFixed(3)),
    cpuSeconds: Number(progress.cpuSeconds.toFixed(3)),
    iteration: progress.iteration,
    episodes: iteration.episodes.length,
    ...(score ? { reward: score.reward, metric: score.metric } : {}),
    objective: iteration.objective,
    kl: iteration.kl,
    approxKl: iteration.approxKl,
    clipFraction: iteration.clipFraction,
    epochs: iteration.epochs,
    loss: iteration.loss,
    lr: iteration.lr,
    throughput: { samplesPerSecond: Math.round(samplesPerSecond) },
    memory: { rssBytes: process.memoryUsage.rss() },
  };
}

async function baseMetadata(job: LocomotionTrainJob): Promise<Record<string, string>> {
  return job.init === null ? {} : { 'soup.base_sha256': await modelSha256(job.init) };
}

function scoreMetadata({ step, rewards }: Progress): Record<string, string> {
  return { 'soup.step': String(step), ...Object.fromEntries(Object.entries(rewards).map(([name, value]) => [`soup.score.${name}`, String(value)])) };
}

function sizesOf(task: ControlTask) {
  return { task: task.name, observationSize: task.observationSize, actionSize: task.actionSize };
}
