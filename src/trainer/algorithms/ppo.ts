import type * as Tensors from '@tensorflow/tfjs';
import { SoupError } from '../../errors';
import type { CompiledExpression } from '../../experiment/expression';
import type { PpoConfig } from '../../experiment/schema';
import { FusedAdam } from '../backend/fused-adam';
import { EpisodeLedger, metricScope, type EpisodeScore, type NamedExpressions } from '../episodes';
import type { GaussianPolicy } from '../models/policy';
import { RandomStream } from '../random';
import { RunningStatistics } from '../running-statistics';
import type { ControlTask, Environments } from '../tasks/task';
import { emptyRollout, generalisedAdvantages, normaliseAdvantages, select, type Minibatch, type Rollout } from './ppo-rollout';

/**
 * Proximal policy optimisation (Schulman et al. 2017, arXiv 1707.06347) for continuous actions, to be read from
 * top to bottom. Details follow CleanRL's `ppo_continuous_action.py`: orthogonal initialisation, Adam with
 * ε = 1e-5, observation normalisation, rewards divided by the deviation of their discounted sum, advantages
 * normalised per minibatch, gradients clipped by their joint norm, an update that stops early at `targetKl`.
 * It differs in two points: a time limit bootstraps with the value of the last state (a fall does not), and the
 * value loss is not clipped.
 */

export interface PpoOptions {
  readonly tf: typeof Tensors;
  readonly task: ControlTask;
  readonly environments: Environments;
  readonly episodeSteps: number;
  readonly config: PpoConfig;
  readonly seed: number;
  /** what is maximised, over metrics and `progress` */
  readonly objective: CompiledExpression;
  /** rewards that are measured along the way */
  readonly rewards: NamedExpressions;
  readonly policy: GaussianPolicy;
  /** θ₀, to which the KL divergence is reported */
  readonly reference: GaussianPolicy;
  /** true for a base; experts keep the base's statistics, see `GaussianPolicy` */
  readonly learnsObservationStatistics: boolean;
}

/** What one rollout and its update gave. */
export interface Iteration {
  readonly episodes: readonly EpisodeScore[];
  /** mean objective of a step, the rollout's, in the user's units */
  readonly objective: number;
  readonly loss: { readonly policy: number; readonly value: number; readonly entropy: number };
  /** mean KL(π ‖ π₀) in nats */
  readonly kl: number;
  /** Schulman's estimate of KL(π_old ‖ π) in the last epoch */
  readonly approxKl: number;
  readonly clipFraction: number;
  /** passes over the rollout before `targetKl` stopped the update */
  readonly epochs: number;
  readonly lr: number;
}

/** Streams of a seed: environments take theirs from `firstEnvironment` on. */
export const streams = { initialisation: 0, action: 1, shuffle: 2, firstEnvironment: 16 } as const;

const klSampleRows = 512;
/** in deviations of the return, as CleanRL: only the first few steps, before the deviation is known, reach it */
const rewardClip = 10;

export class Ppo {
  readonly adam: FusedAdam;
  readonly ledger: EpisodeLedger;
  readonly observationStatistics: RunningStatistics;
  readonly returnStatistics = new RunningStatistics(1);
  /** discounted sum of rewards of each environment's current episode */
  readonly discountedReturns: Float64Array;
  /** 1 while an environment is in its first, shortened episode, whose score is not reported */
  readonly isShortened: Uint8Array;
  actionRandom: RandomStream;
  shuffleRandom: RandomStream;
  environmentRandoms: RandomStream[];
  /** environment steps so far */
  step = 0;
  private readonly variables: ReadonlyMap<string, Tensors.Variable>;

  constructor(private readonly options: PpoOptions) {
    const { environments, task, rewards, episodeSteps, policy, seed, tf, config } = options;
    this.ledger = new EpisodeLedger(task, rewards, episodeSteps, environments.count);
    this.observationStatistics = new RunningStatistics(task.observationSize);
    this.discountedReturns = new Float64Array(environments.count);
    this.isShortened = new Uint8Array(environments.count);
    this.actionRandom = RandomStream.of(seed, streams.action);
    this.shuffleRandom = RandomStream.of(seed, streams.shuffle);
    this.environmentRandoms = Array.from({ length: environments.count }, (_, index) => RandomStream.of(seed, streams.firstEnvironment + index));
    this.variables = new Map(policy.parameters.map(({ name, shape, values }) => [name, tf.tidy(() => tf.variable(tf.tensor(values.slice(), [...shape]), true))]));
    this.adam = new FusedAdam(tf, Object.fromEntries(this.variables), { learningRate: config.learningRate, epsilon: 1e-5, maxGradientNorm: config.maxGradientNorm });
  }

