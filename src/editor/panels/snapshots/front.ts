import { paretoFront, type Reference } from '../../../analysis/front';
import type { ResultPoint } from '../../../analysis/results';
import type { SnapshotOf } from '../../../protocol/panels';
import { breathe, cachedResults } from '../results-reader';
import type { AnalysisSettings, PanelSource } from '../source';

/** fewer than a report's: it is computed again as the sweep goes on, in the extension host */
const resamples = 300;

/** Makes the function that computes front and hypervolume of the points measured so far. */
export function frontSnapshots({ results, settings }: PanelSource): () => Promise<SnapshotOf['front']> {
  const derive = cachedResults(async (points) => {
    await breathe();
    const rewards = points.length > 0 ? Object.keys(points[0]!.rewards) : [...settings.rewards];
    const isMeasured = points.some(({ kind }) => kind !== 'init');
    return { report: isMeasured ? paretoFront(points, { reference: referenceFor(settings.reference, rewards, points), alpha: settings.check.alpha, seed: settings.seed, resamples }) : null, rewards };
  });
  return () => derive(results);
}

/** The experiment's reference point; the worst values while the start, which it may be, is not measured yet. */
function referenceFor(reference: AnalysisSettings['reference'], rewards: readonly string[], points: readonly ResultPoint[]): Reference {
  if (reference === 'init') return points.some(({ kind }) => kind === 'init') ? 'init' : 'nadir';
  return reference === 'nadir' ? 'nadir' : rewards.map((reward) => reference[reward] ?? NaN);
}
