import { z } from 'zod';

/** Names of experts, runs and variants: they become directory names. */
const name = z.string().regex(/^[A-Za-z_][A-Za-z0-9_-]*$/, 'a name starts with a letter or _ and goes on with letters, digits, _ or -');
/** Names of rewards stand in expressions, where - would subtract. */
const rewardName = z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'the name of a reward starts with a letter or _ and goes on with letters, digits or _');
const expression = z.string().min(1);

export const backendNames = ['auto', 'tensorflow', 'webgpu', 'wasm', 'cpu'] as const;
export type BackendName = (typeof backendNames)[number];

type Unwrapped<T> = T extends z.ZodDefault<infer Inner> ? Inner : T;
type Overrides<S extends z.ZodRawShape> = { [K in keyof S]: z.ZodOptional<Extract<Unwrapped<S[K]>, z.core.SomeType>> };

/** The same keys, all optional and without their defaults: a layer that is laid over other settings. */
function overrides<S extends z.ZodRawShape>(object: z.ZodObject<S>): z.ZodObject<Overrides<S>, z.core.$strict> {
  const entries = Object.entries(object.shape).map(([key, field]) => {
    const inner = field instanceof z.ZodDefault ? field.unwrap() : field;
    return [key, z.optional(inner as z.ZodType)];
  });
  return z.strictObject(Object.fromEntries(entries)) as unknown as z.ZodObject<Overrides<S>, z.core.$strict>;
}

// Descriptions stand before defaults, so that `overrides` keeps them.
const task = z.strictObject({
  type: z.literal('locomotion').describe('The kind of task: `locomotion` is a simulated body (MuJoCo) that learns to move. Its metrics are velocity, energy and alive.'),
  environment: z.enum(['half-cheetah', 'humanoid']).describe('The MuJoCo body that learns to move.'),
  episodeSteps: z.int().min(1).describe('Control steps after which an episode is cut. Rewards are averages over this many steps; steps after a fall count 0.').default(1000),
}).describe('What is learned, and how its metrics are measured.');
export type TaskConfig = z.infer<typeof task>;

const ppo = z.strictObject({
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

const train = ppo.extend({
  algorithm: z.literal('ppo').describe('How policies are trained: proximal policy optimisation.').default('ppo'),
  checkpointEverySteps: z.int().min(1).describe('Environment steps between two checkpoints from which a training can go on.').default(65_536),
});
const trainOverrides = overrides(train);
const trainSettings = train.describe('Settings of every training; base, experts and morl may override them.');
/** Settings of one training, everything filled in. */
export type TrainSettings = z.infer<typeof train>;
export type TrainOverrides = z.infer<typeof trainOverrides>;

const base = trainOverrides.extend({
  reward: expression.optional().describe('The shared reward that the base is trained on: an expression over rewards and metrics. Default: the mean of all rewards.'),
  checkpoint: z.string().min(1).optional().describe('An existing checkpoint directory to start from, instead of training a base; relative to this file.'),
}).describe('The shared initialisation θ₀ that every expert starts from, and what its training overrides.');

const expert = trainOverrides.extend({
  reward: expression.optional().describe('What this expert maximises: an expression over rewards and metrics. Default: the reward of the expert\'s name.'),
}).describe('One expert, and what its training overrides.');

const morl = trainOverrides.extend({
  name: name.optional().describe('Name of the run. Default: made of its weights.'),
  weights: z.record(name, z.number().min(0)).describe('Weights μ of the experts\' rewards, by expert name: the run maximises Σ μᵢRᵢ. Each at least 0, together 1.'),
});

const sweep = z.strictObject({
  grid: z.int().min(2).describe('Values of λ on each edge of the simplex, ends included.').default(11),
  samples: z.int().min(2).describe('Episodes (or prompts) a point. Sample k of every point uses the same seed.').default(64),
}).describe('Which soups are evaluated, and on how many episodes.');

const check = z.strictObject({
  alpha: z.number().gt(0).lt(1).describe('Level of the intervals and tests.').default(0.05),
  tolerance: z.number().min(0).describe('How far below the chord between its experts a soup may fall, in units of the reward.').default(0),
  resamples: z.int().min(100).describe('Bootstrap resamples behind each interval.').default(2000),
}).describe('The check of linear mode connectivity.');

const front = z.strictObject({
  reference: z.union([z.enum(['nadir', 'init']), z.record(rewardName, z.number())]).describe('Reference point of the hypervolume: `nadir` (the worst value of each reward), `init` (the rewards of the base), or one number a reward.').default('nadir'),
}).describe('The Pareto front and its hypervolume.');

const launcher = z.strictObject({
  command: z.string().min(1).describe('Command line that `--launcher command` starts a training with, without a shell; {argv} stands for the trainer\'s own command line, {name} for the name of the run. Example: srun --gres=gpu:1 {argv}'),
}).describe('How trainings are started elsewhere than on this machine.');

const rewards = z.record(rewardName, expression.describe('An expression over metrics and rewards, such as velocity - 3 * energy.'))
  .describe('Rewards by name: expressions over the task\'s metrics, other rewards and `progress` (0 at the start of a training, 1 at its end).');
const experts = z.record(name, expert).describe('Experts by name. Left out, there is one expert a reward, of the same name.');
const seed = z.int().min(0).max(0xffffffff).describe('Seed of the whole experiment: the seed of each run follows from it and from the name of the run.');
const backend = z.enum(backendNames).describe('What computes: `auto` takes the best that works here, and `soup doctor` tells which do. A named backend is never replaced silently.');
const morlRuns = z.array(morl).describe('Trainings on a weighted sum of the experts\' rewards (multi-objective reinforcement learning), to compare the soups with.');

/** What a variant may override; objects are merged key by key, lists and single values are replaced. */
const variant = z.strictObject({
  seed: seed.optional(),
  backend: backend.optional(),
  task: overrides(task).describe(task.description!).optional(),
  rewards: rewards.optional(),
  train: trainOverrides.describe(trainSettings.description!).optional(),
  base: base.optional(),
  experts: experts.optional(),
  morl: morlRuns.optional(),
  sweep: overrides(sweep).describe(sweep.description!).optional(),
  check: overrides(check).describe(check.description!).optional(),
  front: overrides(front).describe(front.description!).optional(),
  launcher: launcher.optional(),
});

/** The whole experiment file. Every key has a description, which editors show on hover, and every default stands here. */
export const experimentSchema = z.strictObject({
  name: name.describe('Name of the experiment: its runs go to runs/<name> beside this file.'),
  seed: seed.default(0),
  backend: backend.default('auto'),
  task,
  rewards,
  train: trainSettings,
  base: base.prefault({}),
  experts: experts.default({}),
  morl: morlRuns.default([]),
  sweep: sweep.prefault({}),
  check: check.prefault({}),
  front: front.prefault({}),
  launcher: launcher.optional(),
  variants: z.record(name, variant).describe('Named overrides: `soup run FILE --variant full` lays `full` over the rest, and its runs go to runs/<name>-full.').default({}),
}).describe('An experiment with rewarded soups: one base, one expert a reward, and the soups between them.');

/** An experiment with its defaults filled in. */
export type Experiment = z.infer<typeof experimentSchema>;