  /** Starts the first episodes, each environment at another point of its horizon, so that resets never coincide. */
  begin(): void {
    const { environments, episodeSteps } = this.options;
    for (let i = 0; i < environments.count; i++) {
      environments.reset(i, this.environmentRandoms[i]!);
      this.ledger.steps[i] = Math.floor((i * episodeSteps) / environments.count);
      this.isShortened[i] = this.ledger.steps[i]! > 0 ? 1 : 0;
    }
  }

  get isDone(): boolean {
    return this.step >= this.options.config.steps;
  }

  /** One rollout and one update. */
  async iterate(): Promise<Iteration> {
    const { config } = this.options;
    const lr = config.learningRate * (config.annealLearningRate ? 1 - this.step / config.steps : 1);
    const { rollout, lastValues, episodes, objective } = this.collect();
    const advantages = generalisedAdvantages(rollout, lastValues, config);
    const returns = advantages.map((advantage, row) => advantage + rollout.values[row]!);
    const update = await this.update(rollout, advantages, returns, lr);
    return { episodes, objective, lr, kl: this.klToReference(rollout), ...update };
  }

  dispose(): void {
    this.adam.dispose();
    for (const variable of this.variables.values()) variable.dispose();
  }

  // Collect: run the policy for `rolloutSteps` in every environment.
  private collect(): { rollout: Rollout; lastValues: Float32Array; episodes: EpisodeScore[]; objective: number } {
    const { environments, policy, task, config, learnsObservationStatistics } = this.options;
    const { count } = environments;
    const { actionSize, observationSize } = task;
    const steps = Math.min(config.rolloutSteps, Math.ceil((config.steps - this.step) / count));
    const rollout = emptyRollout(steps * count, observationSize, actionSize);
    const raw = new Float64Array(learnsObservationStatistics ? steps * count * observationSize : 0);
    const episodes: EpisodeScore[] = [];
    let objective = 0;
    for (let t = 0; t < steps; t++) {
      const row = t * count;
      if (learnsObservationStatistics) raw.set(environments.observations, row * observationSize);
      policy.normalise(environments.observations, rollout.observations, row);
      const observations = rollout.observations.subarray(row * observationSize, (row + count) * observationSize);
      const means = policy.actionMeans(observations);
      const actions = this.sampleActions(means);
      rollout.actions.set(actions, row * actionSize);
      rollout.values.set(policy.values(observations), row);
      for (let i = 0; i < count; i++) rollout.logProbabilities[row + i] = policy.logProbability(actions, means, i);
      environments.step(actions);
      for (let i = 0; i < count; i++) objective += this.recordStep(i, row + i, rollout, episodes);
      this.step += count;
    }
    const lastValues = policy.values(this.normalised(environments.observations));
    if (learnsObservationStatistics) this.learnObservationStatistics(raw);
    return { rollout, lastValues, episodes, objective: objective / (steps * count) };
  }

  private sampleActions(means: Float32Array): Float32Array {
    const { logStd } = this.options.policy;
    return means.map((mean, i) => mean + Math.exp(logStd.values[i % logStd.values.length]!) * this.actionRandom.normal());
  }

  /** Books the step that environment `index` just took in row `row`; returns the objective, unscaled. */
  private recordStep(index: number, row: number, rollout: Rollout, episodes: EpisodeScore[]): number {
    const { environments, task, config, objective } = this.options;
    const scope = metricScope(task, environments, index, { progress: Math.min(1, this.step / config.steps) });
    const reward = objective.evaluate(scope);
    this.ledger.add(index, scope);
    rollout.rewards[row] = this.scaleReward(reward, index);
    const hasFallen = environments.terminated[index] === 1;
    const isCut = !hasFallen && this.ledger.isAtHorizon(index);
    if (!hasFallen && !isCut) return reward;
    rollout.ends[row] = 1;
    if (isCut) rollout.rewards[row]! += config.gamma * this.valueNow(index);
    const score = this.ledger.finish(index);
    if (!this.isShortened[index]) episodes.push(score);
    this.isShortened[index] = 0;
    this.discountedReturns[index] = 0;
    environments.reset(index, this.environmentRandoms[index]!);
    return reward;
  }

