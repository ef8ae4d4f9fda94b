import path from 'node:path';
import { answerOf, type SearchAnswer } from '../analysis/preference-search';
import type { ResultPoint } from '../analysis/results';
import { readRunRecord } from './run-directory';

/**
 * What the search of an experiment's sweep found, one answer a preference; none where it evaluated a grid.
 * @param directory runs/<name>
 */
export async function searchAnswers(points: readonly ResultPoint[], directory: string, alpha?: number): Promise<SearchAnswer[]> {
  const job = (await readRunRecord(path.join(directory, 'sweep')).catch(() => null))?.job;
  if (job?.kind !== 'sweep' || !job.search) return [];
  const { preferences, appliesTo } = job.search;
  return preferences.flatMap((preference) => answerOf(points, { preference, appliesTo }, alpha) ?? []);
}
