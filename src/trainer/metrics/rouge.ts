import { perSample, type TextMetric, type TextSample } from './metric';
import { ngramCounts, overlap } from './ngrams';
import { rougeWords } from './words';

/** Precision, recall and F1 of a text against one target. */
export interface RougeScore {
  readonly precision: number;
  readonly recall: number;
  readonly f1: number;
}

export type RougeKind = '1' | '2' | 'L';

/**
 * ROUGE-1, -2 (shared n-grams) or -L (longest common subsequence of the whole text) of Lin 2004, as the rouge-score
 * package computes them without stemming.
 */
export function rouge(text: string, target: string, kind: RougeKind): RougeScore {
  const [words, wanted] = [rougeWords(text), rougeWords(target)];
  const n = kind === 'L' ? 1 : Number(kind);
  const shared = kind === 'L' ? longestCommonSubsequence(words, wanted) : overlap(ngramCounts(words, n), ngramCounts(wanted, n));
  const precision = shared / Math.max(1, words.length - n + 1);
  const recall = shared / Math.max(1, wanted.length - n + 1);
  return { precision, recall, f1: shared > 0 ? (2 * precision * recall) / (precision + recall) : 0 };
}

/** Against several targets: the score of the best one by F1. */
export function bestRouge(text: string, targets: readonly string[], kind: RougeKind): RougeScore {
  return targets.map((target) => rouge(text, target, kind)).reduce((best, score) => (score.f1 > best.f1 ? score : best), { precision: 0, recall: 0, f1: 0 });
}

/** @param of the side of the score; @param against what the continuation is compared with */
export function rougeMetric(kind: RougeKind, of: keyof RougeScore, against: 'reference' | 'source'): TextMetric {
  const targets = ({ references, source }: TextSample) => (against === 'reference' ? references : [source ?? '']);
  return perSample((sample) => bestRouge(sample.text, targets(sample), kind)[of], against);
}

function longestCommonSubsequence(a: readonly string[], b: readonly string[]): number {
  let row = new Uint32Array(b.length + 1);
  for (const word of a) {
    const next = new Uint32Array(b.length + 1);
    for (let j = 1; j <= b.length; j++) next[j] = word === b[j - 1] ? row[j - 1]! + 1 : Math.max(row[j]!, next[j - 1]!);
    row = next;
  }
  return row[b.length]!;
}
