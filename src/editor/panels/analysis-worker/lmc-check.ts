import { checkLmc } from '../../../analysis/lmc';
import type { LmcReport, ResultPoint } from '../../../analysis/results';
import type { AnalysisSettings } from '../source';
import type { AnalysisResults } from './work';

/** The check of linear mode connectivity on the points measured so far. */
export function analyseLmc(points: readonly ResultPoint[], { check, seed }: AnalysisSettings): AnalysisResults['lmc-check'] {
  return { report: reportOf(points, check, seed), samplesPerPoint: samplesPerPoint(points), evaluated: points.length };
}

/** Null until a soup can be compared with all of its experts. */
function reportOf(points: readonly ResultPoint[], check: AnalysisSettings['check'], seed: number): LmcReport | null {
  const experts = new Set(points.filter(({ kind }) => kind === 'expert').map(({ name }) => name));
  const comparable = points.filter(({ kind, weights }) => kind !== 'soup' || Object.entries(weights ?? {}).every(([name, weight]) => weight === 0 || experts.has(name) || isVertexMeasured(points, name)));
  const hasInside = comparable.some(({ kind, weights }) => kind === 'soup' && Object.values(weights ?? {}).filter((weight) => weight > 0).length > 1);
  return hasInside ? checkLmc(comparable, { ...check, seed }) : null;
}

/** Tables made elsewhere give an expert as the soup with all of its weight. */
function isVertexMeasured(points: readonly ResultPoint[], name: string): boolean {
  return points.some(({ weights }) => weights?.[name] === 1);
}

function samplesPerPoint(points: readonly ResultPoint[]): number | null {
  const measurement = Object.values(points.at(0)?.rewards ?? {}).at(0);
  return measurement?.n ?? measurement?.samples?.length ?? null;
}
