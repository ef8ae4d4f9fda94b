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

/**
 * The next token, by the order of transformers' logits processors: repetition penalty, suppressed tokens, temperature,
 * top-k, top-p. Greedy where the temperature is 0.
 * @param prediction its exponentials may be changed
 * @param seen tokens that the sequence holds
 * @param suppressed tokens that must not come now
 */
export function chooseToken(prediction: Prediction, settings: SamplingSettings, seen: ReadonlySet<number>, suppressed: readonly number[], random: RandomStream): number {
  const { temperature, topK, topP, repetitionPenalty } = settings;
  const isWhole = topP >= 1 && (topK === 0 || topK >= prediction.logits.length);
  if (isWhole && temperature === 1 && repetitionPenalty === 1) return sampleAsIs(prediction, suppressed, random);
  const logits = adjusted(prediction.logits, repetitionPenalty, seen, suppressed);
  if (temperature === 0) return largestIndex(logits);
  const weights = softmaxWeights(logits, temperature);
  if (!isWhole) dropUnlikely(weights, topK, topP);
  return sampleFrom(weights, weights.reduce((sum, weight) => sum + weight, 0), random);
}

/** The model's own distribution. */
function sampleAsIs({ exponentials, sum }: Prediction, suppressed: readonly number[], random: RandomStream): number {
  let left = sum;
  for (const token of suppressed) {
    left -= exponentials[token]!;
    exponentials[token] = 0;
  }
  return sampleFrom(exponentials, left, random);
}

function adjusted(logits: Float32Array, penalty: number, seen: ReadonlySet<number>, suppressed: readonly number[]): Float32Array {
  if (penalty === 1 && suppressed.length === 0) return logits;
  const changed = logits.slice();
  if (penalty !== 1) for (const token of seen) changed[token] = changed[token]! < 0 ? changed[token]! * penalty : changed[token]! / penalty;
  for (const token of suppressed) changed[token] = -Infinity;
  return changed;
}

/** e^(logit / temperature), with 1 for the largest. */
function softmaxWeights(logits: Float32Array, temperature: number): Float64Array {
  const top = logits[largestIndex(logits)]!;
  const weights = new Float64Array(logits.length);
  for (let token = 0; token < weights.length; token++) weights[token] = Math.exp((logits[token]! - top) / temperature);
  return weights;
}

/** Sets the weights that top-k and top-p leave out to 0. Top-k keeps all that equal the k-th; of equals top-p keeps the lower tokens. */
function dropUnlikely(weights: Float64Array, topK: number, topP: number): void {
  const sorted = weights.slice().sort().reverse();
  let count = topK === 0 ? sorted.length : Math.min(topK, sorted.length);
  while (count < sorted.length && sorted[count] === sorted[count - 1]) count++;
  if (topP < 1) {
    let total = 0;
    for (let i = 0; i < count; i++) total += sorted[i]!;
    let kept = 0;
    for (let sum = 0; kept < count && (kept === 0 || sum < topP * total); kept++) sum += sorted[kept]!;
    count = kept;
  }
  const least = sorted[count - 1]!;
  let equals = count - sorted.findIndex((weight) => weight === least);
  for (let token = 0; token < weights.length; token++) {
    if (weights[token]! > least) continue;
    if (weights[token]! < least || equals === 0) weights[token] = 0;
    else equals--;
  }
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
