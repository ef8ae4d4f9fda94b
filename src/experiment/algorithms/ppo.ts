import * as z from 'zod';

export const ppo = z.strictObject({
  steps: z.int().min(1).describe('Environment steps of the whole training.'),
  environments: z.int().min(1).describe('Environments that are stepped side by side.').default(16),
  rolloutSteps: z.int().min(1).describe('Control steps of each environment between two updates.').default(256),
  epochs: z.int().min(1).describe('Passes over the collected steps in each update.').default(10),
  minibatch: z.int().min(1).describe('Samples of one gradient step.').default(2048),
  learningRate: z.number().positive().describe('Step size of Adam.').default(3e-4),
  annealLearningRate: z.boolean().describe('Whether the learning rate falls linearly to 0 over the training.').default(true),
  gamma: z.number().min(0).max(1).describe('Discount factor γ.').default(0.99),
  gaeLambda: z.number().min(0).max(1).describe('λ of generalised advantage estimation.').default(0.95),
  clip: z.number().positive().describe('PPO clips the probability ratio to 1 ± clip.').default(0.2),
  entropyCoefficient: z.number().min(0).describe('Weight of the entropy bonus.').default(0),
  valueCoefficient: z.number().min(0).describe('Weight of the value loss.').default(0.5),
  maxGradientNorm: z.number().positive().describe('Gradients are scaled down to this global L2 norm.').default(0.5),
  targetKl: z.number().positive().nullable().describe('An update stops early above this KL divergence; null never stops it.').default(0.05),
  hidden: z.array(z.int().min(1)).min(1).describe('Widths of the hidden layers of policy and value function; the same for base and experts.').default([64, 64]),
});
export type PpoConfig = z.infer<typeof ppo>;

export const ppoTraining = ppo.extend({
  // `optional` makes it the algorithm of a `train` that names none
  algorithm: z.literal('ppo').optional().describe('How policies are trained: `ppo`, proximal policy optimisation, for locomotion; `ppo-kl`, `rloo`, `grpo` and `sft` for text.').default('ppo'),
  checkpointEverySteps: z.int().min(1).describe('Environment steps between two checkpoints from which a training can go on.').default(65_536),
});
