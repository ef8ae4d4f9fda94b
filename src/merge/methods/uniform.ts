import { defineMethod } from './method';

/** Uniform model soup (Wortsman et al. 2022): the mean of all experts. */
export const uniform = defineMethod({
  name: 'uniform',
  description: 'mean of all experts, each with the same weight (uniform soup)',
  inputs: { minimum: 1, maximum: Infinity, base: 'none' },
  parameters: {},
  modelParameters: {},
  program: ({ inputs }) => (inputs.length === 1 ? { kind: 'copy', input: 0 } : { kind: 'combine', weights: inputs.map(() => 1 / inputs.length) }),
});
