import * as z from 'zod';
import { filePath } from '../file-path';
import type { Metric } from '../metrics';
import { textMetrics } from '../text-metrics';

const newModel = z.strictObject({
  create: z.record(z.string(), z.unknown()).describe('A model of random weights: the keys of transformers\' config.json, such as model_type: llama, hidden_size, num_hidden_layers.'),
  tokenizer: filePath.describe('Directory with the tokenizer of the new model (tokenizer.json and tokenizer_config.json); relative to this file.'),
});

export const textTask = z.strictObject({
  type: z.literal('text').describe('A language model that continues prompts; its metrics measure the continuations.'),
  model: z.union([filePath, newModel]).describe('Directory of a model in the Hugging Face layout, relative to this file, or { create, tokenizer } for a new one. A directory is the shared initialisation itself unless `base` says how to train it further.').optional(),
  prompts: filePath.describe('File of prompts, relative to this file: .txt with one a line, or .jsonl with the fields prompt, reference (a text or a list) and source.'),
  validationPrompts: filePath.describe('Prompts that the sweep evaluates on. Default: a part of `prompts` that no training sees.').optional(),
  validation: z.number().gt(0).lt(1).describe('Share of `prompts` that is kept for the sweep where `validationPrompts` names no file.').default(0.2),
  chat: z.boolean().describe('Whether a prompt is a message of the user that the model\'s chat template wraps.').default(false),
  system: z.string().describe('Message of the system in front of every prompt; needs `chat`.').optional(),
  maxNewTokens: z.int().min(1).describe('Longest continuation, in tokens. The paper uses 16 to 32.').default(32),
  minNewTokens: z.int().min(0).describe('No end of text before so many tokens.').default(0),
  temperature: z.number().min(0).describe('Divides the logits before sampling; 0 always takes the most likely token.').default(1),
  topK: z.int().min(0).describe('Samples among the k most likely tokens; 0 among all.').default(0),
  topP: z.number().gt(0).max(1).describe('Samples among the most likely tokens that together reach this probability.').default(1),
  repetitionPenalty: z.number().positive().describe('Divides the logits of tokens that stand there already; 1 does nothing.').default(1),
  stop: z.array(z.string().min(1)).describe('Texts that end a continuation; they are cut off.').default([]),
  evaluation: z.enum(['sample', 'greedy']).describe('How the sweep continues prompts: `sample` as in training, with the same random numbers at every point, or `greedy`, always the most likely token.').default('sample'),
  blend: z.enum(['factor', 'delta']).describe('How LoRA experts are blended: `factor` averages A and B separately, as the paper\'s code does; `delta` averages the products BA, which is exact.').default('factor'),
});
export type TextTask = z.infer<typeof textTask>;

export const metricsOfText: readonly Metric[] = Object.entries(textMetrics).map(([name, metric]) => ({ name, ...metric }));
