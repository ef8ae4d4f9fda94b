import { locateProblems, parseExperiment, unique, type Diagnostic } from '../../../experiment/parse';
import { parseMergekit } from '../../../merge/mergekit/parse';
import { fileProblems } from '../../../runs/file-problems';
import type { FoundProblem, LanguageId } from './work';

/** Problems of a file, and of the models and files that an experiment names, where it is on a disk. */
export async function problemsOf(language: LanguageId, text: string, file: string | null): Promise<FoundProblem[]> {
  return language === 'experiment' ? experimentProblems(text, file) : parseMergekit(text).problems.map(({ message, range }) => ({ severity: 'error', message, range }));
}

async function experimentProblems(text: string, file: string | null): Promise<Diagnostic[]> {
  const { diagnostics, variants } = parseExperiment(text);
  const found: Diagnostic[] = [...diagnostics];
  if (file !== null) for (const { variant, experiment } of variants) found.push(...locateProblems(text, await fileProblems(experiment, file), variant));
  return unique(found);
}
