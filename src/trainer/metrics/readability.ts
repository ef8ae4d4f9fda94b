import { flesch } from 'flesch';
import { fleschKincaid } from 'flesch-kincaid';
import { syllable } from 'syllable';
import { perSample } from './metric';

/** What readability formulas are made of; null without words. Syllables are counted by rules and exceptions, so a word may be one off. */
function countsOf(text: string): { readonly sentence: number; readonly word: number; readonly syllable: number } | null {
  const words = text.match(/[\p{L}\p{N}]+(?:['’-][\p{L}\p{N}]+)*/gu) ?? [];
  if (words.length === 0) return null;
  const sentences = text.split(/[.!?]+(?=\s|$)/).filter((sentence) => /[\p{L}\p{N}]/u.test(sentence));
  return { sentence: Math.max(1, sentences.length), word: words.length, syllable: words.reduce((sum, word) => sum + Math.max(1, syllable(word)), 0) };
}

function formula(apply: (counts: { sentence: number; word: number; syllable: number }) => number) {
  return perSample(({ text }) => {
    const counts = countsOf(text);
    return counts ? apply(counts) : 0;
  });
}

/** Flesch reading ease (Flesch 1948): about 0 (hard) to 100 (easy), English. 0 without words. */
export const fleschEase = formula(flesch);

/** Flesch–Kincaid grade (Kincaid et al. 1975): years of school that a reader needs, English. 0 without words. */
export const fleschKincaidGrade = formula(fleschKincaid);
