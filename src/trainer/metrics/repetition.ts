import { perSample, type TextMetric } from './metric';
import { ngramCounts } from './ngrams';
import { rougeWords } from './words';

/** Different n-grams over all n-grams of a text (Li et al. 2016); 1 where it has none. */
export function distinct(text: string, n: number): number {
  const counts = ngramCounts(rougeWords(text), n);
  const total = [...counts.values()].reduce((sum, count) => sum + count, 0);
  return total === 0 ? 1 : counts.size / total;
}

export const distinctMetric = (n: number): TextMetric => perSample(({ text }) => distinct(text, n));

/** Share of 4-grams that were there before: seq-rep-4 of Welleck et al. 2020. */
export const repetition = perSample(({ text }) => 1 - distinct(text, 4));
