import type { Tensor } from '@tensorflow/tfjs';
import type { SftConfig } from '../../experiment/algorithms/sft';
import type { Tf } from '../backend/backend';
import { dropoutSeed } from '../models/language/ops/dropout';
import { readSequences } from '../tasks/text/corpus';
import { itemsOf } from '../tasks/text/rollouts';
import { tokenBatch } from '../tasks/text/token-batch';
import { accumulatedStep, learningRateAt, stateless, type LanguageAlgorithm, type LanguageParts } from './language-training';

/** Prompts that are continued at every checkpoint, to log the rewards of what has been learned so far. */
const shownPrompts = 16;

/** Supervised training: the likelihood of the next token, on texts (pre-training) or on completions of prompts (SFT). */
export async function openSft(parts: LanguageParts<SftConfig>): Promise<LanguageAlgorithm> {
  const { tf, model, adam, rollouts, settings, seed } = parts;
  const { sequences, note } = await readSequences(settings.data, model.tokenizer, Math.min(settings.maxTokens, model.contextLength));
  if (note) process.stderr.write(`${note}\n`);
  return {
    ...stateless,
    async iterate(step) {
      const items = itemsOf(sequences, seed, step, settings.batch);
      const tokens = tokenBatch(items).scored.reduce((sum, isScored) => sum + isScored, 0);
      adam.learningRate = learningRateAt(settings, step);
      const { likelihood, gradientNorm } = await accumulatedStep(parts, step, items, settings.minibatch, (part, first) => {
        const rows = tokenBatch(part);
        const loss = likelihoodLoss(tf, model.score(rows, rows.scored, dropoutSeed(seed, step, first)).logProbabilities, tokens);
        return { loss, terms: { likelihood: loss } };
      });
      const isShown = (step + 1) % settings.checkpointEverySteps === 0 || step + 1 === settings.steps;
      const shown = isShown ? await rollouts.collect(step, shownPrompts, 1, (step + 1) / settings.steps) : [];
      return { samples: shown.map(({ score }) => score), objective: -likelihood!, loss: { likelihood: likelihood! }, sequences: items.length, tokens, more: { perplexity: Math.exp(likelihood!), gradientNorm: gradientNorm! } };
    },
  };
}

/**
 * −Σ log π / n, the mean negative log-likelihood of a token.
 * @param logProbabilities [batch, time], 0 where a token is not learned
 * @param n tokens that the whole step learns
 */
export function likelihoodLoss(tf: Tf, logProbabilities: Tensor, n: number): Tensor {
  return tf.div(tf.neg(tf.sum(logProbabilities)), n);
}
