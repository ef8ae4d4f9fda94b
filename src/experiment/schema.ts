import * as z from 'zod';
import { studyOverridesSchema, studySchema } from '../studies/registry';
import { everySetting, trainSchema } from './algorithms/registry';
import { filePath } from './file-path';
import { declaredMetric } from './declared-metrics';
import { everyTaskKey, taskSchema } from './tasks/registry';

export type { PpoConfig } from './algorithms/ppo';
export type { TrainSettings } from './algorithms/registry';
export type { TaskConfig } from './tasks/registry';

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
    const inner = field instanceof z.ZodDefault || field instanceof z.ZodPrefault ? field.unwrap() : field;
    return [key, z.optional(inner as z.ZodType)];
  });
  return z.strictObject(Object.fromEntries(entries)) as unknown as z.ZodObject<Overrides<S>, z.core.$strict>;
}

const task = taskSchema.describe('What is learned, and how its metrics are measured.');
// Descriptions stand before defaults, so that `overrides` keeps them.
const trainOverrides = overrides(everySetting);
const trainSettings = trainSchema.describe('Settings of every training; base, experts and morl may override them.');
export type TrainOverrides = z.infer<typeof trainOverrides>;

const base = trainOverrides.extend({
  reward: expression.optional().describe('The shared reward that the base is trained on: an expression over rewards and metrics. Default: the mean of all rewards.'),
  checkpoint: filePath.optional().describe('An existing checkpoint directory to start from, instead of training a base; relative to this file.'),
  shared: z.boolean().optional().describe('`false` trains a base for each expert, from seeds of their own: the experts then share no initialisation, which soups are not made for. Default: true.'),
}).describe('The shared initialisation θ₀ that every expert starts from, and what its training overrides.');

const expert = trainOverrides.extend({
  reward: expression.optional().describe('What this expert maximises: an expression over rewards and metrics. Default: the reward of the expert\'s name.'),
  of: name.optional().describe('Not a training of its own: the policy of this other expert as it was at an earlier time, `at`.'),
  at: z.number().gt(0).max(1).optional().describe('With `of`: how far that expert\'s training had come, from 0 to 1.'),
}).describe('One expert, and what its training overrides.');

const morl = trainOverrides.extend({
  name: name.optional().describe('Name of the run. Default: made of its weights.'),
  weights: z.record(name, z.number().min(0)).describe('Weights μ of the experts\' rewards, by expert name: the run maximises Σ μᵢRᵢ. Each at least 0, together 1.'),
});

export const searchSchema = z.strictObject({
  preference: z.union([expression, z.array(expression).min(1)]).describe('What the best λ is looked for: an expression over rewards and metrics such as min(risky, cautious), or a list of them that are searched for in turn. Default: the mean of the rewards.').optional(),
  appliesTo: z.enum(['samples', 'means']).describe('Whether the preference values each sample, and is then averaged, or the mean rewards.').default('samples'),
  budget: z.int().min(3).describe('λ that are evaluated in all, experts included.').default(40),
  batch: z.int().min(1).describe('λ that are proposed at a time.').default(4),
}).describe('Looks for the best λ by Bayesian optimisation instead of evaluating a grid; worth it from three experts on.');

const sweep = z.strictObject({
  grid: z.int().min(2).describe('Values of λ on each edge of the simplex, ends included. The paper uses 11, for text.').default(11),
  samples: z.int().min(2).describe('Episodes (or prompts) a point. Sample k of every point uses the same seed. The paper uses 200, for text.').default(64),
  search: searchSchema.optional(),
  points: z.array(z.record(name, z.number().min(0))).describe('Further λ that are evaluated, by expert name: each at least 0, together 1; an expert that is left out has 0. Example: - { risky: 0.35, cautious: 0.65 }').default([]),
  predictions: z.boolean().describe('Whether beside each soup the ensemble of the same experts\' predictions is evaluated, to tell averaging weights from averaging outputs (the mean action; the mean of the logits, for text). Makes the sweep at least twice as long.').default(false),
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
  slurm: z.string().describe('Options of srun that `--launcher slurm` asks for a training with. Example: --gres=gpu:1 --time=2:00:00').optional(),
  command: z.string().min(1).describe('Command line that `--launcher command` starts a training with, without a shell; {argv} stands for the trainer\'s own command line, {name} for the name of the run. Example: ssh gpu-box {argv}').optional(),
}).describe('How trainings are started elsewhere than on this machine.');

const rewards = z.record(rewardName, expression.describe('An expression over metrics and rewards, such as velocity - 3 * energy.'))
  .describe('Rewards by name: expressions over the task\'s metrics, other rewards and `progress` (0 at the start of a training, 1 at its end). The paper uses velocity - α * energy for bodies, with α = 0 (risky) and α = 1 (cautious).');
const metrics = z.record(rewardName, declaredMetric).describe('Metrics of your own by name, for text: neural reward models, reward servers, modules. Rewards are expressions over them and the task\'s.');
const experts = z.record(name, expert).describe('Experts by name. Left out, there is one expert a reward, of the same name.');
const seed = z.int().min(0).max(0xffffffff).describe('Seed of the whole experiment: the seed of each run follows from it and from the name of the run.');
const backend = z.enum(backendNames).describe('What computes: `auto` takes the best that works here, and `soup doctor` tells which do. A named backend is never replaced silently.');
const morlRuns = z.array(morl).describe('Trainings on a weighted sum of the experts\' rewards (multi-objective reinforcement learning), to compare the soups with.');

/** What a variant may override; objects are merged key by key, lists and single values are replaced. */
const variant = z.strictObject({
  seed: seed.optional(),
  backend: backend.optional(),
  task: overrides(everyTaskKey).describe(task.description!).optional(),
  metrics: metrics.optional(),
  rewards: rewards.optional(),
  train: trainOverrides.describe(trainSettings.description!).optional(),
  base: base.optional(),
  experts: experts.optional(),
  morl: morlRuns.optional(),
  sweep: overrides(sweep).describe(sweep.description!).optional(),
  check: overrides(check).describe(check.description!).optional(),
  front: overrides(front).describe(front.description!).optional(),
  launcher: launcher.optional(),
  study: studyOverridesSchema.optional(),
});
export type ExperimentOverrides = z.input<typeof variant>;

/** The whole experiment file. Every key has a description, which editors show on hover, and every default stands here. */
export const experimentSchema = z.strictObject({
  name: name.describe('Name of the experiment: its runs go to runs/<name> beside this file.'),
  seed: seed.default(0),
  backend: backend.default('auto'),
  task,
  metrics: metrics.default({}),
  rewards,
  train: trainSettings,
  base: base.prefault({}),
  experts: experts.default({}),
  morl: morlRuns.default([]),
  sweep: sweep.prefault({}),
  check: check.prefault({}),
  front: front.prefault({}),
  launcher: launcher.optional(),
  study: studySchema.optional(),
  variants: z.record(name, variant).describe('Named overrides: `soup run FILE --variant full` lays `full` over the rest, and its runs go to runs/<name>-full.').default({}),
}).describe('An experiment with rewarded soups: one base, one expert a reward, and the soups between them.');

/** An experiment with its defaults filled in. */
export type Experiment = z.infer<typeof experimentSchema>;
