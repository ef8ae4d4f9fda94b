import type { PointKind, ResultPoint } from '../../../src/analysis/results';
import { parseExperiment } from '../../../src/experiment/parse';
import { studyOf } from '../../../src/studies/registry';
import type { MeasuredCell, StudyReport } from '../../../src/studies/study';

const samples = 24;

/** A measured point; sample k of every point deviates by the same noise, so that differences are exact. */
export function point(kind: PointKind, name: string, weights: Readonly<Record<string, number>> | null, rewards: Readonly<Record<string, number>>): ResultPoint {
  const measured = Object.entries(rewards).map(([reward, mean]) => {
    const values = Array.from({ length: samples }, (_, k) => mean + 0.01 * Math.cos(Math.PI * k) * (1 + (k >> 1) % 2));
    return [reward, { mean: values.reduce((sum, value) => sum + value, 0) / samples, n: samples, samples: values }] as const;
  });
  return { kind, name, weights, rewards: Object.fromEntries(measured) };
}

/**
 * A sweep over two experts `fast` and `frugal`, whose rewards along λ are a chord from (1, 0) to (0, 1) lifted by
 * `margin` · 4 λ(1 − λ), and the base at (0, 0).
 */
export function sweepOf(margin: number, steps = 4, more: readonly ResultPoint[] = []): ResultPoint[] {
  const lambdas = Array.from({ length: steps + 1 }, (_, k) => 1 - k / steps);
  const blended = lambdas.map((fast): ResultPoint => {
    const lift = margin * 4 * fast * (1 - fast);
    const isVertex = fast === 0 || fast === 1;
    return point(isVertex ? 'expert' : 'soup', isVertex ? (fast === 1 ? 'fast' : 'frugal') : `fast ${fast}`, { fast, frugal: 1 - fast }, { fast: fast + lift, frugal: 1 - fast + lift });
  });
  return [point('init', 'base', null, { fast: 0, frugal: 0 }), ...blended, ...more];
}

export const geometry = { distance: 1, travel: 1, cosine: 0, parameters: 100 };

export function cell(name: string, seed: number, points: readonly ResultPoint[], rest: Partial<MeasuredCell> = {}): MeasuredCell {
  return { cell: name, seed, points, costs: [], secondsPerPoint: 1, geometry, ...rest };
}

/** What a study says to measurements, with the settings as a file would have them. */
export function compare(study: string, measured: readonly MeasuredCell[]): StudyReport {
  const { experiment, diagnostics } = parseExperiment(`name: demo
task: { type: locomotion, environment: half-cheetah }
rewards: { fast: velocity, frugal: -energy }
train: { steps: 1000 }
check: { resamples: 100 }
study: ${study}
`);
  if (!experiment) throw new Error(diagnostics[0]!.message);
  return studyOf(experiment.study!).compare(measured, experiment.study!, { experiment, alpha: 0.05 });
}
