import stem from 'wink-porter2-stemmer';
import { perSample } from './metric';
import { captionWords } from './words';

/** METEOR 1.5's parameters for English. */
const [alpha, beta, gamma] = [0.85, 0.2, 0.6];
/** 1 and 0.6, in fifths: whole numbers add up without rounding, so that equal alignments compare as equal */
const weights = { exact: 5, stem: 3, unit: 5 };
const beamWidth = 40;

interface Alignment {
  /** matched words, and the sum of their weights in fifths */
  readonly matches: number;
  readonly weight: number;
  readonly chunks: number;
  /** Σ |position − position in the reference| of matched words */
  readonly distance: number;
  /** the reference's word that the word before is matched with; −1 where it is not */
  readonly last: number;
  readonly used: ReadonlySet<number>;
}

/**
 * METEOR (Denkowski & Lavie 2014) against the best of the references, with the matchers *exact* and *stem* (Porter 2)
 * and every word of the same weight. METEOR's own tables of synonyms and paraphrases, and its list of function words,
 * are left out, so scores lie below those of METEOR with all its data.
 */
export function meteor(text: string, references: readonly string[]): number {
  const words = captionWords(text);
  return Math.max(0, ...references.map((reference) => score(words, captionWords(reference))));
}

export const meteorMetric = perSample(({ text, references }) => meteor(text, references), 'reference');

function score(words: readonly string[], target: readonly string[]): number {
  const { matches, weight, chunks } = align(words, target);
  if (matches === 0) return 0;
  const precision = weight / weights.unit / words.length;
  const recall = weight / weights.unit / target.length;
  const mean = (precision * recall) / (alpha * precision + (1 - alpha) * recall);
  // a text that is its reference is not in pieces
  const isSame = chunks === 1 && matches === words.length && matches === target.length;
  return mean * (1 - (isSame ? 0 : gamma * (chunks / matches) ** beta));
}

/**
 * One-to-one alignment of words with the most weight of matches, then fewest chunks (runs that are contiguous in both texts), then
 * least distance: a beam search from left to right, as the original's.
 */
function align(words: readonly string[], target: readonly string[]): Alignment {
  const stems = target.map(stem);
  let beam: Alignment[] = [{ matches: 0, weight: 0, chunks: 0, distance: 0, last: -1, used: new Set() }];
  for (const [position, word] of words.entries()) {
    const stemmed = stem(word);
    const candidates = target.flatMap((other, index) => (other === word ? [{ index, weight: weights.exact }] : stems[index] === stemmed ? [{ index, weight: weights.stem }] : []));
    const next = beam.flatMap((path) => [
      { ...path, last: -1 },
      ...candidates.filter(({ index }) => !path.used.has(index)).map(({ index, weight }): Alignment => ({
        matches: path.matches + 1,
        weight: path.weight + weight,
        chunks: path.chunks + (path.last >= 0 && index === path.last + 1 ? 0 : 1),
        distance: path.distance + Math.abs(position - index),
        last: index,
        used: new Set(path.used).add(index),
      })),
    ]);
    beam = next.sort(better).slice(0, beamWidth);
  }
  return beam[0]!;
}

const better = (a: Alignment, b: Alignment): number => b.weight - a.weight || a.chunks - b.chunks || a.distance - b.distance;
