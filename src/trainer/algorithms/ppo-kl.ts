import type { Tensor } from '@tensorflow/tfjs';
import type { PpoKlConfig } from '../../experiment/algorithms/ppo-kl';
import type { Tf } from '../backend/backend';
import { dropoutSeed } from '../models/language/ops/dropout';
import { RandomStream } from '../random';
import { scoredValues, type Continuation } from '../tasks/text/rollouts';
import { alignedWith, tokenBatch } from '../tasks/text/token-batch';
import { accumulatedStep, learningRateAt, rolloutSummary, type LanguageAlgorithm, type LanguageParts } from './language-training';

/** Streams of a seed from which each iteration takes the order of its minibatches. */
const firstShuffleStream = 500_000_000;

/** A continuation with what its tokens earned, each [tokens]. */
interface Judged extends Continuation {
  /** V of the state before each token, when it was sampled */
  readonly values: Float32Array;
  readonly advantages: Float32Array;
  readonly returns: Float32Array;
}

/**
 * PPO with a price on the KL divergence to the reference, for language models (Ziegler et al. 2019, arXiv 1909.08593;
 * details as in TRL's PPOTrainer, which the paper's text experiments used): a value head on the policy, the reward on
 * the last token, −β (log π − log π₀) on every token, generalised advantages whitened over the batch, clipped ratios
 * and values, and β steered to a target.
 */
export function openPpoKl(parts: LanguageParts<PpoKlConfig>): LanguageAlgorithm {
  const { tf, model, adam, rollouts, settings, seed } = parts;
  let beta = settings.klCoefficient;
  return {
    state: () => ({ beta }),
    restore: (state) => void (beta = state.beta ?? beta),
    async iterate(step) {
      // Sample, and look up what the value head expected.
      const continuations = await rollouts.collect(step, settings.batch, 1, step / settings.steps);
      const values = await scoredValues(tf, (rows) => model.score(rows, rows.scored).values!, continuations);

      // Advantages and returns.
      const judged = whitened(continuations.map((continuation, k): Judged => {
        const { advantages, returns } = generalisedAdvantages(tokenRewards(continuation, beta), values[k]!, settings);
        return { ...continuation, values: values[k]!, advantages, returns };
      }));

      // `epochs` passes in shuffled minibatches.
      adam.learningRate = learningRateAt(settings, step);
      const random = RandomStream.of(seed, firstShuffleStream + step);
      const stepSize = settings.minibatch * settings.gradientAccumulation;
      const all: Record<string, number>[] = [];
      for (let epoch = 0; epoch < settings.epochs; epoch++) {
        const shuffled = [...random.permutation(judged.length)].map((k) => judged[k]!);
        for (let start = 0; start < shuffled.length; start += stepSize) {
          const items = shuffled.slice(start, start + stepSize);
          const minibatches = Math.ceil(items.length / settings.minibatch);
          all.push(await accumulatedStep(parts, step, items, settings.minibatch, (part, first) => {
            const rows = tokenBatch(part);
            const scores = model.score(rows, rows.scored, dropoutSeed(seed, step, epoch, start + first));
            const shape: [number, number] = [rows.batch, rows.time];
            const aligned = (of: (item: Judged) => Float32Array) => tf.tensor2d(alignedWith(rows, part.map(of)), shape);
            const { policy, value, clipFraction } = ppoLoss(tf, scores.logProbabilities, scores.values!, {
              old: aligned((item) => item.logProbabilities),
              oldValues: aligned((item) => item.values),
              advantages: aligned((item) => item.advantages),
              returns: aligned((item) => item.returns),
              mask: tf.tensor2d(rows.scored, shape),
            }, settings);
            const share = (term: Tensor) => tf.div(term, minibatches);
            return { loss: share(tf.add(policy, tf.mul(settings.valueCoefficient, value))), terms: { policy: share(policy), value: share(value), clipFraction: share(clipFraction) } };
          }));
        }
      }

      // Steer β.
      const summary = rolloutSummary(continuations);
      const usedBeta = beta;
      beta = adaptedBeta(beta, summary.kl!, continuations.length, settings);
      const mean = (name: string) => all.reduce((sum, terms) => sum + terms[name]!, 0) / all.length;
      return { ...summary, loss: { policy: mean('policy'), value: mean('value') }, more: { beta: usedBeta, clipFraction: mean('clipFraction'), gradientNorm: mean('gradientNorm') } };
    },
  };
}

