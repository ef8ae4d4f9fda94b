import * as z from 'zod';
import type { Metric } from '../metrics';

export const locomotionTask = z.strictObject({
  type: z.literal('locomotion').describe('The kind of task: `locomotion` is a simulated body (MuJoCo) that learns to move; its metrics are velocity, energy and alive. `text` is a language model that continues prompts.'),
  environment: z.enum(['half-cheetah', 'humanoid']).describe('The MuJoCo body that learns to move. The paper uses a humanoid.'),
  episodeSteps: z.int().min(1).describe('Control steps after which an episode is cut. Rewards are averages over this many steps; steps after a fall count 0.').default(1000),
});
export type LocomotionTask = z.infer<typeof locomotionTask>;

export const locomotionMetrics: readonly Metric[] = [
  { name: 'velocity', unit: 'm/s', description: 'Forward speed of the body.' },
  { name: 'energy', unit: '', description: 'Control effort Σ u², summed over the actuators.', better: 'lower' },
  { name: 'alive', unit: '', description: '1 while the body has not fallen, 0 afterwards.', better: 'higher' },
];
