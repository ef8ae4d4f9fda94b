import path from 'node:path';
import type { FoundRun } from '../../runs/run-directory';
import type { RunKind, RunRecord, RunState } from '../../runs/run-record';
import { byName } from '../by-name';
import { isActive, type Progress } from './progress';

export interface RunNode {
  readonly type: 'run';
  /** absolute path */
  readonly directory: string;
  readonly record: RunRecord;
  readonly progress: Progress | null;
  /** directory of the experiment that the run belongs to */
  readonly experiment: string;
}

/** A `runs/<name>` directory and the runs in it; or a cell of a study, `runs/<name>/study/<cell>`. */
export interface ExperimentNode {
  readonly type: 'experiment';
  /** absolute path */
  readonly directory: string;
  readonly name: string;
  /** of a cell, the directory of the study's experiment, whose pipeline carries it out */
  readonly study: string | null;
  /** whether it is the experiment of a study, whose cells are experiments of their own */
  readonly isStudy: boolean;
  /** of the pipeline that runs the whole experiment; null where only single trainings were started */
  readonly record: RunRecord | null;
  readonly runs: readonly RunNode[];
}

/** Folders that hold runs of one kind below their experiment. */
export const collections: ReadonlySet<string> = new Set(['bases', 'experts', 'morl']);

/** The directory of the study's experiment that `runs/<name>/study/<cell>` belongs to; null for any other directory. */
export function studyOfCell(directory: string): string | null {
  const parent = path.dirname(directory);
  return path.basename(parent) === 'study' ? path.dirname(parent) : null;
}

/** `locomotion`, or `lmc-stress / angle-45-seed-0` for a cell of a study. */
export function experimentName(directory: string): string {
  const study = studyOfCell(directory);
  return study === null ? path.basename(directory) : `${path.basename(study)} / ${path.basename(directory)}`;
}

/** The `runs/<name>` directory that a run lies in; the run's own directory where it is the experiment's, or stands alone. */
export function experimentDirectoryOf(directory: string, kind: RunKind): string {
  if (kind === 'experiment') return directory;
  const parent = path.dirname(directory);
  return collections.has(path.basename(parent)) ? path.dirname(parent) : parent;
}

/**
 * Runs under the experiments that they belong to, both in order of their names, with base, experts, MORL runs and sweep
 * in the order in which they are run.
 * @param progressOf progress of a run that has not ended well, as far as it is known
 */
export function groupRuns(found: readonly FoundRun[], progressOf: (run: FoundRun) => Progress | null): ExperimentNode[] {
  const experiments = new Map<string, { record: RunRecord | null; runs: RunNode[] }>();
  for (const run of found) {
    const directory = experimentDirectoryOf(run.directory, run.record.kind);
    const experiment = experiments.get(directory) ?? { record: null, runs: [] };
    experiments.set(directory, experiment);
    if (run.record.kind === 'experiment') experiment.record = run.record;
    else experiment.runs.push({ type: 'run', ...run, progress: run.record.state === 'succeeded' ? null : progressOf(run), experiment: directory });
  }
  const studies = new Set([...experiments.keys()].map(studyOfCell));
  return [...experiments]
    .map(([directory, { record, runs }]) => ({ type: 'experiment' as const, directory, name: experimentName(directory), study: studyOfCell(directory), isStudy: studies.has(directory), record, runs: runs.sort(byOrderOfWork) }))
    .sort((a, b) => byName(a.name, b.name) || byName(a.directory, b.directory));
}

/** State of an experiment: its pipeline's, or else the most urgent one among its runs. */
export function experimentState(experiment: ExperimentNode): RunState {
  if (experiment.record) return experiment.record.state;
  const states = experiment.runs.map(({ record }) => record.state);
  return urgency.find((state) => states.includes(state)) ?? 'stopped';
}

/** Runs with a process of their own that is at work, or about to be. */
export function activeRuns(experiments: readonly ExperimentNode[]): RunNode[] {
  return experiments.flatMap(({ runs }) => runs.filter(({ record }) => isActive(record.state) && record.state !== 'queued'));
}

const urgency: readonly RunState[] = ['running', 'starting', 'stopping', 'queued', 'failed', 'lost', 'stopped', 'succeeded'];
const workOrder: readonly RunKind[] = ['experiment', 'base', 'expert', 'morl', 'sweep'];
const byOrderOfWork = (a: RunNode, b: RunNode): number => workOrder.indexOf(a.record.kind) - workOrder.indexOf(b.record.kind) || byName(a.record.name, b.record.name);
