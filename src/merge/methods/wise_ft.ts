import { alongTaskVector } from './geometry';
import { defineMethod } from './method';

/** WiSE-FT (Wortsman et al. 2022b): (1 − α)·θ₀ + α·θ, from the base at α = 0 to its fine-tuning at α = 1. */
export const wiseFt = defineMethod({
  name: 'wise_ft',
  description: 'interpolation between the base (alpha = 0) and its fine-tuning (alpha = 1)',
  inputs: { minimum: 1, maximum: 1, base: 'required' },
  parameters: { alpha: { type: 'number', default: 0.5, minimum: 0, maximum: 1, description: 'share of the fine-tuning' } },
  modelParameters: {},
  program: (task) => alongTaskVector(task, task.parameters.alpha),
});
