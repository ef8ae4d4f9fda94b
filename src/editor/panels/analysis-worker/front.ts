import { paretoFront, type Reference } from '../../../analysis/front';
import type { ResultPoint } from '../../../analysis/results';
import type { AnalysisSettings } from '../source';
import type { AnalysisResults } from './work';

/** Front and hypervolume of the points measured so far. */
export function analyseFront(points: readonly ResultPoint[], { check, reference, rewards: named, seed }: AnalysisSettings): AnalysisResults['front'] {
  const rewards = points.length > 0 ? Object.keys(points[0]!.rewards) : [...named];
  const isMeasured = points.some(({ kind }) => kind !== 'init');
  return { report: isMeasured ? paretoFront(points, { reference: referenceFor(reference, rewards, points), alpha: check.alpha, seed }) : null, rewards };
}

/** The experiment's reference point; the worst values while the start, which it may be, is not measured yet. */
function referenceFor(reference: AnalysisSettings['reference'], rewards: readonly string[], points: readonly ResultPoint[]): Reference {
  if (reference === 'init') return points.some(({ kind }) => kind === 'init') ? 'init' : 'nadir';
  return reference === 'nadir' ? 'nadir' : rewards.map((reward) => reference[reward] ?? NaN);
}
