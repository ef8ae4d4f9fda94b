import type { TextMetric } from './metric';
import { ngramCounts } from './ngrams';
import { captionWords } from './words';

const longest = 4;
/** width of the penalty on a difference of length, in words */
const sigma = 6;

/** tf-idf vectors of one text, one for each length of n-gram. */
interface Vectors {
  readonly weights: readonly ReadonlyMap<string, number>[];
  readonly norms: readonly number[];
  readonly length: number;
}

/**
 * CIDEr-D (Vedantam et al. 2015) as pycocoevalcap computes it: clipped cosine similarity of tf-idf vectors of 1- to
 * 4-grams with a Gaussian penalty on length, × 10. How rare an n-gram is comes from the references of the whole
 * corpus, so one text has another score in another corpus.
 * @param corpus the references of every prompt
 * @returns the score of a text against its references
 */
export function ciderD(corpus: readonly (readonly string[])[]): (text: string, references: readonly string[]) => number {
  const documentFrequency = frequencies(corpus);
  const logDocuments = Math.log(Math.max(1, corpus.length));
  const vectorsOf = (text: string): Vectors => {
    const words = captionWords(text);
    const weights = Array.from({ length: longest }, (_, k) => {
      const counts = ngramCounts(words, k + 1);
      return new Map([...counts].map(([ngram, count]) => [ngram, count * (logDocuments - Math.log(Math.max(1, documentFrequency.get(ngram) ?? 0)))]));
    });
    // the reference measures length in bigrams
    return { weights, norms: weights.map((vector) => Math.sqrt([...vector.values()].reduce((sum, weight) => sum + weight * weight, 0))), length: Math.max(0, words.length - 1) };
  };
  return (text, references) => {
    const own = vectorsOf(text);
    const total = references.reduce((sum, reference) => sum + similarity(own, vectorsOf(reference)), 0);
    return references.length > 0 ? (10 * total) / (longest * references.length) : 0;
  };
}

export const cider: TextMetric = {
  needs: 'reference',
  open: (corpus) => {
    const score = ciderD(corpus.map(({ references }) => references));
    return ({ text, references }) => score(text, references);
  },
};

function similarity(own: Vectors, reference: Vectors): number {
  const difference = own.length - reference.length;
  const penalty = Math.exp(-(difference * difference) / (2 * sigma * sigma));
  let sum = 0;
  for (let k = 0; k < longest; k++) {
    let product = 0;
    for (const [ngram, weight] of own.weights[k]!) {
      const other = reference.weights[k]!.get(ngram) ?? 0;
      product += Math.min(weight, other) * other;
    }
    const norm = own.norms[k]! * reference.norms[k]!;
    sum += penalty * (norm === 0 ? product : product / norm);
  }
  return sum;
}

/** In how many prompts' references each n-gram occurs. */
function frequencies(corpus: readonly (readonly string[])[]): Map<string, number> {
  const frequency = new Map<string, number>();
  for (const references of corpus) {
    const seen = new Set(references.flatMap((reference) => Array.from({ length: longest }, (_, k) => [...ngramCounts(captionWords(reference), k + 1).keys()]).flat()));
    for (const ngram of seen) frequency.set(ngram, (frequency.get(ngram) ?? 0) + 1);
  }
  return frequency;
}
