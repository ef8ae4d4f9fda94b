import type { PpoConfig } from '../../experiment/schema';

/** Transitions of one iteration, [steps, environments, …]; advantages and returns come after the rollout. */
export interface Rollout {
  readonly observations: Float32Array;
  readonly actions: Float32Array;
  readonly logProbabilities: Float32Array;
  readonly rewards: Float32Array;
  readonly values: Float32Array;
  /** 1 where the episode ended after this step, by a fall or the time limit */
  readonly ends: Uint8Array;
}

export interface Minibatch {
  readonly observations: Float32Array;
  readonly actions: Float32Array;
  readonly logProbabilities: Float32Array;
  readonly advantages: Float32Array;
  readonly returns: Float32Array;
}

export function emptyRollout(rows: number, observationSize: number, actionSize: number): Rollout {
  return {
    observations: new Float32Array(rows * observationSize),
    actions: new Float32Array(rows * actionSize),
    logProbabilities: new Float32Array(rows),
    rewards: new Float32Array(rows),
    values: new Float32Array(rows),
    ends: new Uint8Array(rows),
  };
}

/**
 * Generalised advantage estimation (Schulman et al. 2016, equation 16), backwards through a rollout:
 * A_t = δ_t + γλ A_{t+1} with δ_t = r_t + γ V(s_{t+1}) − V(s_t), both cut where an episode ends. The value of a
 * time-limited episode's last state is in its reward already, so falls and time limits end alike.
 * @param rollout rewards, values and ends, [steps · environments]
 * @param lastValues V of the states after the rollout, [environments]
 */
export function generalisedAdvantages(
  { rewards, values, ends }: Pick<Rollout, 'rewards' | 'values' | 'ends'>,
  lastValues: Float32Array,
  { gamma, gaeLambda }: Pick<PpoConfig, 'gamma' | 'gaeLambda'>,
): Float32Array {
  const count = lastValues.length;
  const advantages = new Float32Array(rewards.length);
  for (let row = rewards.length - 1; row >= 0; row--) {
    const isLast = row + count >= rewards.length;
    const nextValue = isLast ? lastValues[row % count]! : values[row + count]!;
    const nextAdvantage = isLast ? 0 : advantages[row + count]!;
    const continues = 1 - ends[row]!;
    const delta = rewards[row]! + gamma * nextValue * continues - values[row]!;
    advantages[row] = delta + gamma * gaeLambda * continues * nextAdvantage;
  }
  return advantages;
}

/** The rows of a minibatch. */
export function select(rollout: Rollout, advantages: Float32Array, returns: Float32Array, rows: Int32Array): Minibatch {
  const gather = (source: Float32Array, width: number) => {
    const target = new Float32Array(rows.length * width);
    for (let i = 0; i < rows.length; i++) for (let j = 0; j < width; j++) target[i * width + j] = source[rows[i]! * width + j]!;
    return target;
  };
  const total = advantages.length;
  return {
    observations: gather(rollout.observations, rollout.observations.length / total),
    actions: gather(rollout.actions, rollout.actions.length / total),
    logProbabilities: gather(rollout.logProbabilities, 1),
    advantages: gather(advantages, 1),
    returns: gather(returns, 1),
  };
}

/** (A − mean) / deviation over the minibatch. */
export function normaliseAdvantages(advantages: Float32Array): Float32Array {
  const average = advantages.reduce((sum, value) => sum + value, 0) / advantages.length;
  const variance = advantages.reduce((sum, value) => sum + (value - average) ** 2, 0) / advantages.length;
  return advantages.map((value) => (value - average) / (Math.sqrt(variance) + 1e-8));
}
