import * as z from 'zod';
import { learningRate, maxGradientNorm, textTraining, trainsAdapter } from './text-training';

/** The learning rate and the number of samples are those of the paper's captioning experiment. */
export const rloo = z.strictObject({
  algorithm: z.literal('rloo').describe('REINFORCE whose baseline is the mean reward of the other samples of a prompt (self-critical training, RLOO).'),
  ...textTraining,
  prompts: z.int().min(1).describe('Prompts an iteration.').default(16),
  samples: z.int().min(2).describe('Continuations of each prompt. The paper uses 5, for captions.').default(5),
  minibatch: z.int().min(1).describe('Sequences of one forward and backward pass; their gradients are added up to one step an iteration.').default(16),
  learningRate: learningRate(1e-5, '1e-5, for captions'),
  klCoefficient: z.number().min(0).describe('β: price of a nat of KL divergence from the shared initialisation, in the reward.').default(0.05),
  maxGradientNorm: maxGradientNorm(1),
  lora: trainsAdapter,
});
export type RlooConfig = z.infer<typeof rloo>;
