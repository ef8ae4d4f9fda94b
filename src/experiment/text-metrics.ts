import type { Better, Metric } from './metrics';

const metric = (unit: string, description: string, better?: Better): Omit<Metric, 'name'> => ({ unit, description, ...(better ? { better } : {}) });

const rouge = (what: string, against: string) => ({
  f1: metric('', `${what}, F1 against the ${against}, 0 … 1.`, 'higher'),
  precision: metric('', `${what}, precision: share of the continuation that the ${against} has.`, 'higher'),
  recall: metric('', `${what}, recall: share of the ${against} that the continuation has.`, 'higher'),
});
const [reference1, reference2, referenceL] = [rouge('ROUGE-1', 'reference'), rouge('ROUGE-2', 'reference'), rouge('ROUGE-L', 'reference')];
const [source1, source2, sourceL] = [rouge('ROUGE-1', 'source'), rouge('ROUGE-2', 'source'), rouge('ROUGE-L', 'source')];

/** What every text task can measure; `src/trainer/metrics/registry.ts` computes each under the same name. */
export const textMetrics = {
  length: metric('tokens', 'Generated tokens, the end of text included.'),
  words: metric('words', 'Words between blanks.'),
  characters: metric('characters', 'Characters, blanks included.'),
  rouge1: reference1.f1,
  rouge1_precision: reference1.precision,
  rouge1_recall: reference1.recall,
  rouge2: reference2.f1,
  rouge2_precision: reference2.precision,
  rouge2_recall: reference2.recall,
  rougeL: referenceL.f1,
  rougeL_precision: referenceL.precision,
  rougeL_recall: referenceL.recall,
  source_rouge1: source1.f1,
  source_rouge1_precision: source1.precision,
  source_rouge1_recall: source1.recall,
  source_rouge2: source2.f1,
  source_rouge2_precision: source2.precision,
  source_rouge2_recall: source2.recall,
  source_rougeL: sourceL.f1,
  source_rougeL_precision: sourceL.precision,
  source_rougeL_recall: sourceL.recall,
  bleu1: metric('', 'BLEU-1 of the continuation alone, 0 … 1.', 'higher'),
  bleu2: metric('', 'BLEU-2 of the continuation alone, 0 … 1.', 'higher'),
  bleu3: metric('', 'BLEU-3 of the continuation alone, 0 … 1.', 'higher'),
  bleu4: metric('', 'BLEU-4 of the continuation alone, 0 … 1.', 'higher'),
  meteor: metric('', 'METEOR with exact and stem matches, 0 … 1.', 'higher'),
  cider: metric('', 'CIDEr-D; words are weighed by their rarity in the references of the whole prompts file.', 'higher'),
  repetition: metric('', 'Share of 4-grams that repeat an earlier one (seq-rep-4).', 'lower'),
  distinct1: metric('', 'Different words over all words.', 'higher'),
  distinct2: metric('', 'Different bigrams over all bigrams.', 'higher'),
  flesch: metric('', 'Flesch reading ease: 0 hard … 100 easy, English.'),
  flesch_kincaid: metric('years', 'Flesch–Kincaid grade: years of school that a reader needs, English.'),
  vader: metric('', 'VADER sentiment, −1 … 1, English.'),
  afinn: metric('', 'AFINN sentiment a word, −5 … 5, English.'),
  perplexity: metric('', 'Perplexity of the continuation under the shared initialisation θ₀.', 'lower'),
  kl: metric('nats', 'log π − log π₀ of the continuation: a sample of the KL divergence from θ₀.'),
} as const satisfies Readonly<Record<string, Omit<Metric, 'name'>>>;

export type TextMetricName = keyof typeof textMetrics;
