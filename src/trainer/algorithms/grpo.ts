import type { Tensor } from '@tensorflow/tfjs';
import type { GrpoConfig } from '../../experiment/algorithms/grpo';
import type { Tf } from '../backend/backend';
import { dropoutSeed } from '../models/language/ops/dropout';
import { alignedWith, tokenBatch } from '../tasks/text/token-batch';
import { accumulatedStep, learningRateAt, rolloutSummary, stateless, type LanguageAlgorithm, type LanguageParts } from './language-training';

/** added to a group's deviation, so that equal rewards give no advantage instead of NaN */
const epsilon = 1e-4;

/**
 * Group relative policy optimisation (Shao et al. 2024, DeepSeekMath, arXiv 2402.03300, algorithm 1 and equation 3): a
 * sample's advantage is its reward normalised within the group of samples of its prompt, there is no value function,
 * and the KL divergence to the reference stands in the loss, by the estimator that is never negative.
 */
export function openGrpo(parts: LanguageParts<GrpoConfig>): LanguageAlgorithm {
  const { tf, model, adam, rollouts, settings, seed } = parts;
  return {
    ...stateless,
    async iterate(step) {
      // Sample a group of continuations for each prompt.
      const continuations = await rollouts.collect(step, settings.prompts, settings.samples, step / settings.steps);
      const advantages = groupNormalised(continuations.map(({ reward }) => reward), settings.samples);

      // μ passes, each one step on the whole batch.
      adam.learningRate = learningRateAt(settings, step);
      const items = continuations.map((continuation, k) => ({ ...continuation, advantage: advantages[k]! }));
      let terms: Record<string, number> = {};
      for (let epoch = 0; epoch < settings.epochs; epoch++) {
        terms = await accumulatedStep(parts, step, items, settings.minibatch, (part, first) => {
          const rows = tokenBatch(part);
          const { logProbabilities } = model.score(rows, rows.scored, dropoutSeed(seed, step, epoch, first));
          const shape: [number, number] = [rows.batch, rows.time];
          const { policy, kl, clipFraction } = grpoLoss(tf, logProbabilities, {
            old: tf.tensor2d(alignedWith(rows, part.map((item) => item.logProbabilities)), shape),
            reference: tf.tensor2d(alignedWith(rows, part.map((item) => item.referenceLogProbabilities)), shape),
            advantages: tf.tensor1d(part.map(({ advantage }) => advantage)),
            mask: tf.tensor2d(rows.scored, shape),
          }, settings.clip, items.length);
          return { loss: tf.add(policy, tf.mul(settings.klCoefficient, kl)), terms: { policy, kl, clipFraction } };
        });
      }
      const { policy, kl, clipFraction, gradientNorm } = terms as Record<'policy' | 'kl' | 'clipFraction' | 'gradientNorm', number>;
      return { ...rolloutSummary(continuations), loss: { policy, kl }, more: { clipFraction, gradientNorm } };
    },
  };
}

/** (r − mean) / (deviation + 1e-4) within each group; the deviation is that of a sample, as in TRL. */
export function groupNormalised(rewards: readonly number[], samples: number): number[] {
  return rewards.map((reward, k) => {
    const first = k - (k % samples);
    const group = rewards.slice(first, first + samples);
    const mean = group.reduce((sum, other) => sum + other, 0) / samples;
    const variance = group.reduce((sum, other) => sum + (other - mean) ** 2, 0) / (samples - 1);
    return (reward - mean) / (Math.sqrt(variance) + epsilon);
  });
}

export interface GrpoBatch {
  /** log π_old and log π₀, [batch, time] */
  readonly old: Tensor;
  readonly reference: Tensor;
  /** [batch] */
  readonly advantages: Tensor;
  /** 1 where a token is learned from, [batch, time] */
  readonly mask: Tensor;
}

/**
 * −min(ρA, clip(ρ)A) and π₀/π − log π₀/π − 1, each the mean over a sequence's tokens, summed over the sequences and
 * divided by `n`.
 * @param logProbabilities log π, [batch, time]
 */
export function grpoLoss(tf: Tf, logProbabilities: Tensor, { old, reference, advantages, mask }: GrpoBatch, clip: number, n: number): { readonly policy: Tensor; readonly kl: Tensor; readonly clipFraction: Tensor } {
  const lengths = tf.maximum(tf.sum(mask, 1), 1);
  const perSequence = (values: Tensor) => tf.div(tf.sum(tf.div(tf.sum(tf.mul(values, mask), 1), lengths)), n);
  const ratio = tf.exp(tf.sub(logProbabilities, old));
  const advantage = tf.expandDims(advantages, 1);
  const surrogate = tf.minimum(tf.mul(ratio, advantage), tf.mul(tf.clipByValue(ratio, 1 - clip, 1 + clip), advantage));
  const difference = tf.mul(tf.sub(reference, logProbabilities), mask);
  return {
    policy: tf.neg(perSequence(surrogate)),
    kl: perSequence(tf.sub(tf.sub(tf.exp(difference), difference), 1)),
    clipFraction: perSequence(tf.cast(tf.greater(tf.abs(tf.sub(ratio, 1)), clip), 'float32')),
  };
}
