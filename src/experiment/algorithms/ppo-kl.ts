import * as z from 'zod';
import { learningRate, maxGradientNorm, textTraining, trainsAdapter } from './text-training';

/** Defaults are those of TRL's PPO and of the paper's text experiments (Ramé et al. 2023, appendix B.1). */
export const ppoKl = z.strictObject({
  algorithm: z.literal('ppo-kl').describe('Proximal policy optimisation with a price on the KL divergence from the shared initialisation.'),
  ...textTraining,
  batch: z.int().min(1).describe('Continuations an iteration. The paper uses 128.').default(128),
  minibatch: z.int().min(1).describe('Sequences of one forward and backward pass. The paper uses 4.').default(4),
  gradientAccumulation: z.int().min(1).describe('Minibatches whose gradients are added up for one step of Adam.').default(1),
  epochs: z.int().min(1).describe('Passes over the continuations in each iteration.').default(4),
  learningRate: learningRate(1.41e-5, '1.41e-5'),
  klCoefficient: z.number().min(0).describe('β: price of a nat of KL divergence in the reward, at the start. The paper uses 0.2.').default(0.2),
  klTarget: z.number().positive().nullable().describe('KL divergence in nats that an adaptive β steers to (Ziegler et al. 2019); null keeps β as it is.').default(6),
  klHorizon: z.number().positive().describe('Continuations over which an adaptive β changes; larger is slower.').default(10_000),
  clip: z.number().positive().describe('PPO clips the probability ratio to 1 ± clip.').default(0.2),
  valueClip: z.number().positive().describe('Values are clipped to the old ones ± this.').default(0.2),
  valueCoefficient: z.number().min(0).describe('Weight of the value loss.').default(0.1),
  gamma: z.number().min(0).max(1).describe('Discount factor γ.').default(1),
  gaeLambda: z.number().min(0).max(1).describe('λ of generalised advantage estimation.').default(0.95),
  maxGradientNorm: maxGradientNorm(null),
  lora: trainsAdapter,
});
export type PpoKlConfig = z.infer<typeof ppoKl>;
