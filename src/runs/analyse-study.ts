import path from 'node:path';
import { readResults } from '../analysis/read-results';
import { tasks } from '../experiment/tasks/registry';
import { writeStudyReport } from '../report/study-report';
import type { PlannedCell } from '../studies/plan-study';
import { compareCells, questionOf } from '../studies/registry';
import type { MeasuredCell, StudyReport } from '../studies/study';
import { measureCell } from './measure-cell';
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
  const measured: MeasuredCell[] = [];
  for (const cell of cells) measured.push(await measureCell(cell, await readResults(cell.plan.sweep.job.results)));
  const report = compareCells(experiment, measured);
  const { seeds, type, ...own } = experiment.study!;
  const settings = {
    experiment: experiment.name, study: type, task: experiment.task.type === 'locomotion' ? experiment.task.environment : experiment.task.type, seeds: seeds.join(', '), 'level of intervals': String(1 - experiment.check.alpha),
    'steps of base and expert': `${experiment.base.steps ?? experiment.train.steps}, ${experiment.train.steps}`, [`${tasks[experiment.task.type].samples} a point`]: String(experiment.sweep.samples),
    cells: [...new Set(cells.map(({ cell }) => cell))].join(', '), ...Object.fromEntries(Object.entries(own).map(([key, value]) => [key, JSON.stringify(value)])),
    ...Object.fromEntries(Object.entries(experiment.rewards).map(([name, text]) => [`reward ${name}`, text])),
  };
  const description = questionOf(experiment.study!);
  return { report, index: await writeStudyReport({ title: experiment.name, description, report, settings, output }) };
}
