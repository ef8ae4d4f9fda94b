import * as z from 'zod';
import { filePath } from '../file-path';
import { learningRate, maxGradientNorm, textTraining, trainsEverything } from './text-training';

export const sft = z.strictObject({
  algorithm: z.literal('sft').describe('Supervised training on a text: pre-training, or fine-tuning on prompts and their completions.'),
  ...textTraining,
  data: filePath.describe('What is learned, relative to this file: .txt with one text a line, or .jsonl with the field text, or prompt and completion (or reference), of which the completion alone is learned.'),
  batch: z.int().min(1).describe('Sequences an iteration.').default(16),
  minibatch: z.int().min(1).describe('Sequences of one forward and backward pass; their gradients are added up to one step an iteration.').default(16),
  maxTokens: z.int().min(2).describe('Longest sequence, in tokens; what goes beyond is cut off.').default(128),
  learningRate: learningRate(1e-3),
  maxGradientNorm: maxGradientNorm(1),
  lora: trainsEverything,
});
export type SftConfig = z.infer<typeof sft>;
