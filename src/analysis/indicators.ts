import { nonDominated } from './hypervolume';

type Points = readonly (readonly number[])[];

/**
 * IGD⁺ of a set of points against a reference front, all rewards maximised: the mean, over the reference's points, of the
 * distance by which the nearest point falls short (Ishibuchi et al. 2015). 0 where the set weakly dominates the reference.
 * @param points [n][rewards]
 * @param reference [m][rewards], m ≥ 1
 */
export function igdPlus(points: Points, reference: Points): number {
  const shortfall = (z: readonly number[]) => Math.min(...points.map((a) => Math.hypot(...z.map((value, index) => Math.max(value - a[index], 0)))));
  return reference.reduce((sum, z) => sum + shortfall(z), 0) / reference.length;
}

/**
 * Additive ε-indicator: the least that has to be added to every reward of the set so that it weakly dominates the
 * reference (Zitzler et al. 2003). Negative where it does so with room to spare.
 */
export function additiveEpsilon(points: Points, reference: Points): number {
  return Math.max(...reference.map((z) => Math.min(...points.map((a) => Math.max(...z.map((value, index) => value - a[index]))))));
}

/** How far each of two fronts is from covering the other; rewards are scaled to the range of both fronts together. */
export interface FrontComparison {
  /** `soup`: of soups and experts against the MORL front; `morl`: the other way round */
  readonly igdPlus: { readonly soup: number; readonly morl: number };
  readonly epsilon: { readonly soup: number; readonly morl: number };
}

/** @param soups [n][rewards] @param morl [m][rewards]; n, m ≥ 1 */
export function compareFronts(soups: Points, morl: Points): FrontComparison {
  const fronts = [nonDominated(soups), nonDominated(morl)];
  const all = fronts.flat();
  const low = all[0].map((_, index) => Math.min(...all.map((point) => point[index])));
  const range = low.map((lowest, index) => Math.max(...all.map((point) => point[index])) - lowest || 1);
  const [a, b] = fronts.map((front) => front.map((point) => point.map((value, index) => (value - low[index]) / range[index])));
  return { igdPlus: { soup: igdPlus(a, b), morl: igdPlus(b, a) }, epsilon: { soup: additiveEpsilon(a, b), morl: additiveEpsilon(b, a) } };
}
