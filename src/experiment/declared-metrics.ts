import * as z from 'zod';
import { filePath } from './file-path';

const timeoutMs = z.int().min(1).describe('Milliseconds that one request may take.').default(60_000);

const better = z.enum(['higher', 'lower']).describe('Whether more or less of it is better. The diagnosis warns where a metric that no reward mentions gets worse while the rewards rise.');

const classifier = z.strictObject({
  type: z.literal('classifier').describe('What measures: `classifier` (a neural reward model in ONNX), `server` (an HTTP reward server), `module` (a JavaScript module of yours) or `perplexity` (under another language model).'),
  directory: filePath.describe('Directory of a text-classification model for transformers.js (config.json, tokenizer.json, onnx/model.onnx), relative to this file. Nothing is downloaded.'),
  label: z.string().min(1).describe('Class whose score counts, by its name in config.json. Default: the only class, or the last one.').optional(),
  output: z.enum(['probability', 'logit']).describe('The class\'s probability, or the logit before the softmax.').default('probability'),
  input: z.enum(['continuation', 'both']).describe('What is scored: the continuation alone, or prompt and continuation.').default('both'),
  better: better.optional(),
});

const server = z.strictObject({
  type: z.literal('server').describe('A server that scores batches over HTTP.'),
  url: z.url().describe('Gets POST requests {"samples": [{"prompt", "text", "references", "source"}]} and answers {"scores": [numbers]}.'),
  batch: z.int().min(1).describe('Samples of one request.').default(64),
  timeoutMs,
  retries: z.int().min(0).describe('Further attempts after a failed request, each after twice the wait of the one before.').default(5),
  retryAfterMs: z.int().min(0).describe('Wait before the first further attempt.').default(500),
  better: better.optional(),
});

const module = z.strictObject({
  type: z.literal('module').describe('A JavaScript module: `export default async (samples) => scores`.'),
  file: filePath.describe('The module (.mjs, .js or .cjs), relative to this file. It runs inside the trainer\'s process, with all its rights.'),
  better: better.optional(),
});

const perplexity = z.strictObject({
  type: z.literal('perplexity').describe('Perplexity of the continuation under a language model of your choice.'),
  model: filePath.describe('Directory of the model in the Hugging Face layout, relative to this file.'),
  better: better.default('lower'),
});

/** A metric that the file declares, because it needs a model, a server or a program. */
export const declaredMetric = z.discriminatedUnion('type', [classifier, server, module, perplexity]);
export type DeclaredMetric = z.infer<typeof declaredMetric>;
export type DeclaredMetrics = Readonly<Record<string, DeclaredMetric>>;

const descriptions: Readonly<Record<DeclaredMetric['type'], string>> = {
  classifier: 'Score of a neural reward model.',
  server: 'Score of a reward server.',
  module: 'Score of a module of yours.',
  perplexity: 'Perplexity under another language model.',
};
/** What a metric's values depend on: all but the judgement of them. */
export function measuring(metrics: DeclaredMetrics): Readonly<Record<string, Omit<DeclaredMetric, 'better'>>> {
  return Object.fromEntries(Object.entries(metrics).map(([name, { better: _judgement, ...metric }]) => [name, metric]));
}

export const describeDeclared = ({ type }: DeclaredMetric): string => descriptions[type];
