import type { Scalar, Tensor } from '@tensorflow/tfjs';
import { SoupError } from '../../errors';
import type { TextSettings } from '../../experiment/algorithms/registry';
import type { Tf } from '../backend/backend';
import type { FusedAdam } from '../backend/fused-adam';
import type { EpisodeScore } from '../episodes';
import type { LanguageModel } from '../models/language-model';
import type { Continuation, Rollouts } from '../tasks/text/rollouts';

/** What an algorithm works with. */
export interface LanguageParts<S extends TextSettings> {
  readonly tf: Tf;
  readonly model: LanguageModel;
  readonly adam: FusedAdam;
  readonly rollouts: Rollouts;
  readonly settings: S;
  readonly seed: number;
}

/** What one iteration gave. */
export interface LanguageIteration {
  /** rewards and metrics of the continuations; none where the iteration generated nothing */
  readonly samples: readonly EpisodeScore[];
  /** mean of what is maximised, in the user's units; of supervised training the mean log-likelihood of a token */
  readonly objective: number;
  /** mean Σ log π − log π₀ of a continuation, in nats */
  readonly kl?: number;
  readonly loss: Readonly<Record<string, number>>;
  /** sequences that were learned from */
  readonly sequences: number;
  /** tokens of them that were learned from */
  readonly tokens: number;
  /** further numbers for the log */
  readonly more?: Readonly<Record<string, number>>;
}

/** An algorithm. Everything random in iteration `step` follows from the seed and the step. */
export interface LanguageAlgorithm {
  /** @param step from 0 */
  iterate(step: number): Promise<LanguageIteration>;
  /** What the next iteration depends on beside weights and optimiser. */
  state(): Readonly<Record<string, number>>;
  restore(state: Readonly<Record<string, number>>): void;
}

export const stateless: Pick<LanguageAlgorithm, 'state' | 'restore'> = { state: () => ({}), restore: () => undefined };

/** A loss, and named parts of it for the log. */
export interface Loss {
  readonly loss: Tensor;
  readonly terms: Readonly<Record<string, Tensor>>;
}

/**
 * One step of Adam on items that are taken in minibatches, whose gradients are added up. `lossOf` scales a minibatch's
 * loss to its share of the whole, so that the sums are those of one large batch.
 * @returns the sum of each term over the minibatches
 * @throws SoupError DivergedError, before the weights are changed, when a term or the gradient is not finite
 */
export async function accumulatedStep<T>({ tf, adam }: Pick<LanguageParts<TextSettings>, 'tf' | 'adam'>, step: number, items: readonly T[], minibatch: number, lossOf: (items: readonly T[], first: number) => Loss): Promise<Record<string, number>> {
  const sums: Record<string, number> = {};
  let gradients: Record<string, Tensor> | null = null;
  for (let first = 0; first < items.length; first += minibatch) {
    let kept: { readonly names: readonly string[]; readonly values: Tensor } | null = null;
    const { value, gradients: part } = adam.computeGradients(() => {
      const { loss, terms } = lossOf(items.slice(first, first + minibatch), first);
      kept = { names: Object.keys(terms), values: tf.keep(tf.stack([loss, ...Object.values(terms)])) };
      return loss as Scalar;
    });
    const { names, values } = kept! as { readonly names: readonly string[]; readonly values: Tensor };
    const [loss, ...numbers] = await values.data();
    tf.dispose([value, values]);
    gradients = addedUp(tf, gradients, part);
    if (!Number.isFinite(loss)) throw diverged(step, 'the loss', loss!);
    names.forEach((name, k) => {
      if (!Number.isFinite(numbers[k])) throw diverged(step, name, numbers[k]!);
      sums[name] = (sums[name] ?? 0) + numbers[k]!;
    });
  }
  const norm = await gradientNorm(tf, gradients ?? {});
  if (!Number.isFinite(norm)) throw diverged(step, 'the norm of the gradient', norm);
  adam.applyGradients(gradients ?? {});
  tf.dispose(gradients ?? {});
  return { ...sums, gradientNorm: norm };
}

function addedUp(tf: Tf, sum: Record<string, Tensor> | null, part: Readonly<Record<string, Tensor | null>>): Record<string, Tensor> {
  const present = Object.entries(part).filter((entry): entry is [string, Tensor] => entry[1] !== null && entry[1] !== undefined);
  if (sum === null) return Object.fromEntries(present);
  const next = Object.fromEntries(present.map(([name, gradient]) => [name, tf.add(sum[name]!, gradient)]));
  tf.dispose([sum, Object.fromEntries(present)]);
  return next;
}

async function gradientNorm(tf: Tf, gradients: Readonly<Record<string, Tensor>>): Promise<number> {
  const squares = tf.tidy(() => Object.values(gradients).map((gradient) => tf.sum(tf.square(gradient))).reduce<Tensor>((sum, square) => tf.add(sum, square), tf.scalar(0)));
  const [total] = await squares.data();
  squares.dispose();
  return Math.sqrt(total!);
}

function diverged(step: number, what: string, value: number): SoupError {
  return new SoupError('DivergedError', `Training diverged in iteration ${step + 1}: ${what} is ${value}. The last checkpoint is kept; lower train.learningRate (try a third of it) or raise train.warmupSteps, then train again.`, { isInput: false });
}

/** Adam's step size in an iteration: a linear rise over `warmupSteps`, then as `schedule` says. @param step from 0 */
export function learningRateAt({ learningRate, warmupSteps, schedule, steps }: Pick<TextSettings, 'learningRate' | 'warmupSteps' | 'schedule' | 'steps'>, step: number): number {
  if (step < warmupSteps) return (learningRate * (step + 1)) / warmupSteps;
  const left = 1 - (step - warmupSteps) / Math.max(1, steps - warmupSteps);
  if (schedule === 'linear') return learningRate * left;
  if (schedule === 'cosine') return learningRate * 0.5 * (1 - Math.cos(Math.PI * left));
  return learningRate;
}

/** Σ log π − log π₀ over the tokens of a continuation, in nats: an unbiased sample of the KL divergence. */
export function sampledKl({ logProbabilities, referenceLogProbabilities }: Pick<Continuation, 'logProbabilities' | 'referenceLogProbabilities'>): number {
  return logProbabilities.reduce((sum, value, t) => sum + value - referenceLogProbabilities[t]!, 0);
}

/** What every reinforcement algorithm logs of its continuations. */
export function rolloutSummary(continuations: readonly Continuation[]): Pick<LanguageIteration, 'samples' | 'objective' | 'kl' | 'sequences' | 'tokens'> {
  const mean = (of: (continuation: Continuation) => number) => continuations.reduce((sum, continuation) => sum + of(continuation), 0) / continuations.length;
  return {
    samples: continuations.map(({ score }) => score),
    objective: mean(({ reward }) => reward),
    kl: mean(sampledKl),
    sequences: continuations.length,
    tokens: continuations.reduce((sum, { tokens }) => sum + tokens.length, 0),
  };
}
