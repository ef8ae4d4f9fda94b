import { SoupError } from '../errors';
import { hypervolume } from './hypervolume';
import type { FrontPoint, FrontReport, ResultPoint } from './results';

/** Reference point of the hypervolume: the start, the worst value of each reward, or one number a reward (by name, or in their order). */
export type Reference = 'init' | 'nadir' | readonly number[] | Readonly<Record<string, number>>;

/** Whether `a` is at least as good as `b` in every reward and better in one. */
function dominates(a: readonly number[], b: readonly number[]): boolean {
  return a.every((value, index) => value >= b[index]) && a.some((value, index) => value > b[index]);
}

/**
 * Non-dominated points and the hypervolume of the soup front (soups and experts together) and of the MORL front.
 * *nadir* is the worst value of each reward over soups, experts and MORL points; a point on or below the reference in
 * any reward adds no volume.
 * @throws SoupError when the reference cannot be had
 */
export function paretoFront(points: readonly ResultPoint[], options: { readonly reference?: Reference } = {}): FrontReport {
  if (points.length === 0) throw new SoupError('NoResultsError', 'the results hold no points');
  const rewards = Object.keys(points[0].rewards);
  const valuesOf = (point: ResultPoint) => rewards.map((reward) => point.rewards[reward].mean);
  const candidates = points.filter(({ kind }) => kind !== 'init');
  const reference = referencePoint(points, rewards, candidates.map(valuesOf), options.reference ?? 'nadir');
  const volume = (kinds: readonly string[]) => hypervolume(candidates.filter(({ kind }) => kinds.includes(kind)).map(valuesOf), reference);
  const rows = points.map((point): FrontPoint => {
    const dominatedBy = points.filter((other) => other !== point && dominates(valuesOf(other), valuesOf(point))).map(({ name }) => name);
    const means = Object.fromEntries(rewards.map((reward) => [reward, point.rewards[reward].mean]));
    return { kind: point.kind, name: point.name, weights: point.weights, rewards: means, dominated: dominatedBy.length > 0, dominatedBy };
  });
  return {
    reference: Object.fromEntries(rewards.map((reward, index) => [reward, reference[index]])),
    hypervolume: { soup: volume(['soup', 'expert']), morl: candidates.some(({ kind }) => kind === 'morl') ? volume(['morl']) : null },
    points: rows,
  };
}

function referencePoint(points: readonly ResultPoint[], rewards: readonly string[], candidates: readonly number[][], reference: Reference): number[] {
  if (reference === 'nadir') return rewards.map((_, index) => Math.min(...candidates.map((value) => value[index])));
  if (reference === 'init') {
    const init = points.find(({ kind }) => kind === 'init');
    if (!init) throw new SoupError('ReferenceError', 'the results hold no point of kind "init" to be the reference: use nadir, or give one number a reward');
    return rewards.map((reward) => init.rewards[reward].mean);
  }
  const values = Array.isArray(reference) ? (reference as readonly number[]) : rewards.map((reward) => (reference as Readonly<Record<string, number>>)[reward]);
  if (values.length !== rewards.length || !values.every(Number.isFinite)) throw new SoupError('ReferenceError', `the reference has to give one number a reward (${rewards.join(', ')})`);
  return [...values];
}
