import type { Tensor } from '@tensorflow/tfjs';
import { SoupError } from '../../../errors';
import type { TextTask } from '../../../experiment/tasks/text';
import type { Tf } from '../../backend/backend';
import type { EpisodeScore } from '../../episodes';
import type { GenerationSettings, LanguageModel } from '../../models/language-model';
import type { LanguageTokenizer } from '../../models/language/tokenizer';
import type { Prompt, TextSample } from '../../metrics/metric';
import { RandomStream } from '../../random';
import type { TextScorer } from './scorer';
import { tokenBatch, valuesOfRows, type ScoredBatch, type TokenSequence } from './token-batch';

/** A continuation with everything that an algorithm learns from. */
export interface Continuation extends TokenSequence {
  /** log π of each token under the weights that it was sampled with, [tokens] */
  readonly logProbabilities: Float32Array;
  /** log π₀ of each token under the shared initialisation, [tokens] */
  readonly referenceLogProbabilities: Float32Array;
  /** what the run maximises, before any price on KL */
  readonly reward: number;
  readonly score: EpisodeScore;
}

/** Streams of a seed from which rounds take their orders, and steps their sampling. */
const [firstOrderStream, firstSamplingStream] = [1_000_000_000, 2_000_000_000];
/** Sequences that are scored side by side. */
const scoringBatch = 16;

/** Gives the tokens of a prompt, with the chat template around it where the task asks for one. @throws SoupError LongPromptError */
export function promptTokens(tokenizer: LanguageTokenizer, { chat, system, maxNewTokens }: TextTask, contextLength: number, prompt: string): Int32Array {
  const messages = [...(system === undefined ? [] : [{ role: 'system', content: system }]), { role: 'user', content: prompt }];
  const tokens = chat ? tokenizer.encode(tokenizer.renderChat(messages, { addGenerationPrompt: true }), { addSpecialTokens: false }) : tokenizer.encode(prompt);
  if (tokens.length === 0) throw new SoupError('EmptyPromptError', 'A prompt is empty, and the tokenizer puts no beginning of text in front of it: there is nothing to continue.');
  if (tokens.length + maxNewTokens > contextLength) {
    throw new SoupError('LongPromptError', `The prompt ${JSON.stringify(prompt.slice(0, 60))} has ${tokens.length} tokens; with ${maxNewTokens} new ones that is more than the model's ${contextLength}: shorten it, or lower task.maxNewTokens.`);
  }
  return tokens;
}

/** How a task samples, in the model's words. */
export function generationSettings(task: TextTask): Omit<GenerationSettings, 'seed' | 'samples'> {
  const { maxNewTokens, minNewTokens, temperature, topK, topP, repetitionPenalty, stop } = task;
  return { maxNewTokens, minNewTokens, temperature, topK, topP, repetitionPenalty, stop };
}

export interface RolloutOptions {
  readonly tf: Tf;
  readonly model: LanguageModel;
  readonly task: TextTask;
  readonly prompts: readonly Prompt[];
  readonly scorer: TextScorer;
  readonly seed: number;
}

/** Lets the policy continue prompts, and scores what it wrote. Everything random follows from the seed and the step. */
export class Rollouts {
  constructor(private readonly options: RolloutOptions) {}

  /**
   * @param step of the training, from 0; prompts go round in a new order each time that all were used
   * @param count prompts
   * @param samples continuations of each, one after the other in the result
   * @param progress of the training, 0 … 1
   */
  async collect(step: number, count: number, samples: number, progress: number): Promise<Continuation[]> {
    const { tf, model, task, scorer, seed } = this.options;
    const prompts = this.promptsOf(step, count);
    const tokens = prompts.map(({ prompt }) => promptTokens(model.tokenizer, task, model.contextLength, prompt));
    const generations = await model.generate(tokens, { ...generationSettings(task), samples, seed: generationSeed(seed, step) });
    const references = await scoredValues(tf, (rows) => model.referenceLogProbabilities(rows, rows.scored), generations);
    const texts = generations.map((generation, k): TextSample => ({
      ...prompts[Math.floor(k / samples)]!,
      text: generation.text,
      tokenCount: generation.tokens.length,
      logProbabilities: generation.logProbabilities,
      referenceLogProbabilities: references[k]!,
    }));
    const { samples: scores, objective } = await scorer.score(texts, progress);
    return generations.map((generation, k) => ({
      prompt: generation.prompt,
      tokens: generation.tokens,
      logProbabilities: generation.logProbabilities,
      referenceLogProbabilities: references[k]!,
      reward: objective[k]!,
      score: scores[k]!,
    }));
  }

  private promptsOf(step: number, count: number): Prompt[] {
    const { prompts, seed } = this.options;
    return itemsOf(prompts, seed, step, count);
  }
}

/** The items that step `step` takes, `count` a step: round after round through all of them, each round in an order of its own. */
export function itemsOf<T>(items: readonly T[], seed: number, step: number, count: number): T[] {
  const orders = new Map<number, Int32Array>();
  return Array.from({ length: count }, (_, k) => {
    const at = step * count + k;
    const round = Math.floor(at / items.length);
    if (!orders.has(round)) orders.set(round, RandomStream.of(seed, firstOrderStream + round).permutation(items.length));
    return items[orders.get(round)![at % items.length]!]!;
  });
}

/** What `score` gives for the tokens after each prompt. */
export async function scoredValues(tf: Tf, score: (rows: ScoredBatch) => Tensor, sequences: readonly TokenSequence[]): Promise<Float32Array[]> {
  const all: Float32Array[] = [];
  for (let start = 0; start < sequences.length; start += scoringBatch) {
    const rows = tokenBatch(sequences.slice(start, start + scoringBatch));
    const scored = tf.tidy(() => score(rows));
    all.push(...valuesOfRows(rows, await scored.data()));
    scored.dispose();
  }
  return all;
}

/** Seed of one step's sampling: 31 bits. */
export function generationSeed(seed: number, step: number): number {
  return Math.floor(RandomStream.of(seed, firstSamplingStream + step).uniform() * 2 ** 31);
}