/** −β (log π − log π₀) of each token, and the reward on the last one, [tokens]. */
export function tokenRewards({ logProbabilities, referenceLogProbabilities, reward }: Pick<Continuation, 'logProbabilities' | 'referenceLogProbabilities' | 'reward'>, beta: number): Float32Array {
  const rewards = logProbabilities.map((value, t) => -beta * (value - referenceLogProbabilities[t]!));
  rewards[rewards.length - 1]! += reward;
  return rewards;
}

/** GAE (Schulman et al. 2016) over the tokens of one continuation, whose end is the end of the episode; returns A + V. */
export function generalisedAdvantages(rewards: Float32Array, values: Float32Array, { gamma, gaeLambda }: Pick<PpoKlConfig, 'gamma' | 'gaeLambda'>): { readonly advantages: Float32Array; readonly returns: Float32Array } {
  const advantages = new Float32Array(rewards.length);
  let next = 0;
  for (let t = rewards.length - 1; t >= 0; t--) {
    const delta = rewards[t]! + gamma * (values[t + 1] ?? 0) - values[t]!;
    next = delta + gamma * gaeLambda * next;
    advantages[t] = next;
  }
  return { advantages, returns: advantages.map((advantage, t) => advantage + values[t]!) };
}

/** Advantages of all tokens of the batch at mean 0 and variance 1. */
function whitened(items: readonly Judged[]): Judged[] {
  const all = items.flatMap(({ advantages }) => [...advantages]);
  const mean = all.reduce((sum, value) => sum + value, 0) / all.length;
  const variance = all.reduce((sum, value) => sum + (value - mean) ** 2, 0) / Math.max(1, all.length - 1);
  const scale = 1 / Math.sqrt(variance + 1e-8);
  return items.map((item) => ({ ...item, advantages: item.advantages.map((value) => (value - mean) * scale) }));
}

export interface PpoBatch {
  /** log π and V when the tokens were sampled, [batch, time] */
  readonly old: Tensor;
  readonly oldValues: Tensor;
  readonly advantages: Tensor;
  readonly returns: Tensor;
  /** 1 where a token is learned from, [batch, time] */
  readonly mask: Tensor;
}

/**
 * Clipped policy loss max(−ρA, −clip(ρ)A) and clipped value loss ½ max((V − R)², (clip(V) − R)²), means over tokens.
 * @param logProbabilities log π, [batch, time]
 * @param values V, [batch, time]
 */
export function ppoLoss(tf: Tf, logProbabilities: Tensor, values: Tensor, { old, oldValues, advantages, returns, mask }: PpoBatch, { clip, valueClip }: Pick<PpoKlConfig, 'clip' | 'valueClip'>): { readonly policy: Tensor; readonly value: Tensor; readonly clipFraction: Tensor } {
  const mean = (terms: Tensor) => tf.div(tf.sum(tf.mul(terms, mask)), tf.maximum(tf.sum(mask), 1));
  const ratio = tf.exp(tf.sub(logProbabilities, old));
  const surrogate = tf.minimum(tf.mul(ratio, advantages), tf.mul(tf.clipByValue(ratio, 1 - clip, 1 + clip), advantages));
  // clipByValue takes numbers alone, so the change is clipped, not the value
  const clipped = tf.add(oldValues, tf.clipByValue(tf.sub(values, oldValues), -valueClip, valueClip));
  const value = tf.maximum(tf.square(tf.sub(values, returns)), tf.square(tf.sub(clipped, returns)));
  return {
    policy: tf.neg(mean(surrogate)),
    value: tf.mul(0.5, mean(value)),
    clipFraction: mean(tf.cast(tf.greater(tf.abs(tf.sub(ratio, 1)), clip), 'float32')),
  };
}

/** The next β: × (1 + e n / horizon), e the relative distance of KL to its target, at most 0.2 (Ziegler et al. 2019, 2.2). */
export function adaptedBeta(beta: number, kl: number, n: number, { klTarget, klHorizon }: Pick<PpoKlConfig, 'klTarget' | 'klHorizon'>): number {
  if (klTarget === null) return beta;
  const error = Math.min(0.2, Math.max(-0.2, kl / klTarget - 1));
  return beta * (1 + (error * n) / klHorizon);
}
