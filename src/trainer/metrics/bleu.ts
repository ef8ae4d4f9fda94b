import { perSample, type TextMetric } from './metric';
import { ngramCounts, overlap } from './ngrams';
import { captionWords } from './words';

/** What BLEU adds up over a corpus: of n-grams of each length, how many there are and how many a reference has. */
interface Counts {
  readonly correct: readonly number[];
  readonly possible: readonly number[];
  readonly length: number;
  /** of the reference whose length is closest, the shorter one of two */
  readonly referenceLength: number;
}

const longest = 4;
/** pycocoevalcap's guards against a division by zero; they show in the ninth digit */
const [small, tiny] = [1e-9, 1e-15];

/**
 * BLEU-1 … BLEU-4 of one text (Papineni et al. 2002), as pycocoevalcap's `Bleu(4)` gives them for each caption: brevity
 * against the closest reference, no smoothing beyond its 1e-9.
 */
export function sentenceBleu(text: string, references: readonly string[]): number[] {
  return bleuOf(countsOf(text, references));
}

export function bleuMetric(n: 1 | 2 | 3 | 4): TextMetric {
  return perSample(({ text, references }) => sentenceBleu(text, references)[n - 1]!, 'reference');
}

function countsOf(text: string, references: readonly string[]): Counts {
  const words = captionWords(text);
  const targets = references.map(captionWords);
  const lengths = Array.from({ length: longest }, (_, k) => k + 1);
  const closest = targets.map((target) => target.length).sort((a, b) => Math.abs(a - words.length) - Math.abs(b - words.length) || a - b)[0] ?? 0;
  return {
    correct: lengths.map((n) => overlap(ngramCounts(words, n), highest(targets.map((target) => ngramCounts(target, n))))),
    possible: lengths.map((n) => Math.max(0, words.length - n + 1)),
    length: words.length,
    referenceLength: closest,
  };
}

function bleuOf({ correct, possible, length, referenceLength }: Counts): number[] {
  const ratio = (length + tiny) / (referenceLength + small);
  const brevity = ratio < 1 ? Math.exp(1 - 1 / ratio) : 1;
  let product = 1;
  return correct.map((count, k) => {
    product *= (count + tiny) / (possible[k]! + small);
    return brevity * product ** (1 / (k + 1));
  });
}

function highest(all: readonly ReadonlyMap<string, number>[]): Map<string, number> {
  const most = new Map<string, number>();
  for (const counts of all) for (const [ngram, count] of counts) most.set(ngram, Math.max(count, most.get(ngram) ?? 0));
  return most;
}
