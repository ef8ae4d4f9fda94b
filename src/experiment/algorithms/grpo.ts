import * as z from 'zod';
import { learningRate, maxGradientNorm, textTraining, trainsAdapter } from './text-training';

/** Defaults of Shao et al. 2024, section 4.2, but for the size of a group. */
export const grpo = z.strictObject({
  algorithm: z.literal('grpo').describe('Group relative policy optimisation: rewards are normalised within the samples of a prompt.'),
  ...textTraining,
  prompts: z.int().min(1).describe('Prompts an iteration.').default(16),
  samples: z.int().min(2).describe('Continuations of each prompt: the size of a group.').default(8),
  minibatch: z.int().min(1).describe('Sequences of one forward and backward pass; their gradients are added up to one step an epoch.').default(16),
  epochs: z.int().min(1).describe('Passes over the continuations in each iteration (μ).').default(1),
  learningRate: learningRate(1e-6),
  klCoefficient: z.number().min(0).describe('β: weight of the KL divergence from the shared initialisation, in the loss.').default(0.04),
  clip: z.number().positive().describe('The probability ratio is clipped to 1 ± clip.').default(0.2),
  maxGradientNorm: maxGradientNorm(1),
  lora: trainsAdapter,
});
export type GrpoConfig = z.infer<typeof grpo>;
