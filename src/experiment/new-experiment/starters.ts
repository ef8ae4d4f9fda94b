import { locomotionTask } from '../tasks/locomotion';
import type { TaskType } from '../tasks/registry';

/** A task to begin with, as a form offers it. */
export interface Starter {
  readonly task: TaskType;
  readonly label: string;
  readonly detail: string;
  /** keys of `task` */
  readonly settings: Readonly<Record<string, unknown>>;
  /** keys of `base`, where it is trained from nothing, and of `train`; without their steps */
  readonly base: Readonly<Record<string, unknown>>;
  readonly train: Readonly<Record<string, unknown>>;
  /** rewards that are known to conflict, by name */
  readonly rewards: Readonly<Record<string, string>>;
  readonly steps: number;
  /** what a step is */
  readonly unit: string;
}

const bodies: Readonly<Record<(typeof locomotionTask.shape.environment.options)[number], string>> = {
  'half-cheetah': 'A planar body with six actuators: quick to simulate.',
  humanoid: 'A body with 17 actuators, as in the paper: slow to simulate.',
};

/** The tasks that a form offers, by kind: a new kind is a line here. */
const byTask: Readonly<Record<TaskType, readonly Starter[]>> = {
  locomotion: locomotionTask.shape.environment.options.map((environment) => ({
    task: 'locomotion',
    label: environment,
    detail: bodies[environment],
    settings: { environment, episodeSteps: 1000 },
    base: { learningRate: 2e-3 },
    train: { environments: 16, rolloutSteps: 256, epochs: 10, minibatch: 2048, learningRate: 5e-4, gamma: 0.98, hidden: environment === 'humanoid' ? [256, 256] : [64, 64] },
    rewards: { risky: 'velocity', cautious: 'velocity - 2 * energy' },
    steps: environment === 'humanoid' ? 10_000_000 : 1_500_000,
    unit: 'environment steps',
  })),
  text: [{
    task: 'text',
    label: 'text',
    detail: 'A language model that continues prompts; its metrics measure the continuations.',
    settings: { maxNewTokens: 32, minNewTokens: 16 },
    base: {},
    train: { algorithm: 'ppo-kl', batch: 128, minibatch: 4, learningRate: 1.41e-5, klCoefficient: 0.2, lora: { rank: 16, alpha: 16, dropout: 0.05 } },
    rewards: { faithful: 'source_rouge1_recall', brief: '1 - length / 32' },
    steps: 100,
    unit: 'iterations',
  }],
};

export const starters: readonly Starter[] = Object.values(byTask).flat();
