import { metricNames } from './metrics';
import { rewardExpander, type Expand } from './reward-expansion';
import type { Experiment, TrainOverrides } from './schema';

/** An expert with its defaults resolved. */
export interface Expert {
  readonly name: string;
  /** what it maximises, as the file says it: over rewards and metrics */
  readonly reward: string;
  readonly overrides: TrainOverrides;
  /** another expert at an earlier time of its training; null for an expert that is trained itself */
  readonly snapshot: { readonly of: string; readonly at: number } | null;
}

/** The experts of an experiment: those of the file, or one a reward. An expert without a reward takes that of its name. */
export function expertsOf(experiment: Pick<Experiment, 'experts' | 'rewards'>): readonly Expert[] {
  const entries = Object.entries(experiment.experts);
  if (entries.length === 0) return Object.keys(experiment.rewards).map((name) => ({ name, reward: name, overrides: {}, snapshot: null }));
  return entries.map(([name, { reward, of, at, ...overrides }]): Expert => {
    const source = of === undefined ? undefined : experiment.experts[of];
    return { name, reward: source?.reward ?? reward ?? of ?? name, overrides, snapshot: of === undefined ? null : { of, at: at ?? 1 } };
  });
}

/** The reward of the base: that of the file, or the mean of all rewards. */
export function baseReward(experiment: Pick<Experiment, 'base' | 'rewards'>): string {
  return experiment.base.reward ?? `mean(${Object.keys(experiment.rewards).join(', ')})`;
}

/**
 * The scalarised reward Σ μᵢRᵢ / Σ μᵢ over the experts' rewards, as an expression (Ramé et al. 2023, section 2.1).
 * Experts of weight 0 are left out.
 */
export function scalarised(weights: Readonly<Record<string, number>>, experts: readonly Expert[]): string {
  const total = Object.values(weights).reduce((sum, weight) => sum + weight, 0);
  const terms = experts.filter(({ name }) => (weights[name] ?? 0) > 0).map(({ name, reward }) => `${weights[name]! / total} * (${reward})`);
  return terms.join(' + ');
}

/** A point of the simplex as a name: `risky 0.3 cautious 0.7`. */
export function weightsName(weights: Readonly<Record<string, number>>): string {
  return Object.entries(weights).map(([name, weight]) => `${name} ${Number(weight.toFixed(4))}`).join(' ');
}

/** Name of a scalarised run that the file does not name, fit for a folder: `risky-0.3-cautious-0.7`. */
export function scalarisedName(weights: Readonly<Record<string, number>>): string {
  return weightsName(weights).replaceAll(' ', '-');
}

/** Rewrites expressions of this experiment to metrics alone. @throws ExpressionError as `rewardExpander` */
export function expanderOf(experiment: Pick<Experiment, 'rewards' | 'task' | 'metrics'>): Expand {
  return rewardExpander(experiment.rewards, metricNames(experiment));
}
