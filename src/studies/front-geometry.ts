import * as z from 'zod';
import { paretoFront } from '../analysis/front';
import { compareFronts, type FrontComparison } from '../analysis/indicators';
import type { ResultPoint } from '../analysis/results';
import { coverageOf, meansOf } from './coverage';
import { drawnRewards, frontPoints } from './front-points';
import { morlCells, type MorlGridSettings } from './morl-baseline';
import { estimateOverSeeds, estimateText, isAbove, percent, plain } from './seed-estimate';
import { defineStudy, studySettings, type MeasuredCell } from './study';
import { unsupportedPoints, type UnsupportedPoint } from './unsupported';

interface Settings extends MorlGridSettings {
  readonly coverage: number;
}

interface Geometry {
  readonly cell: MeasuredCell;
  readonly covered: number;
  /** of soups and experts against MORL and the experts, rewards scaled to their range */
  readonly indicators: FrontComparison;
  readonly nonConvex: readonly UnsupportedPoint[];
  /** points below the hull by their estimate, significant or not */
  readonly below: number;
}

/**
 * A dense reference front by many MORL trainings: how much of it soups cover, and where it is not convex, which no weighting
 * of the rewards could reach.
 */
export const frontGeometry = defineStudy<Settings>({
  type: 'front-geometry',
  settings: studySettings('front-geometry', 'A dense reference front by many MORL trainings: how much of it soups cover, and its non-convex parts.', {
    grid: z.int().min(3).describe('Points of the grid of μ on each edge of the simplex, ends included; the ends are the experts.').default(9),
    coverage: z.number().gt(0).max(1).describe('Share of the reference front\'s hypervolume that counts as covered.').default(0.95),
  }),
  cells: morlCells,
  compare(measured, { coverage }, { alpha }) {
    const geometries = measured.map((cell): Geometry => {
      const shares = coverageOf(cell.points);
      const means = (...kinds: string[]) => cell.points.filter(({ kind }) => kinds.includes(kind)).map(meansOf);
      return { cell, indicators: compareFronts(means('soup', 'expert'), means('morl', 'expert')), covered: shares.morl > 0 ? shares.soups / shares.morl : NaN, ...nonConvexParts(frontOf(cell.points), alpha) };
    });
    const covered = estimateOverSeeds(geometries.map((geometry) => geometry.covered), alpha);
    const seedsWith = geometries.filter(({ nonConvex }) => nonConvex.length > 0).length;
    const seedsBelow = geometries.filter(({ below }) => below > 0).length;
    const rewards = drawnRewards(measured[0]!.points);
    const points = geometries.flatMap(({ cell, nonConvex }) => {
      const isMarked = (point: ResultPoint) => nonConvex.some((one) => one.point === point);
      return frontPoints(`seed ${cell.seed}`, { soups: cell.points.filter(({ kind }) => kind === 'soup' || kind === 'expert'), MORL: cell.points.filter(({ kind }) => kind === 'morl') }, isMarked);
    });
    return {
      findings: [
        { question: `Do soups cover the reference front (at least ${percent(coverage)} of its hypervolume)?`, answer: isAbove(covered, coverage), evidence: `they cover ${estimateText(covered, percent)} of what the MORL runs and the experts dominate`, estimate: covered },
        {
          question: 'Is the front non-convex anywhere?', answer: seedsWith === geometries.length ? 'yes' : seedsBelow === 0 ? 'no' : 'undecided', estimate: null,
          evidence: `${seedsWith} of ${geometries.length} seeds have points significantly below the convex hull of the front, ${seedsBelow} by their estimates${seedsWith > 0 ? `, at most ${percent(Math.max(...geometries.flatMap(({ nonConvex }) => nonConvex.map(({ depth }) => depth))))} of the rewards' range deep` : ''}`,
        },
      ],
      sections: [{
        heading: 'The front and its non-convex parts',
        note: 'Covered is the hypervolume of soups and experts over that of MORL and experts; IGD⁺ and ε say how far each falls short of the other, in shares of the rewards\' ranges. Ringed points are on the joint front of soups and MORL, yet every weighting of the rewards prefers another point: found on half of the episodes and confirmed on the other half (Bonferroni over the front).',
        chart: { type: 'fronts', points: points, rewards, title: 'Reference front and soups' },
        table: [['seed', 'covered by soups', 'IGD⁺ of soups (of MORL)', 'ε of soups (of MORL)', 'points on the joint front', 'of them non-convex', 'deepest'], ...geometries.map(({ cell, covered: share, indicators: { igdPlus, epsilon }, nonConvex }) => [`${cell.seed}`, percent(share), `${plain(igdPlus.soup)} (${plain(igdPlus.morl)})`, `${plain(epsilon.soup)} (${plain(epsilon.morl)})`, String(frontOf(cell.points).length), nonConvex.map(({ point, depth, pValue }) => `${point.name} (${percent(depth)}, p ${plain(pValue)})`).join('; ') || 'none', nonConvex.length > 0 ? percent(Math.max(...nonConvex.map(({ depth }) => depth))) : '–'])],
      }],
    };
  },
});

/** Soups, experts and MORL runs that nothing dominates. */
function frontOf(points: readonly ResultPoint[]): ResultPoint[] {
  const candidates = points.filter(({ kind }) => kind !== 'init');
  const { points: ranked } = paretoFront(candidates, { resamples: 0 });
  return candidates.filter((_, index) => !ranked[index]!.dominated);
}

function nonConvexParts(front: readonly ResultPoint[], alpha: number): Pick<Geometry, 'nonConvex' | 'below'> {
  const unsupported = unsupportedPoints(front);
  return { nonConvex: unsupported.filter(({ pValue }) => pValue < alpha / front.length), below: unsupported.length };
}
