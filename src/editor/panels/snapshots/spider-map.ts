import type { Measurement, ResultPoint } from '../../../analysis/results';
import { isMeasured } from '../../../protocol/check';
import type { SnapshotOf } from '../../../protocol/panels';
import { cachedFile, measuredPoints } from '../results-reader';
import type { PanelSource } from '../source';

/** Makes the function that gives the measured points with what the panel draws of them: means, where they could be measured. */
export function spiderMapSnapshots({ results }: PanelSource): () => Promise<SnapshotOf['spider-map']> {
  const derive = cachedFile(async (file) => ({ points: (await measuredPoints(file)).map(meansOf) }));
  return () => derive(results);
}

function meansOf({ kind, name, weights, rewards, metrics = {} }: ResultPoint): ResultPoint {
  return { kind, name, weights, rewards: measured(rewards), metrics: measured(metrics) };
}

function measured(measurements: Readonly<Record<string, Measurement>>): Record<string, Measurement> {
  return Object.fromEntries(Object.entries(measurements).flatMap(([name, { mean }]) => (isMeasured(mean) ? [[name, { mean }]] : [])));
}
