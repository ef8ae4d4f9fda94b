import { frontIntervals, paretoFront, type Reference } from '../../../analysis/front';
import { measuredMean } from '../../../analysis/measured-mean';
import type { ResultPoint } from '../../../analysis/results';
import { searchAnswers } from '../../../runs/search-answers';
import type { AnalysisSettings } from '../source';
import type { AnalysisResults, ResultsAnalysis } from './work';

/** Front and hypervolume of the points measured so far, without the volumes' intervals, and what a search for λ has found among them. */
export async function analyseFront(points: readonly ResultPoint[], { settings, experimentDirectory }: ResultsAnalysis): Promise<AnalysisResults['front']> {
  const { check: { alpha }, reference, seed } = settings;
  const rewards = points.length > 0 ? Object.keys(points[0]!.rewards) : [...settings.rewards];
  if (!hasFront(points)) return { report: null, rewards, searches: [], alpha };
  return {
    report: paretoFront(points, { reference: referenceFor(reference, rewards, points), alpha, seed, resamples: 0 }),
    measured: points.map((point) => Object.fromEntries(rewards.map((reward) => [reward, measuredMean(point.rewards[reward]!, alpha)]))),
    rewards,
    searches: experimentDirectory === null ? [] : await searchAnswers(points, experimentDirectory, alpha),
    alpha,
  };
}

/** The intervals of that front's volumes. */
export function analyseFrontIntervals(points: readonly ResultPoint[], { check: { alpha }, reference, seed }: AnalysisSettings): AnalysisResults['front-intervals'] {
  if (!hasFront(points)) return { intervals: null };
  return { intervals: frontIntervals(points, { reference: referenceFor(reference, Object.keys(points[0]!.rewards), points), alpha, seed }) };
}

function hasFront(points: readonly ResultPoint[]): boolean {
  return points.some(({ kind }) => kind !== 'init');
}

/** The experiment's reference point; the worst values while the start, which it may be, is not measured yet, and where the experiment's has not every reward of the results. */
function referenceFor(reference: AnalysisSettings['reference'], rewards: readonly string[], points: readonly ResultPoint[]): Reference {
  if (reference === 'init') return points.some(({ kind }) => kind === 'init') ? 'init' : 'nadir';
  return reference === 'nadir' || rewards.some((reward) => !Object.hasOwn(reference, reward)) ? 'nadir' : rewards.map((reward) => reference[reward]!);
}
