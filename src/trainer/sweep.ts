import { appendFile } from 'node:fs/promises';
import type { Measurement, ResultPoint } from '../analysis/results';
import { SoupError } from '../errors';
import { metricsPath, updateRunRecord } from '../runs/run-directory';
import type { MetricsRow, SweepJob, SweepPoint } from '../runs/run-record';
import { evaluatePolicy } from './evaluation';
import { keepEvaluated, keyOf } from './evaluated-points';
import type { EpisodeScore } from './episodes';
import { truncateMetrics } from './metrics-truncation';
import { blendPolicies } from './models/blend-policies';
import type { GaussianPolicy } from './models/policy';
import { readPolicy } from './models/policy-checkpoint';
import { nextTurn, type StopRequest } from './stop-request';
import { taskNamed } from './tasks/registry';
import type { Environments } from './tasks/task';
import { compileRewards, type Outcome } from './train';

/** environments that are stepped side by side; episodes beyond it run in waves */
const maximumEnvironments = 16;

/**
 * Evaluates every point of a sweep on the same episodes: episode k starts from the same reset at every point, and
 * actions are the policy's means, so two points differ by their weights alone. Soups are blended in memory. One line
 * a point is appended to `results`; points that are there already, from the same checkpoints and settings, are kept.
 */
export async function sweep(directory: string, job: SweepJob, stop: StopRequest): Promise<Outcome> {
  await updateRunRecord(directory, { backend: 'javascript', device: 'typed arrays on the CPU', totalSteps: job.points.length });
  const task = taskNamed(job.task.environment);
  const sizes = { task: task.name, observationSize: task.observationSize, actionSize: task.actionSize };
  const experts = new Map<string, GaussianPolicy>();
  for (const [name, checkpoint] of Object.entries(job.experts)) experts.set(name, await readPolicy(checkpoint, sizes));
  refuseIdenticalExperts(experts);
  const done = await keepEvaluated(job);
  await truncateMetrics(metricsPath(directory), done.size);
  const environments = await task.open(Math.min(job.samples, maximumEnvironments));
  const started = performance.now();
  try {
    for (const point of job.points) {
      if (done.has(keyOf(point))) continue;
      const policy = point.checkpoint === null ? soupOf(point, experts) : await readPolicy(point.checkpoint, sizes);
      const episodes = await evaluateOrStop(environments, policy, job, stop);
      if (!episodes) return 'stopped';
      const result = resultOf(point, episodes);
      await appendFile(job.results, `${JSON.stringify(result)}\n`);
      done.add(keyOf(point));
      await appendFile(metricsPath(directory), `${JSON.stringify(rowOf(result, done.size, job, (performance.now() - started) / 1000))}\n`);
    }
    return 'succeeded';
  } finally {
    environments.close();
  }
}

async function evaluateOrStop(environments: Environments, policy: GaussianPolicy, job: SweepJob, stop: StopRequest): Promise<EpisodeScore[] | null> {
  const waves = evaluatePolicy(environments, policy, {
    task: taskNamed(job.task.environment), rewards: compileRewards(job), episodeSteps: job.task.episodeSteps, episodes: job.samples, seed: job.seed,
  });
  const episodes: EpisodeScore[] = [];
  for (const wave of waves) {
    episodes.push(...wave);
    await nextTurn();
    if (stop.signal !== null && episodes.length < job.samples) return null;
  }
  return episodes;
}

function soupOf(point: SweepPoint, experts: ReadonlyMap<string, GaussianPolicy>): GaussianPolicy {
  const weights = point.weights ?? {};
  for (const name of Object.keys(weights)) {
    if (!experts.has(name)) throw new SoupError('UnknownExpertError', `Point ${point.name} weighs "${name}", but the experts are ${[...experts.keys()].join(', ')}.`);
  }
  return blendPolicies([...experts].map(([name, policy]) => ({ policy, weight: weights[name] ?? 0 })));
}

/** Soups of equal experts are all alike: a sure sign that a checkpoint was not what it seemed. */
function refuseIdenticalExperts(experts: ReadonlyMap<string, GaussianPolicy>): void {
  const [first, ...others] = [...experts.values()];
  if (!first || others.length === 0) return;
  const equalsFirst = (policy: GaussianPolicy) => policy.tensors.every(({ values }, i) => values.every((value, k) => value === first.tensors[i]!.values[k]));
  if (others.every(equalsFirst)) throw new SoupError('IdenticalExpertsError', `The experts ${[...experts.keys()].join(' and ')} have the same weights, so every soup is the same: check that each was trained on its own reward, and train again.`, { isInput: false });
}

function resultOf({ kind, name, weights }: SweepPoint, episodes: readonly EpisodeScore[]): ResultPoint {
  const measure = (of: 'reward' | 'metric') =>
    Object.fromEntries(Object.keys(episodes[0]![of]).map((key) => [key, measurement(episodes.map((episode) => episode[of][key]!))]));
  return { kind, name, weights, rewards: measure('reward'), metrics: measure('metric') };
}

function measurement(samples: readonly number[]): Measurement {
  const n = samples.length;
  const mean = samples.reduce((sum, value) => sum + value, 0) / n;
  const variance = samples.reduce((sum, value) => sum + (value - mean) ** 2, 0) / Math.max(1, n - 1);
  return { mean, stderr: Math.sqrt(variance / n), n, samples };
}

function rowOf({ name, rewards, metrics }: ResultPoint, step: number, job: SweepJob, seconds: number): MetricsRow {
  const means = (of: Readonly<Record<string, Measurement>>) => Object.fromEntries(Object.entries(of).map(([key, { mean }]) => [key, mean]));
  return { step, time: new Date().toISOString(), samples: step * job.samples, seconds: Number(seconds.toFixed(3)), point: name, reward: means(rewards), metric: means(metrics ?? {}) };
}
