import { planExperiment, runsDirectory, type Plan, type PlannedRun } from '../experiment/plan';
import type { Experiment } from '../experiment/schema';
import { planStudy, type PlannedCell, type StudyExperiment } from '../studies/plan-study';
import type { TrainJob } from './run-record';

/** What one call of the pipeline carries out: an experiment, or all cells of a study. */
export interface Work {
  readonly experiment: Experiment;
  /** absolute path of runs/<name> */
  readonly directory: string;
  /** one for an experiment, one a cell and seed for a study */
  readonly plans: readonly Plan[];
  /** each once, although cells share some */
  readonly trainings: readonly PlannedRun<TrainJob>[];
  /** null for an experiment that is no study */
  readonly cells: readonly PlannedCell[] | null;
}

/** @param file path of the experiment file */
export function workOf(experiment: Experiment, file: string): Work {
  const cells = isStudy(experiment) ? planStudy(experiment, file) : null;
  const plans = cells ? cells.map(({ plan }) => plan) : [planExperiment(experiment, file)];
  const trainings = [...new Map(plans.flatMap((plan) => plan.trainings).map((run) => [run.directory, run])).values()];
  return { experiment, directory: runsDirectory(file, experiment), plans, trainings, cells };
}

export function isStudy(experiment: Experiment): experiment is StudyExperiment {
  return experiment.study !== undefined;
}
