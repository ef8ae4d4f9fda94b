import path from 'node:path';
import { readResults } from '../analysis/read-results';
import { compareCheckpoints } from '../checkpoint/compare';
import { openExperts } from '../checkpoint/experts';
import { tasks } from '../experiment/tasks/registry';
import { writeStudyReport } from '../report/study-report';
import type { PlannedCell } from '../studies/plan-study';
import { studyOf } from '../studies/registry';
import type { Geometry, MeasuredCell, StudyReport, TrainingCost } from '../studies/study';
import { readMetrics, readWrittenRecord } from './run-directory';
import { totalStepsOf, type MetricsRow, type SweepJob } from './run-record';
import type { Work } from './work';

export interface StudyAnalysis {
  readonly report: StudyReport;
  /** path of the report's index.html */
  readonly index: string;
}

/**
 * Compares what the sweeps of a study's cells have measured, and reports it.
 * @param output directory of the report; default: report/ beside the cells' folder
 * @throws SoupError where the results cannot be read
 */
export async function analyseStudy({ experiment, directory }: Work, cells: readonly PlannedCell[], output = path.join(directory, 'report')): Promise<StudyAnalysis> {
  const study = studyOf(experiment.study!);
  const measured: MeasuredCell[] = [];
  for (const cell of cells) measured.push(await measure(cell));
  const report = study.compare(measured, experiment.study!, { experiment, alpha: experiment.check.alpha });
  const { seeds, type, ...own } = experiment.study!;
  const settings = {
    experiment: experiment.name, study: type, task: experiment.task.type === 'locomotion' ? experiment.task.environment : experiment.task.type, seeds: seeds.join(', '), 'level of intervals': String(1 - experiment.check.alpha),
    'steps of base and expert': `${experiment.base.steps ?? experiment.train.steps}, ${experiment.train.steps}`, [`${tasks[experiment.task.type].samples} a point`]: String(experiment.sweep.samples),
    cells: [...new Set(cells.map(({ cell }) => cell))].join(', '), ...Object.fromEntries(Object.entries(own).map(([key, value]) => [key, JSON.stringify(value)])),
    ...Object.fromEntries(Object.entries(experiment.rewards).map(([name, text]) => [`reward ${name}`, text])),
  };
  const description = study.settings.shape.type!.description ?? '';
  return { report, index: await writeStudyReport({ title: experiment.name, description, report, settings, output }) };
}

async function measure({ cell, seed, plan: { trainings, sweep } }: PlannedCell): Promise<MeasuredCell> {
  const costs = await Promise.all(trainings.map(async ({ directory, job }): Promise<TrainingCost> => ({ kind: job.kind, name: job.name, steps: totalStepsOf(job), deviceSeconds: await deviceSeconds(directory) })));
  return { cell, seed, points: await readResults(sweep.job.results), costs, secondsPerPoint: await secondsPerPoint(sweep.directory), geometry: await geometryOf(sweep.job) };
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
