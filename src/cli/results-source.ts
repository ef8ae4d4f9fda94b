import { stat } from 'node:fs/promises';
import path from 'node:path';
import type { Evidence } from '../analysis/diagnosis';
import type { Reference } from '../analysis/front';
import type { LmcOptions } from '../analysis/lmc';
import { readResults } from '../analysis/read-results';
import type { ResultPoint } from '../analysis/results';
import { SoupError } from '../errors';
import { loadExperiment } from '../experiment/parse';
import { withCompute } from '../runs/compute';
import { gatherEvidence } from '../runs/evidence';
import { variantOf, type VariantOptions } from './variant-options';

/** Evaluated points, and how the experiment they come from wants them analysed. */
export interface ResultsSource {
  readonly points: ResultPoint[];
  readonly title: string;
  /** where a report of them belongs; null for a table of no experiment */
  readonly runs: string | null;
  readonly check: LmcOptions;
  readonly reference: Reference;
}

/** What else is known for a diagnosis of these points: of a table nothing, of runs their curves and weights. */
export async function evidenceOf({ runs }: ResultsSource): Promise<Pick<Evidence, 'ownRewards' | 'histories' | 'weights'>> {
  return runs === null ? {} : gatherEvidence(runs);
}

/**
 * Finds the results that a command's argument means: an experiment file, a results file, or a directory of runs.
 * @throws SoupError when there are none, saying how to make them
 */
export async function pointsOf(source: string, options: VariantOptions = {}): Promise<ResultsSource> {
  const variant = variantOf(options);
  if (/\.ya?ml$/.test(source)) {
    const experiment = await loadExperiment(source, { variant });
    const runs = path.join(path.dirname(source), 'runs', experiment.name);
    if (experiment.study) throw new SoupError('StudyResultsError', `${source} is a study, whose points lie cell by cell: give one of ${path.join(runs, 'study')}/, or see the study's own report.`);
    return { ...(await ofDirectory(runs, `run \`soup run ${source}${variant === undefined ? '' : ` --variant ${variant}`}\` first`)), title: experiment.name, check: { ...experiment.check, seed: experiment.seed }, reference: experiment.front.reference };
  }
  if (variant !== undefined) throw new SoupError('VariantOptionError', `${source} is no experiment file, and has no variant ${variant}: give the file, or leave the option out.`);
  const isDirectory = await stat(source).then((stats) => stats.isDirectory(), () => false);
  if (isDirectory) return ofDirectory(source, 'give runs/<experiment>, or the results file itself');
  return { points: await readResults(source), title: path.basename(source).replace(/\.(csv|jsonl)$/, ''), runs: null, check: {}, reference: 'nadir' };
}

async function ofDirectory(directory: string, advice: string): Promise<ResultsSource> {
  for (const candidate of [path.join(directory, 'sweep', 'results.jsonl'), path.join(directory, 'results.jsonl')]) {
    if (await stat(candidate).then(() => true, () => false)) return { points: await withCompute(await readResults(candidate), directory), title: path.basename(path.resolve(directory)), runs: path.resolve(directory), check: {}, reference: 'nadir' };
  }
  throw new SoupError('NoResultsError', `${directory} holds no sweep/results.jsonl: ${advice}`);
}
