import { EpisodeLedger, metricScope, type EpisodeScore, type NamedExpressions } from './episodes';
import { RandomStream } from './random';
import type { ControlTask, Environments } from './tasks/task';

/** Evaluation episodes draw their resets from streams that no training uses. */
const firstEvaluationStream = 1_000_000;

/** What acts in an evaluation: a policy, or several as one. */
export interface Actor {
  normalise(observations: Float64Array, normalised: Float32Array): void;
  /** [n, observationSize] -> [n, actionSize] */
  actionMeans(normalised: Float32Array): Float32Array;
}

export interface Evaluation {
  readonly task: ControlTask;
  readonly rewards: NamedExpressions;
  readonly episodeSteps: number;
  readonly episodes: number;
  readonly seed: number;
  /** sees the scaled observations of each step, and which environments still play: `first` is the episode of row 0 */
  readonly observe?: (normalised: Float32Array, active: Uint8Array, first: number) => void;
}

/**
 * Plays episodes with the policy's mean actions, as many at a time as there are environments, and yields each wave's
 * scores in the order of the episodes. Episode k depends on the seed and k alone, and `progress` is 1.
 */
export function* evaluatePolicy(environments: Environments, policy: Actor, evaluation: Evaluation): Generator<EpisodeScore[]> {
  for (let first = 0; first < evaluation.episodes; first += environments.count) {
    yield playWave(environments, policy, evaluation, first, Math.min(environments.count, evaluation.episodes - first));
  }
}

function playWave(environments: Environments, policy: Actor, { task, rewards, episodeSteps, seed, observe }: Evaluation, first: number, count: number): EpisodeScore[] {
  const ledger = new EpisodeLedger(task, rewards, episodeSteps, count);
  const active = new Uint8Array(environments.count).fill(1, 0, count);
  const normalised = new Float32Array(environments.observations.length);
  const scope = { progress: 1 };
  for (let i = 0; i < count; i++) environments.reset(i, RandomStream.of(seed, firstEvaluationStream + first + i));
  for (let step = 0; step < episodeSteps && active.includes(1); step++) {
    policy.normalise(environments.observations, normalised);
    observe?.(normalised, active, first);
    environments.step(policy.actionMeans(normalised), active);
    for (let i = 0; i < count; i++) {
      if (!active[i]) continue;
      ledger.add(i, metricScope(task, environments, i, scope));
      if (environments.terminated[i]) active[i] = 0;
    }
  }
  return Array.from({ length: count }, (_, i) => ledger.finish(i));
}
