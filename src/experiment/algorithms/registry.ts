import * as z from 'zod';
import type { TaskType } from '../tasks/registry';
import { grpo, type GrpoConfig } from './grpo';
import { ppo, ppoTraining } from './ppo';
import { ppoKl, type PpoKlConfig } from './ppo-kl';
import { rloo, type RlooConfig } from './rloo';
import { sft, type SftConfig } from './sft';

export type PpoTraining = z.infer<typeof ppoTraining> & { readonly algorithm: 'ppo' };
/** Settings of one training of a language model, everything filled in. */
export type TextSettings = PpoKlConfig | RlooConfig | GrpoConfig | SftConfig;
/** Settings of one training, everything filled in. */
export type TrainSettings = PpoTraining | TextSettings;
export type AlgorithmName = TrainSettings['algorithm'];

interface Algorithm {
  readonly task: TaskType;
  /** what it maximises: `likelihood` of its data, or the run's reward */
  readonly maximises: 'reward' | 'likelihood';
  readonly schema: z.ZodObject;
}

/** One line an algorithm. `src/trainer/algorithms` computes those of text, one file each, listed in its own registry. */
export const algorithms: Readonly<Record<AlgorithmName, Algorithm>> = {
  ppo: { task: 'locomotion', maximises: 'reward', schema: ppoTraining },
  'ppo-kl': { task: 'text', maximises: 'reward', schema: ppoKl },
  rloo: { task: 'text', maximises: 'reward', schema: rloo },
  grpo: { task: 'text', maximises: 'reward', schema: grpo },
  sft: { task: 'text', maximises: 'likelihood', schema: sft },
};
export const algorithmNames = Object.keys(algorithms) as readonly AlgorithmName[];

export const trainSchema = z.discriminatedUnion('algorithm', [ppoTraining, ppoKl, rloo, grpo, sft]);

/** Every setting of every algorithm, for layers that are laid over `train`; which of them fit is looked at afterwards. */
export const everySetting = z.strictObject({
  ...sft.shape,
  ...grpo.shape,
  ...rloo.shape,
  ...ppoKl.shape,
  ...ppo.shape,
  maxGradientNorm: ppoKl.shape.maxGradientNorm,
  steps: ppo.shape.steps.describe('Steps of the whole training: environment steps, or iterations with a language model.'),
  batch: ppoKl.shape.batch.unwrap().describe('Sequences or continuations an iteration.'),
  epochs: ppo.shape.epochs.describe('Passes over what was collected in each update.'),
  checkpointEverySteps: ppoKl.shape.checkpointEverySteps.unwrap().describe('Steps between two checkpoints from which a training can go on.'),
  algorithm: z.enum(['ppo', 'ppo-kl', 'rloo', 'grpo', 'sft']).describe('How this run is trained. One that differs from `train` takes nothing from there but its own defaults.'),
});
