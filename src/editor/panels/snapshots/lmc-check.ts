import path from 'node:path';
import { checkLmc } from '../../../analysis/lmc';
import type { LmcReport, ResultPoint } from '../../../analysis/results';
import { readRunRecord } from '../../../runs/run-directory';
import type { SnapshotOf } from '../../../protocol/panels';
import { breathe, cachedResults } from '../results-reader';
import type { PanelSource } from '../source';

/**
 * Makes the function that checks linear mode connectivity on the points measured so far; the check runs again only when
 * the results have grown.
 */
export function lmcCheckSnapshots({ settings, experimentDirectory, results }: PanelSource): () => Promise<SnapshotOf['lmc-check']> {
  const derive = cachedResults(async (points) => {
    await breathe();
    return { report: reportOf(points, settings.check, settings.seed), samplesPerPoint: samplesPerPoint(points), evaluated: points.length };
  });
  return async () => {
    const sweep = experimentDirectory === null ? null : await readRunRecord(path.join(experimentDirectory, 'sweep'));
    return { ...(await derive(results)), planned: sweep?.totalSteps ?? null, alpha: settings.check.alpha };
  };
}

/** Null until a soup can be compared with all of its experts. */
function reportOf(points: readonly ResultPoint[], check: PanelSource['settings']['check'], seed: number): LmcReport | null {
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
