import type { Measurement, ResultPoint } from '../../../analysis/results';
import { isMeasured } from '../../../protocol/check';
import type { AnalysisResults } from './work';

/** The measured points with what the panel draws of them: means, where they could be measured. */
export function spiderPoints(points: readonly ResultPoint[]): AnalysisResults['spider-map'] {
  return { points: points.map(meansOf) };
}

function meansOf({ kind, name, weights, rewards, metrics = {} }: ResultPoint): ResultPoint {
  return { kind, name, weights, rewards: measured(rewards), metrics: measured(metrics) };
}

function measured(measurements: Readonly<Record<string, Measurement>>): Record<string, Measurement> {
  return Object.fromEntries(Object.entries(measurements).flatMap(([name, { mean }]) => (isMeasured(mean) ? [[name, { mean }]] : [])));
}