  /** Reward over the running deviation of the discounted return, which keeps value targets near unit size. */
  private scaleReward(reward: number, index: number): number {
    this.discountedReturns[index] = this.discountedReturns[index]! * this.options.config.gamma + reward;
    this.returnStatistics.add(this.discountedReturns.subarray(index, index + 1));
    const scaled = reward / Math.sqrt(this.returnStatistics.variance(0) + 1e-8);
    return Math.min(rewardClip, Math.max(-rewardClip, scaled));
  }

  private valueNow(index: number): number {
    const { observationSize } = this.options.task;
    return this.options.policy.values(this.normalised(this.options.environments.observations.subarray(index * observationSize, (index + 1) * observationSize)))[0]!;
  }

  private normalised(observations: Float64Array): Float32Array {
    const normalised = new Float32Array(observations.length);
    this.options.policy.normalise(observations, normalised);
    return normalised;
  }

  private learnObservationStatistics(raw: Float64Array): void {
    const { policy } = this.options;
    this.observationStatistics.add(raw);
    policy.observationMean.values.set(this.observationStatistics.mean);
    for (let i = 0; i < policy.observationVariance.values.length; i++) policy.observationVariance.values[i] = this.observationStatistics.variance(i);
  }

  // Update: `epochs` passes over the rollout in shuffled minibatches.
  private async update(rollout: Rollout, advantages: Float32Array, returns: Float32Array, lr: number): Promise<Pick<Iteration, 'loss' | 'approxKl' | 'clipFraction' | 'epochs'>> {
    const { epochs, minibatch, targetKl } = this.options.config;
    const rows = advantages.length;
    this.adam.learningRate = lr;
    let last: LossTerms = { policy: 0, value: 0, entropy: 0, approxKl: 0, clipFraction: 0 };
    let epoch = 0;
    for (let isClose = true; isClose && epoch < epochs; epoch++) {
      const order = this.shuffleRandom.permutation(rows);
      const results = [];
      for (let start = 0; start < rows; start += minibatch) {
        const chosen = order.subarray(start, Math.min(rows, start + minibatch));
        results.push(await this.updateOnMinibatch(select(rollout, advantages, returns, chosen)));
      }
      last = mean(results);
      isClose = targetKl === null || last.approxKl <= targetKl;
    }
    await this.downloadParameters();
    const { policy, value, entropy, approxKl, clipFraction } = last;
    return { loss: { policy, value, entropy }, approxKl, clipFraction, epochs: epoch };
  }

  // Loss: L = L_policy + c_v · L_value − c_e · entropy, and a step down its gradient.
  private async updateOnMinibatch(batch: Minibatch): Promise<LossTerms> {
    const { tf, config, task } = this.options;
    const rows = batch.advantages.length;
    const kept: Tensors.Tensor[] = [];
    this.adam.minimize(() => {
      const observations = tf.tensor2d(batch.observations, [rows, task.observationSize]);
      const logRatio = tf.sub(this.logProbabilities(observations, batch.actions, rows), tf.tensor1d(batch.logProbabilities));
      const ratio = tf.exp(logRatio);
      const advantages = tf.tensor1d(normaliseAdvantages(batch.advantages));
      const clipped = tf.clipByValue(ratio, 1 - config.clip, 1 + config.clip);
      const policyLoss = tf.neg(tf.mean(tf.minimum(tf.mul(ratio, advantages), tf.mul(clipped, advantages))));
      const values = tf.reshape(this.mlp('value', observations), [rows]);
      const valueLoss = tf.mul(0.5, tf.mean(tf.square(tf.sub(values, tf.tensor1d(batch.returns)))));
      const entropy = tf.sum(tf.add(this.variables.get('policy.log_std')!, 0.5 * Math.log(2 * Math.PI * Math.E)));
      const approxKl = tf.mean(tf.sub(tf.sub(ratio, 1), logRatio));
      const clipFraction = tf.mean(tf.cast(tf.greater(tf.abs(tf.sub(ratio, 1)), config.clip), 'float32'));
      kept.push(tf.keep(tf.stack([policyLoss, valueLoss, entropy, approxKl, clipFraction])));
      return tf.sub(tf.add(policyLoss, tf.mul(config.valueCoefficient, valueLoss)), tf.mul(config.entropyCoefficient, entropy)) as Tensors.Scalar;
    });
    const terms = await kept[0]!.data();
    tf.dispose(kept);
    if (!terms.every(Number.isFinite)) throw divergedError(this.step);
    const [policy, value, entropy, approxKl, clipFraction] = terms;
    return { policy: policy!, value: value!, entropy: entropy!, approxKl: approxKl!, clipFraction: clipFraction! };
  }

