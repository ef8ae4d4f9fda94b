import { z } from 'zod';

const expression = z.string().min(1);
const name = z.string().regex(/^[A-Za-z_][A-Za-z0-9_-]*$/, 'a name starts with a letter or _ and goes on with letters, digits, _ or -');

export const backendNames = ['auto', 'tensorflow', 'webgpu', 'wasm', 'cpu'] as const;
export type BackendName = (typeof backendNames)[number];

const task = z.strictObject({
  type: z.literal('locomotion'),
  environment: z.enum(['half-cheetah', 'humanoid']).describe('The MuJoCo body that learns to move.'),
  episodeSteps: z.int().min(1).default(1000).describe('Control steps after which an episode is cut.'),
}).describe('What is learned, and how its metrics are measured.');
export type TaskConfig = z.infer<typeof task>;

const ppo = z.strictObject({
  steps: z.int().min(1).describe('Environment steps of the whole training.'),
  environments: z.int().min(1).default(16).describe('Environments that are stepped side by side.'),
  rolloutSteps: z.int().min(1).default(256).describe('Control steps of each environment between two updates.'),
  epochs: z.int().min(1).default(10),
  minibatch: z.int().min(1).default(2048),
  learningRate: z.number().positive().default(3e-4),
  annealLearningRate: z.boolean().default(true),
  gamma: z.number().min(0).max(1).default(0.99),
  gaeLambda: z.number().min(0).max(1).default(0.95),
  clip: z.number().positive().default(0.2),
  entropyCoefficient: z.number().min(0).default(0),
  valueCoefficient: z.number().min(0).default(0.5),
  maxGradientNorm: z.number().positive().default(0.5),
  targetKl: z.number().positive().nullable().default(0.05).describe('An update stops early above this KL divergence; null never stops it.'),
  hidden: z.array(z.int().min(1)).min(1).default([64, 64]).describe('Widths of the hidden layers of policy and value function.'),
});
export type PpoConfig = z.infer<typeof ppo>;
