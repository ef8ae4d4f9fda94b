import type { ResultPoint } from '../analysis/results';
import { compareCheckpoints } from '../checkpoint/compare';
import { openExperts } from '../checkpoint/experts';
import type { PlannedCell } from '../studies/plan-study';
import type { Geometry, MeasuredCell, TrainingCost } from '../studies/study';
import { readMetrics, readWrittenRecord } from './run-directory';
import { totalStepsOf, type MetricsRow, type SweepJob } from './run-record';

/** A cell of a study as its sweep and its runs tell: what it measured, what its trainings cost, how far its experts are apart. @param points its sweep's */
export async function measureCell({ cell, seed, plan: { trainings, sweep } }: PlannedCell, points: readonly ResultPoint[]): Promise<MeasuredCell> {
  const costs = await Promise.all(trainings.map(async ({ directory, job }): Promise<TrainingCost> => ({ kind: job.kind, name: job.name, steps: totalStepsOf(job), deviceSeconds: await deviceSeconds(directory) })));
  return { cell, seed, points, costs, secondsPerPoint: await secondsPerPoint(sweep.directory), geometry: await geometryOf(sweep.job) };
}

const processorBackends = ['wasm', 'cpu', 'javascript'];

async function computedOnProcessor(directory: string): Promise<boolean> {
  return processorBackends.includes((await readWrittenRecord(directory))?.backend ?? '');
}

/** Processor seconds where the CPU computed, which other work does not lengthen; else the seconds that the device was taken. */
async function deviceSeconds(directory: string): Promise<number> {
  const last: MetricsRow | undefined = (await readMetrics(directory)).at(-1);
  return Number(((await computedOnProcessor(directory)) ? last?.cpuSeconds : null) ?? last?.seconds ?? NaN);
}

/** Device seconds of one point of a sweep, the mean over its points. */
export async function secondsPerPoint(sweep: string): Promise<number> {
  const isProcessor = await computedOnProcessor(sweep);
  const seconds = (await readMetrics(sweep)).map(({ pointCpuSeconds, pointSeconds }) => Number((isProcessor ? pointCpuSeconds : pointSeconds) ?? NaN)).filter(Number.isFinite);
  return seconds.reduce((sum, value) => sum + value, 0) / Math.max(1, seconds.length);
}

async function geometryOf(job: SweepJob): Promise<Geometry> {
  const { experts: checkpoints, base } = await openExperts(job.base, job.experts);
  const { norms, pairs } = await compareCheckpoints(checkpoints, base);
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
  const distances = pairs.map(({ a, b, cosine }) => Math.sqrt(Math.max(0, norms[a]! ** 2 + norms[b]! ** 2 - 2 * (cosine ?? 0) * norms[a]! * norms[b]!)));
  const cosines = pairs.flatMap(({ cosine }) => cosine ?? []);
  return {
    distance: Math.max(0, ...distances),
    travel: sum(Object.values(norms)) / Math.max(1, checkpoints.length),
    cosine: cosines.length > 0 ? Math.min(...cosines) : null,
    parameters: sum([...checkpoints[0]!.tensors.values()].map(({ shape }) => shape.reduce((product, length) => product * length, 1))),
  };
}
