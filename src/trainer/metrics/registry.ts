import type { TextMetricName } from '../../experiment/text-metrics';
import { bleuMetric } from './bleu';
import { cider } from './cider';
import { characters, length, words } from './length';
import { kl, perplexity } from './likelihood';
import { meteorMetric } from './meteor';
import type { TextMetric } from './metric';
import { fleschEase, fleschKincaidGrade } from './readability';
import { distinctMetric, repetition } from './repetition';
import { rougeMetric } from './rouge';
import { afinn, vader } from './sentiment';

/** One line a metric; its unit and description stand in `src/experiment/text-metrics.ts`. */
export const builtinMetrics: Readonly<Record<TextMetricName, TextMetric>> = {
  length,
  words,
  characters,
  rouge1: rougeMetric('1', 'f1', 'reference'),
  rouge1_precision: rougeMetric('1', 'precision', 'reference'),
  rouge1_recall: rougeMetric('1', 'recall', 'reference'),
  rouge2: rougeMetric('2', 'f1', 'reference'),
  rouge2_precision: rougeMetric('2', 'precision', 'reference'),
  rouge2_recall: rougeMetric('2', 'recall', 'reference'),
  rougeL: rougeMetric('L', 'f1', 'reference'),
  rougeL_precision: rougeMetric('L', 'precision', 'reference'),
  rougeL_recall: rougeMetric('L', 'recall', 'reference'),
  source_rouge1: rougeMetric('1', 'f1', 'source'),
  source_rouge1_precision: rougeMetric('1', 'precision', 'source'),
  source_rouge1_recall: rougeMetric('1', 'recall', 'source'),
  source_rouge2: rougeMetric('2', 'f1', 'source'),
  source_rouge2_precision: rougeMetric('2', 'precision', 'source'),
  source_rouge2_recall: rougeMetric('2', 'recall', 'source'),
  source_rougeL: rougeMetric('L', 'f1', 'source'),
  source_rougeL_precision: rougeMetric('L', 'precision', 'source'),
  source_rougeL_recall: rougeMetric('L', 'recall', 'source'),
  bleu1: bleuMetric(1),
  bleu2: bleuMetric(2),
  bleu3: bleuMetric(3),
  bleu4: bleuMetric(4),
  meteor: meteorMetric,
  cider,
  repetition,
  distinct1: distinctMetric(1),
  distinct2: distinctMetric(2),
  flesch: fleschEase,
  flesch_kincaid: fleschKincaidGrade,
  vader,
  afinn,
  perplexity,
  kl,
};
