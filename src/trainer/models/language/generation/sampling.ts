import type { RandomStream } from '../../../random';
import type { GenerationSettings } from '../../language-model';

/** Settings with their defaults. */
export type SamplingSettings = Required<Pick<GenerationSettings, 'temperature' | 'topK' | 'topP' | 'repetitionPenalty'>>;

/** One row of what the model says of the next token. */
export interface Prediction {
  readonly logits: Float32Array;
  /** e^(logit − maximum) and their sum */
  readonly exponentials: Float32Array;
  readonly sum: number;
}

/** Whether the model's own distribution is what is sampled. */
function isPlain({ temperature, topK, topP, repetitionPenalty }: SamplingSettings): boolean {
  return temperature === 1 && topK === 0 && topP === 1 && repetitionPenalty === 1;
}

/**
 * The next token, by the order of transformers' logits processors: repetition penalty, suppressed tokens, temperature,
 * top-k, top-p. Greedy where the temperature is 0.
 * @param seen tokens that the sequence holds
 * @param suppressed tokens that must not come now
 */
export function chooseToken(prediction: Prediction, settings: SamplingSettings, seen: ReadonlySet<number>, suppressed: readonly number[], random: RandomStream): number {
  if (isPlain(settings) && suppressed.length === 0) return sampleFrom(prediction.exponentials, prediction.sum, random);
  const logits = adjusted(prediction.logits, settings.repetitionPenalty, seen, suppressed);
  if (settings.temperature === 0) return largestIndex(logits);
  const candidates = keepLikely(logits, settings);
  const top = logits[candidates[0]!]!;
  const weights = Float64Array.from(candidates, (token) => Math.exp((logits[token]! - top) / settings.temperature));
  return candidates[sampleFrom(weights, weights.reduce((sum, weight) => sum + weight, 0), random)]!;
}

function adjusted(logits: Float32Array, penalty: number, seen: ReadonlySet<number>, suppressed: readonly number[]): Float32Array {
  if (penalty === 1 && suppressed.length === 0) return logits;
  const changed = logits.slice();
  if (penalty !== 1) for (const token of seen) changed[token] = changed[token]! < 0 ? changed[token]! * penalty : changed[token]! / penalty;
  for (const token of suppressed) changed[token] = -Infinity;
  return changed;
}

/** Tokens that top-k and top-p leave, most likely first (all tokens in their order without either). */
function keepLikely(logits: Float32Array, { temperature, topK, topP }: SamplingSettings): Int32Array {
  const tokens = Int32Array.from(logits, (_, token) => token);
  const isLimited = topK > 0 && topK < logits.length;
  if (!isLimited && topP >= 1) {
    const best = largestIndex(logits);
    [tokens[0], tokens[best]] = [best, 0];
    return tokens;
  }
  tokens.sort((a, b) => logits[b]! - logits[a]! || a - b);
  const kept = isLimited ? tokens.subarray(0, topK) : tokens;
  if (topP >= 1) return kept;
  const top = logits[kept[0]!]!;
  const weights = Float64Array.from(kept, (token) => Math.exp((logits[token]! - top) / temperature));
  const limit = topP * weights.reduce((sum, weight) => sum + weight, 0);
  let count = 0;
  for (let sum = 0; count < kept.length && (count === 0 || sum < limit); count++) sum += weights[count]!;
  return kept.subarray(0, count);
}

/** An index with probability weights[index] / sum. */
function sampleFrom(weights: ArrayLike<number>, sum: number, random: RandomStream): number {
  let left = random.uniform() * sum;
  let last = 0;
  for (let i = 0; i < weights.length; i++) {
    if (weights[i] === 0) continue;
    last = i;
    left -= weights[i]!;
    if (left < 0) return i;
  }
  // rounding may leave a remainder after the last one
  return last;
}

function largestIndex(values: Float32Array): number {
  let best = 0;
  for (let i = 1; i < values.length; i++) if (values[i]! > values[best]!) best = i;
  return best;
}
