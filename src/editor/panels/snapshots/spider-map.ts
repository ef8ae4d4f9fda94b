import type { Measurement, ResultPoint } from '../../../analysis/results';
import type { SnapshotOf } from '../../../protocol/panels';
import { cachedFile, measuredPoints } from '../results-reader';
import type { PanelSource } from '../source';

/** Makes the function that gives the measured points, without their samples: the panel needs means only. */
export function spiderMapSnapshots({ results }: PanelSource): () => Promise<SnapshotOf['spider-map']> {
  const derive = cachedFile(async (file) => ({ points: (await measuredPoints(file)).map(withoutSamples) }));
  return () => derive(results);
}

function withoutSamples(point: ResultPoint): ResultPoint {
  return { ...point, rewards: strip(point.rewards), ...(point.metrics ? { metrics: strip(point.metrics) } : {}) };
}

function strip(measurements: Readonly<Record<string, Measurement>>): Record<string, Measurement> {
  return Object.fromEntries(Object.entries(measurements).map(([name, { samples: _, ...rest }]) => [name, rest]));
}
