import { hypervolume } from '../analysis/hypervolume';
import type { ResultPoint } from '../analysis/results';

/** What soups and MORL reach, as shares of the hypervolume that all points together dominate; NaN where they are alike in a reward. */
export interface Coverage {
  /** every soup and expert: as many trainings as experts */
  readonly soups: number;
  /** the soups at the MORL runs' own weights, and the experts: as many points as MORL */
  readonly soupsAtMorl: number;
  /** all MORL runs and the experts, which are MORL's corners */
  readonly morl: number;
  /** by number of trainings m = 1 … M: MORL with m of its M trainings, mean over the choices of m */
  readonly morlByTrainings: readonly number[];
  /** the best choice of as many MORL trainings as there are experts, known only afterwards */
  readonly morlBest: number;
  readonly experts: number;
}

/** Means of the rewards, [rewards]. */
export const meansOf = (point: ResultPoint): number[] => Object.values(point.rewards).map(({ mean }) => mean);

/** Above the nadir itself the ends of a front, each the worst in some reward, would cover nothing. */
const belowNadir = 0.1;

/** The reference of coverages: below the worst value of each reward by a tenth of its range over the points, [rewards]. */
export function referenceOf(points: readonly ResultPoint[]): number[] {
  const values = points.map(meansOf);
  return values[0]!.map((_, reward) => {
    const own = values.map((value) => value[reward]!);
    return Math.min(...own) - belowNadir * (Math.max(...own) - Math.min(...own));
  });
}

/** Hypervolume shares of the points of one sweep, all measured on the same episodes. */
export function coverageOf(points: readonly ResultPoint[]): Coverage {
  const experts = points.filter(({ kind }) => kind === 'expert');
  const soups = points.filter(({ kind }) => kind === 'soup');
  const morl = points.filter(({ kind }) => kind === 'morl');
  const all = [...experts, ...soups, ...morl];
  const reference = referenceOf(all);
  const volume = (of: readonly ResultPoint[]) => hypervolume(of.map(meansOf), reference);
  const total = volume(all);
  const share = (of: readonly ResultPoint[]) => volume(of) / total;
  const trained = [...experts, ...morl];
  const bySize = subsetsBySize(trained).map((subsets) => subsets.map(share));
  const isAtMorl = ({ weights }: ResultPoint) => morl.some((run) => sameWeights(run.weights ?? {}, weights ?? {}));
  return {
    soups: share([...soups, ...experts]),
    soupsAtMorl: share([...soups.filter(isAtMorl), ...experts]),
    morl: share(trained),
    morlByTrainings: bySize.map((shares) => shares.reduce((sum, value) => sum + value, 0) / shares.length),
    morlBest: Math.max(...(bySize[experts.length - 1] ?? [0])),
    experts: share(experts),
  };
}

function sameWeights(a: Readonly<Record<string, number>>, b: Readonly<Record<string, number>>): boolean {
  return Object.keys({ ...a, ...b }).every((name) => Math.abs((a[name] ?? 0) - (b[name] ?? 0)) < 1e-6);
}

const mostTrainings = 16;

/** All subsets of 1, 2, … items, by size. Beyond 16 items only the first 16 are chosen from: their number doubles with each. */
function subsetsBySize<T>(items: readonly T[]): T[][][] {
  const chosen = items.slice(0, mostTrainings);
  const bySize: T[][][] = chosen.map(() => []);
  for (let mask = 1; mask < 2 ** chosen.length; mask++) {
    const subset = chosen.filter((_, index) => (mask >> index) & 1);
    bySize[subset.length - 1]!.push(subset);
  }
  return bySize;
}
