import path from 'node:path';
import { baseReward, expanderOf } from '../experiment/experts';
import { trainingIdentity } from '../experiment/job-identity';
import { planExperiment, runsDirectory, type Plan, type PlannedRun } from '../experiment/plan';
import type { Experiment } from '../experiment/schema';
import { trainsBase } from '../experiment/settings';
import { mergeSettings } from '../experiment/variant';
import type { SweepJob, TrainJob } from '../runs/run-record';
import { studyOf } from './registry';
import type { Cell, StudySettings } from './study';

/** A cell of a study under one seed, with its plan below runs/<name>/study/. */
export interface PlannedCell {
  readonly cell: string;
  readonly seed: number;
  readonly plan: Plan;
}

/** An experiment that is a study. */
export type StudyExperiment = Experiment & { readonly study: StudySettings };

/**
 * The plans of a study's cells, seed by seed. Cells under one seed share every training that would be the same in both,
 * most often the base: it belongs to the first cell that has it, and the others refer to it.
 * @param file path of the experiment file
 */
export function planStudy(experiment: StudyExperiment, file: string): PlannedCell[] {
  const root = path.join(runsDirectory(file, experiment), 'study');
  const cells = studyOf(experiment.study).cells(experiment, experiment.study);
  const planned = experiment.study.seeds.flatMap((seed) => cells.map((cell) => {
    const directory = path.join(root, `${cell.name}-seed-${seed}`);
    return { cell: cell.name, seed, plan: withPrefix(planExperiment(cellExperiment(experiment, cell, seed), file, directory), `study/${path.basename(directory)}/`) };
  }));
  return shareTrainings(planned);
}

/**
 * The experiment of a cell. Settings are merged as a variant's are, but `experts` replaces the file's. The base keeps the
 * reward that it has in the file, whatever the cell makes of the rewards, so that all cells can start from one.
 */
export function cellExperiment(experiment: Experiment, { name, overrides }: Cell, seed: number): Experiment {
  const base = trainsBase(experiment) ? { ...experiment.base, reward: expanderOf(experiment)(baseReward(experiment)) } : experiment.base;
  const pinned = { ...experiment, study: undefined, base };
  const merged = mergeSettings(pinned, overrides) as Experiment;
  return { ...merged, name: `${experiment.name}/${name}`, seed, experts: (overrides.experts as Experiment['experts'] | undefined) ?? experiment.experts };
}

function withPrefix(plan: Plan, prefix: string): Plan {
  const renamed = <R extends PlannedRun>(run: R): R => ({ ...run, id: prefix + run.id, dependsOn: run.dependsOn.map((id) => prefix + id) });
  return { ...plan, trainings: plan.trainings.map(renamed), sweep: renamed(plan.sweep) };
}

/** Replaces trainings that an earlier plan has too by that plan's, wherever they are referred to. */
function shareTrainings(planned: readonly PlannedCell[]): PlannedCell[] {
  const owners = new Map<string, PlannedRun<TrainJob>>();
  return planned.map(({ plan, ...rest }) => {
    const moves: { readonly own: PlannedRun; readonly owner: PlannedRun }[] = [];
    const relocated = (directory: string) => {
      const move = moves.find(({ own }) => directory === own.directory || directory.startsWith(own.directory + path.sep));
      return move ? move.owner.directory + directory.slice(move.own.directory.length) : directory;
    };
    const dependencies = (ids: readonly string[]) => ids.map((id) => moves.find(({ own }) => own.id === id)?.owner.id ?? id);
    const trainings = plan.trainings.map((run) => {
      const moved = { ...run, job: { ...run.job, init: run.job.init && relocated(run.job.init) }, dependsOn: dependencies(run.dependsOn) };
      // where it starts from counts as well: experts of different bases differ though all else is the same
      const key = JSON.stringify([trainingIdentity(moved.job), moved.job.init, moved.job.backend]);
      const owner = owners.get(key) ?? moved;
      owners.set(key, owner);
      if (owner !== moved) moves.push({ own: run, owner });
      return owner;
    });
    return { ...rest, plan: { ...plan, trainings, sweep: { ...plan.sweep, job: relocatedSweep(plan.sweep.job, relocated), dependsOn: dependencies(plan.sweep.dependsOn) } } };
  });
}

function relocatedSweep(job: SweepJob, relocated: (directory: string) => string): SweepJob {
  return {
    ...job,
    base: relocated(job.base),
    experts: Object.fromEntries(Object.entries(job.experts).map(([name, directory]) => [name, relocated(directory)])),
    points: job.points.map((point) => ({ ...point, checkpoint: point.checkpoint && relocated(point.checkpoint) })),
  };
}
