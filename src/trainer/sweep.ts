import { appendFile } from 'node:fs/promises';
import type { Measurement, ResultPoint } from '../analysis/results';
import { metricsPath, updateRunRecord } from '../runs/run-directory';
import { totalStepsOf, type MetricsRow, type SweepJob, type SweepPoint } from '../runs/run-record';
import { keepEvaluated, keyOf } from './evaluated-points';
import type { EpisodeScore } from './episodes';
import { truncateMetrics } from './metrics-truncation';
import type { EnsembleScore, PointEvaluator } from './point-evaluator';
import { proposedPoints } from './proposed-points';
import { nextTurn, type StopRequest } from './stop-request';
import { openLocomotionEvaluator } from './tasks/locomotion/point-evaluator';
import { openTextEvaluator } from './tasks/text/point-evaluator';
import { cpuSecondsSince, type Outcome } from './train';

/**
 * Evaluates every point of a sweep on the same samples, so that two points differ by their weights alone. One line a
 * point is appended to `results`; points that are there already, from the same checkpoints and settings, are kept.
 */
export async function sweep(directory: string, job: SweepJob, stop: StopRequest): Promise<Outcome> {
  await updateRunRecord(directory, { totalSteps: totalStepsOf(job) });
  const evaluator = await openEvaluator(job);
  const { backend, device } = evaluator;
  try {
    await updateRunRecord(directory, { backend, device });
    const done = await keepEvaluated(job);
    await truncateMetrics(metricsPath(directory), done.size);
    const started = performance.now();
    for await (const point of openPoints(job, done)) {
      const [cpuAtStart, startedAtMs] = [process.cpuUsage(), performance.now()];
      const samples = await evaluateOrStop((of) => evaluator.evaluate(of), point, job, stop);
      if (!samples) return 'stopped';
      const took = { pointCpuSeconds: Number(cpuSecondsSince(cpuAtStart).toFixed(3)), pointSeconds: Number(((performance.now() - startedAtMs) / 1000).toFixed(3)) };
      const ensemble = job.predictions && point.kind === 'soup' ? await evaluateOrStop((of) => evaluator.evaluateEnsemble(of), point, job, stop) : undefined;
      if (ensemble === null) return 'stopped';
      const result = { ...resultOf(point, samples), ...(ensemble ? { ensemble: ensembleOf(ensemble) } : {}) };
      await appendFile(job.results, `${JSON.stringify(result)}\n`);
      done.add(keyOf(point));
      await appendFile(metricsPath(directory), `${JSON.stringify({ ...rowOf(result, done.size, job, (performance.now() - started) / 1000), ...took })}\n`);
    }
    return 'succeeded';
  } finally {
    evaluator.close();
  }
}

/** The points of the job that are not done, then what its search proposes, one round after the other was evaluated. */
async function* openPoints(job: SweepJob, done: ReadonlySet<string>): AsyncGenerator<SweepPoint> {
  yield* job.points.filter((point) => !done.has(keyOf(point)));
  for (let proposed = await proposedPoints(job); proposed.length > 0; proposed = await proposedPoints(job)) yield* proposed;
}

function openEvaluator(job: SweepJob): Promise<PointEvaluator> {
  const { task } = job;
  return task.type === 'text' ? openTextEvaluator(job, task) : openLocomotionEvaluator(job, task);
}

async function evaluateOrStop<Score>(evaluate: (point: SweepPoint) => AsyncIterable<readonly Score[]>, point: SweepPoint, job: SweepJob, stop: StopRequest): Promise<Score[] | null> {
  const samples: Score[] = [];
  for await (const wave of evaluate(point)) {
    samples.push(...wave);
    await nextTurn();
    if (stop.signal !== null && samples.length < job.samples) return null;
  }
  return samples;
}

function resultOf({ kind, name, weights }: SweepPoint, episodes: readonly EpisodeScore[]): ResultPoint {
  const measure = (of: 'reward' | 'metric') =>
    Object.fromEntries(Object.keys(episodes[0]![of]).map((key) => [key, measurement(episodes.map((episode) => episode[of][key]!))]));
  return { kind, name, weights, rewards: measure('reward'), metrics: measure('metric') };
}

function ensembleOf(samples: readonly EnsembleScore[]): ResultPoint['ensemble'] {
  const rewards = Object.keys(samples[0]!.reward).map((reward) => [reward, measurement(samples.map((sample) => sample.reward[reward]!))]);
  return { rewards: Object.fromEntries(rewards), kl: measurement(samples.map(({ kl }) => kl)) };
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
