import { SoupError } from '../errors';
import { equalCompute } from './equal-compute';
import { hypervolumeIntervals, type HypervolumeIntervals } from './front-intervals';
import { hypervolume } from './hypervolume';
import { compareFronts } from './indicators';
import type { FrontPoint, FrontReport, ResultPoint } from './results';

/** Reference point of the hypervolume: the start, the worst value of each reward, or one number a reward (by name, or in their order). */
export type Reference = 'init' | 'nadir' | readonly number[] | Readonly<Record<string, number>>;

export interface FrontOptions {
  readonly reference?: Reference;
  /** level of the intervals */
  readonly alpha?: number;
  /** bootstrap resamples of the hypervolumes; 0 computes no intervals */
  readonly resamples?: number;
  readonly seed?: number;
}

/** Whether `a` is at least as good as `b` in every reward and better in one. */
function dominates(a: readonly number[], b: readonly number[]): boolean {
  return a.every((value, index) => value >= b[index]) && a.some((value, index) => value > b[index]);
}

/**
 * Non-dominated points and the hypervolume of the soup front (soups and experts together) and of the MORL front.
 * *nadir* is the worst value of each reward over soups, experts and MORL points; a point on or below the reference in
 * any reward adds no volume. With paired samples the volumes have bootstrap intervals; beside MORL runs the two fronts are
 * compared by IGD⁺, the ε-indicator and, where the points say what they cost, at equal compute.
 * @throws SoupError when the reference cannot be had
 */
export function paretoFront(points: readonly ResultPoint[], options: FrontOptions = {}): FrontReport {
  const { rewards, candidates, valuesOf, reference } = prepared(points, options);
  const soups = candidates.filter(({ kind }) => kind !== 'morl').map(valuesOf);
  const morl = candidates.filter(({ kind }) => kind === 'morl').map(valuesOf);
  const rows = points.map((point): FrontPoint => {
    const dominatedBy = points.filter((other) => other !== point && dominates(valuesOf(other), valuesOf(point))).map(({ name }) => name);
    const means = Object.fromEntries(rewards.map((reward) => [reward, point.rewards[reward].mean]));
    return { kind: point.kind, name: point.name, weights: point.weights, rewards: means, dominated: dominatedBy.length > 0, dominatedBy };
  });
  return {
    reference: Object.fromEntries(rewards.map((reward, index) => [reward, reference[index]])),
    hypervolume: { soup: hypervolume(soups, reference), morl: morl.length > 0 ? hypervolume(morl, reference) : null },
    points: rows,
    intervals: options.resamples === 0 ? null : frontIntervals(points, options),
    comparison: soups.length > 0 && morl.length > 0 ? compareFronts(soups, morl) : null,
    equalCompute: equalCompute(points, rewards, reference),
  };
}

/** The intervals of a front's hypervolumes alone, which take by far the longest where points and rewards are many. @throws as `paretoFront` */
export function frontIntervals(points: readonly ResultPoint[], options: FrontOptions = {}): HypervolumeIntervals | null {
  const { alpha = 0.05, resamples = 1000, seed = 0 } = options;
  const { rewards, candidates, reference } = prepared(points, options);
  return hypervolumeIntervals(candidates, rewards, reference, { alpha, resamples, seed });
}

/** The points that a front may be made of, with their values in the order of the rewards, and the reference point. */
function prepared(points: readonly ResultPoint[], options: FrontOptions) {
  if (points.length === 0) throw new SoupError('NoResultsError', 'the results hold no points');
  const rewards = Object.keys(points[0].rewards);
  const values = new Map(points.map((point) => [point, rewards.map((reward) => point.rewards[reward].mean)]));
  const valuesOf = (point: ResultPoint): readonly number[] => values.get(point)!;
  const candidates = points.filter(({ kind }) => kind !== 'init');
  return { rewards, candidates, valuesOf, reference: referencePoint(points, rewards, candidates.map(valuesOf), options.reference ?? 'nadir') };
}

function referencePoint(points: readonly ResultPoint[], rewards: readonly string[], candidates: readonly (readonly number[])[], reference: Reference): number[] {
  if (reference === 'nadir' && candidates.length === 0) throw new SoupError('ReferenceError', 'the results hold no soup, expert or MORL run, so there is no front, and no nadir to be the reference');
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
