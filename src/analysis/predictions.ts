import type { Interval } from './bootstrap';
import type { WeightComparison } from './findings/divergence';
import type { ResultPoint } from './results';
import { meanInterval, spread } from './mean-inference';
import type { Weights } from './simplex';

/** A soup against the ensemble of its experts' predictions. */
export interface PredictionGap {
  readonly weights: Weights;
  /** R(soup) − R(ensemble) by reward, paired over the samples */
  readonly gaps: Readonly<Record<string, { readonly estimate: number; readonly ci: Interval | null }>>;
  /** KL(soup ‖ ensemble) in nats, averaged over the steps of the ensemble's episodes */
  readonly kl: number;
  /** Σ λᵢ‖θᵢ − θ_λ‖², the square of the distance that the first-order expansion is in; null where the weights were not compared */
  readonly squaredDistance: number | null;
}

export interface WeightsVersusPredictions {
  readonly points: readonly PredictionGap[];
  /** p of KL ~ distanceᵖ, by least squares of the logarithms: 4 where the expansion's second order leads; null where not estimable */
  readonly klExponent: number | null;
}

export interface PredictionOptions {
  readonly alpha?: number;
  /** names of the experts in it are those of the weights */
  readonly comparison?: WeightComparison;
}

/**
 * How far averaging weights is from averaging predictions. To first order in the experts' distance the soup and the
 * ensemble are one function (Ramé et al. 2023, appendix; Izmailov et al. 2018, section 3.5), so the means of the two
 * policies differ by the square of the distance, and their KL by its fourth power. Null where no ensemble was evaluated.
 */
export function weightsVersusPredictions(points: readonly ResultPoint[], { alpha = 0.05, comparison }: PredictionOptions = {}): WeightsVersusPredictions | null {
  const rows = points.flatMap(({ kind, weights, rewards, ensemble }): PredictionGap[] => {
    if (kind !== 'soup' || weights === null || !ensemble) return [];
    const gaps = Object.entries(ensemble.rewards).map(([reward, { mean, samples }]) => {
      const own = rewards[reward];
      const isPaired = own.samples !== undefined && samples !== undefined && own.samples.length === samples.length && samples.length > 1;
      const differences = isPaired ? Float64Array.from(samples, (value, k) => own.samples![k] - value) : null;
      const ci = differences && meanInterval(differences, alpha);
      return [reward, { estimate: differences ? spread(differences).mean : own.mean - mean, ci }] as const;
    });
    return [{ weights, gaps: Object.fromEntries(gaps), kl: ensemble.kl.mean, squaredDistance: comparison ? squaredDistance(weights, comparison) : null }];
  });
  return rows.length === 0 ? null : { points: rows, klExponent: exponentOf(rows) };
}

/** Σ λᵢ‖θᵢ − θ_λ‖² = ½ Σᵢⱼ λᵢλⱼ‖θᵢ − θⱼ‖², from norms and cosines of the task vectors; null where an expert is missing. */
export function squaredDistance(weights: Weights, { norms, pairs }: WeightComparison): number | null {
  const names = Object.keys(weights).filter((name) => weights[name] > 0);
  if (names.some((name) => norms[name] === undefined)) return null;
  return names.flatMap((a, index) => names.slice(index + 1).map((b) => {
    const cosine = pairs.find((pair) => (pair.a === a && pair.b === b) || (pair.a === b && pair.b === a))?.cosine ?? 0;
    return weights[a] * weights[b] * (norms[a] ** 2 + norms[b] ** 2 - 2 * norms[a] * norms[b] * cosine);
  })).reduce((sum, part) => sum + part, 0);
}

function exponentOf(rows: readonly PredictionGap[]): number | null {
  const logs = rows.flatMap(({ kl, squaredDistance: square }) => (square !== null && square > 0 && kl > 0 ? [[0.5 * Math.log(square), Math.log(kl)]] : []));
  const [x, y] = [0, 1].map((axis) => spread(logs.map((pair) => pair[axis])).mean);
  const variance = logs.reduce((sum, pair) => sum + (pair[0] - x) ** 2, 0);
  return logs.length < 3 || variance < 1e-9 ? null : logs.reduce((sum, pair) => sum + (pair[0] - x) * (pair[1] - y), 0) / variance;
}
