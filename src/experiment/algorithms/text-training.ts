import * as z from 'zod';

export const lora = z.strictObject({
  rank: z.int().min(1).describe('Rank r of the adapter. The paper uses 16.').default(16),
  alpha: z.number().positive().describe('α: the adapter is scaled by α / r. The paper uses 16.').default(16),
  dropout: z.number().min(0).lt(1).describe('Dropout of the adapter\'s input while training. The paper uses 0.05.').default(0),
  targets: z.array(z.string().min(1)).min(1).describe('Last part of the names of the layers that get an adapter. Default: those of the attention, as in the paper.').optional(),
  rankStabilised: z.boolean().describe('Scales by α / √r instead (rsLoRA).').default(false),
});
export type LoraConfig = z.infer<typeof lora>;

const loraDescription = 'Trains a low-rank adapter in place of all weights; null trains all of them. The same for every expert.';

/** What every way to train a language model has. */
export const textTraining = {
  steps: z.int().min(1).describe('Iterations of the whole training.'),
  warmupSteps: z.int().min(0).describe('Iterations over which the learning rate rises from 0.').default(0),
  schedule: z.enum(['constant', 'linear', 'cosine']).describe('How the learning rate goes on after the warm-up: it stays, or falls to 0 at the end.').default('constant'),
  gradientCheckpointing: z.boolean().describe('Keeps of each layer its input alone for the gradient and computes the layer again then: less memory for about a third more work. The weights come out the same.').default(false),
  checkpointEverySteps: z.int().min(1).describe('Iterations between two checkpoints from which a training can go on.').default(25),
};
/** @param paper what the paper has used, where it is known */
export const learningRate = (value: number, paper?: string) => z.number().positive().describe(`Step size of Adam.${paper === undefined ? '' : ` The paper uses ${paper}.`}`).default(value);
export const maxGradientNorm = (value: number | null) => z.number().positive().nullable().describe('Gradients are scaled down to this global L2 norm; null never.').default(value);
export const trainsAdapter = lora.nullable().describe(loraDescription).prefault({});
export const trainsEverything = lora.nullable().describe(loraDescription).default(null);
