import { readFile } from 'node:fs/promises';
import { proposeWeights } from '../analysis/preference-search';
import { parseResultsJsonl } from '../analysis/results-table';
import { weightsName } from '../experiment/experts';
import { isBlended, type SweepJob, type SweepPoint } from '../runs/run-record';

/**
 * The soups that a sweep's search evaluates next, from what its results file holds: round by round for each preference
 * in turn, until the budget is spent or no λ is left. None without a search.
 */
export async function proposedPoints({ search, results, seed }: SweepJob): Promise<SweepPoint[]> {
  if (!search) return [];
  const points = parseResultsJsonl(await readFile(results, 'utf8'), results);
  const { preferences, appliesTo, budget, batch } = search;
  const evaluated = points.filter(isBlended).length;
  const count = Math.min(batch, budget - evaluated);
  if (count <= 0) return [];
  const preference = preferences[Math.floor(evaluated / batch) % preferences.length]!;
  return proposeWeights(points, { preference, appliesTo }, { count, seed }).map((weights) => ({ kind: 'soup', name: weightsName(weights), weights, checkpoint: null }));
}
