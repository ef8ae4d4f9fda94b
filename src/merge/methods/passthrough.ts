import { defineMethod } from './method';

/** One model's tensors as they are, times `scale`: what stacks the layers of models (mergekit's passthrough). */
export const passthrough = defineMethod({
  name: 'passthrough',
  description: 'one model as it is, times scale; with slices it stacks layers',
  inputs: { minimum: 1, maximum: 1, base: 'none' },
  parameters: {},
  modelParameters: { scale: { type: 'number', default: 1, description: 'factor of every value' } },
  program({ inputs: [{ scale }] }) {
    return scale === 1 ? { kind: 'copy', input: 0 } : { kind: 'combine', weights: [scale] };
  },
});
