import path from 'node:path';
import { diagnose } from '../analysis/diagnosis';
import { paretoFront } from '../analysis/front';
import { checkLmc } from '../analysis/lmc';
import { weightsVersusPredictions } from '../analysis/predictions';
import { readResults } from '../analysis/read-results';
import type { FrontReport, LmcReport } from '../analysis/results';
import { selectForReport } from '../analysis/selection';
import type { Plan } from '../experiment/plan';
import { tasks } from '../experiment/tasks/registry';
import { writeReport } from '../report/report';
import { withCompute } from './compute';
import { gatherEvidence } from './evidence';
import { readWrittenRecord } from './run-directory';
import { searchAnswers } from './search-answers';

export interface Analysis {
  readonly lmc: LmcReport;
  readonly front: FrontReport;
  /** path of the report's index.html */
  readonly report: string;
}

/** Checks, ranks and reports what an experiment's sweep has measured. @throws SoupError where the results cannot be read */
export async function analyse({ experiment, directory, sweep }: Plan): Promise<Analysis> {
  const points = await withCompute(await readResults(sweep.job.results), directory);
  const lmc = checkLmc(points, { ...experiment.check, seed: experiment.seed });
  const front = paretoFront(points, { reference: experiment.front.reference, alpha: experiment.check.alpha, seed: experiment.seed });
  const backend = (await readWrittenRecord(sweep.directory))?.backend ?? experiment.backend;
  const settings = { experiment: experiment.name, ...(experiment.task.type === 'locomotion' ? { environment: experiment.task.environment } : {}), seed: String(experiment.seed), 'backend of the sweep': backend, [`${tasks[experiment.task.type].samples} a point`]: String(sweep.job.samples), ...experimentRewards(sweep.job.rewards) };
  const evidence = await gatherEvidence(directory);
  const findings = diagnose({ points, lmc, front, ...evidence });
  const predictions = weightsVersusPredictions(points, { alpha: experiment.check.alpha, comparison: evidence.weights });
  const answers = await searchAnswers(points, directory, experiment.check.alpha);
  const selection = selectForReport(points, { ...experiment.check, seed: experiment.seed }, answers[0]?.preference);
  return { lmc, front, report: await writeReport({ title: experiment.name, points, lmc, front, findings, selection, answers, predictions, settings, output: path.join(directory, 'report') }) };
}

const experimentRewards = (rewards: Readonly<Record<string, string>>) => Object.fromEntries(Object.entries(rewards).map(([name, text]) => [`reward ${name}`, text]));
