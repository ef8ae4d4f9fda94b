import { alongTaskVector } from './geometry';
import { defineMethod } from './method';

/** ExPO (Zheng et al. 2024): θ + α·(θ − θ₀), beyond the aligned model on the way that led to it from the base. */
export const expo = defineMethod({
  name: 'expo',
  description: 'extrapolation from the base beyond its fine-tuning, by alpha times the way between them',
  inputs: { minimum: 1, maximum: 1, base: 'required' },
  parameters: { alpha: { type: 'number', default: null, minimum: 0, description: 'how far beyond, in task vectors' } },
  modelParameters: {},
  program: (task) => alongTaskVector(task, 1 + task.parameters.alpha),
});