  /** log π(a | s) of every row, [rows]. */
  private logProbabilities(observations: Tensors.Tensor2D, actions: Float32Array, rows: number): Tensors.Tensor {
    const { tf, task } = this.options;
    const logStd = this.variables.get('policy.log_std')!;
    const z = tf.div(tf.sub(tf.tensor2d(actions, [rows, task.actionSize]), this.mlp('policy', observations)), tf.exp(logStd));
    const constant = 0.5 * task.actionSize * Math.log(2 * Math.PI);
    return tf.sub(tf.mul(-0.5, tf.sum(tf.square(z), 1)), tf.add(tf.sum(logStd), constant));
  }

  /** The policy's or the value function's MLP on the backend: x Wᵀ + b, tanh between layers. */
  private mlp(prefix: 'policy' | 'value', input: Tensors.Tensor2D): Tensors.Tensor2D {
    const { tf, policy } = this.options;
    const count = policy.shape.hidden.length + 1;
    let activations: Tensors.Tensor = input;
    for (let layer = 0; layer < count; layer++) {
      const product = tf.matMul(activations, this.variables.get(`${prefix}.${2 * layer}.weight`)!, false, true);
      const sum = tf.add(product, this.variables.get(`${prefix}.${2 * layer}.bias`)!);
      activations = layer < count - 1 ? tf.tanh(sum) : sum;
    }
    return activations as Tensors.Tensor2D;
  }

  /** Puts the policy's parameters where the backend sees them: after they were restored. */
  uploadParameters(): void {
    const { tf, policy } = this.options;
    for (const { name, shape, values } of policy.parameters) tf.tidy(() => this.variables.get(name)!.assign(tf.tensor(values.slice(), [...shape])));
  }

  /** Brings the updated parameters to the typed arrays that acting uses. */
  private async downloadParameters(): Promise<void> {
    for (const { name, values } of this.options.policy.parameters) {
      values.set((await this.variables.get(name)!.data()) as Float32Array);
      if (!values.every(Number.isFinite)) throw divergedError(this.step);
    }
  }

  private klToReference(rollout: Rollout): number {
    const { policy, reference, task } = this.options;
    const rows = rollout.values.length;
    const stride = Math.max(1, Math.floor(rows / klSampleRows));
    const sample = new Float32Array(Math.ceil(rows / stride) * task.observationSize);
    for (let row = 0, at = 0; row < rows; row += stride, at += task.observationSize) {
      sample.set(rollout.observations.subarray(row * task.observationSize, (row + 1) * task.observationSize), at);
    }
    return policy.klTo(reference, sample);
  }
}

interface LossTerms {
  readonly policy: number;
  readonly value: number;
  readonly entropy: number;
  readonly approxKl: number;
  readonly clipFraction: number;
}

/** The training has left the range of floating point: nothing after this step can be used. */
export function divergedError(step: number): SoupError {
  return new SoupError(
    'DivergedError',
    `Training diverged at step ${step}: the loss is not finite. Lower train.learningRate (try a third of it) or train.maxGradientNorm, or look at the objective for a division or a logarithm of a value near 0; then train again.`,
    { isInput: false },
  );
}

function mean(terms: readonly LossTerms[]): LossTerms {
  const of = (key: keyof LossTerms) => terms.reduce((sum, term) => sum + term[key], 0) / terms.length;
  return { policy: of('policy'), value: of('value'), entropy: of('entropy'), approxKl: of('approxKl'), clipFraction: of('clipFraction') };
}
