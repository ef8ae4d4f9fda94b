import type { Tensor } from '@tensorflow/tfjs';
import type { RlooConfig } from '../../experiment/algorithms/rloo';
import type { Tf } from '../backend/backend';
import { dropoutSeed } from '../models/language/ops/dropout';
import { tokenBatch } from '../tasks/text/token-batch';
import { accumulatedStep, learningRateAt, rolloutSummary, sampledKl, stateless, type LanguageAlgorithm, type LanguageParts } from './language-training';

/**
 * REINFORCE with the leave-one-out baseline: of k samples of a prompt, each is compared with the mean reward of the
 * others (Kool et al. 2019; RLOO of Ahmadian et al. 2024, arXiv 2402.14740). With a captioning metric as the reward and
 * β = 0 it is the self-critical training of the paper's captioning experiment (Rennie et al. 2017, with k = 5).
 */
export function openRloo(parts: LanguageParts<RlooConfig>): LanguageAlgorithm {
  const { tf, model, adam, rollouts, settings, seed } = parts;
  return {
    ...stateless,
    async iterate(step) {
      // Sample k continuations of each prompt.
      const continuations = await rollouts.collect(step, settings.prompts, settings.samples, step / settings.steps);

      // Returns R = r − β Σ (log π − log π₀), and advantages against the other samples of the same prompt.
      const returns = continuations.map((continuation) => continuation.reward - settings.klCoefficient * sampledKl(continuation));
      const advantages = leaveOneOut(returns, settings.samples);

      // One step up Σ A log π.
      adam.learningRate = learningRateAt(settings, step);
      const items = continuations.map((continuation, k) => ({ ...continuation, advantage: advantages[k]! }));
      const { policy, gradientNorm } = await accumulatedStep(parts, step, items, settings.minibatch, (part, first) => {
        const rows = tokenBatch(part);
        const { logProbabilities } = model.score(rows, rows.scored, dropoutSeed(seed, step, first));
        const loss = reinforceLoss(tf, logProbabilities, tf.tensor1d(part.map(({ advantage }) => advantage)), items.length);
        return { loss, terms: { policy: loss } };
      });
      return { ...rolloutSummary(continuations), loss: { policy: policy! }, more: { gradientNorm: gradientNorm! } };
    },
  };
}

/**
 * r − mean of the other samples' r, group by group.
 * @param rewards [groups · samples], a group's samples one after the other
 */
export function leaveOneOut(rewards: readonly number[], samples: number): number[] {
  return rewards.map((reward, k) => {
    const first = k - (k % samples);
    const others = rewards.slice(first, first + samples).reduce((sum, other) => sum + other, 0) - reward;
    return reward - others / (samples - 1);
  });
}

/**
 * −(1/n) Σ_i A_i Σ_t log π(token t of i).
 * @param logProbabilities [batch, time], 0 where a token is not learned from
 * @param advantages [batch]
 * @param n sequences that the whole step has
 */
export function reinforceLoss(tf: Tf, logProbabilities: Tensor, advantages: Tensor, n: number): Tensor {
  return tf.div(tf.neg(tf.sum(tf.mul(advantages, tf.sum(logProbabilities, 1)))), n);
}
