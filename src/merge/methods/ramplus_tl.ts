import { defineMethod } from './method';
import { reinforcedAgents } from './reinforced-agents';

/**
 * RAM+ with tensor-local factors (arXiv 2601.13572): as `ram`, an expert's unique changes times
 * 1 + r · min(shared / unique, alpha), counted in this tensor.
 */
export const ramplusTl = defineMethod({
  name: 'ramplus_tl',
  description: 'as ram, with unique changes amplified where an expert shares many others',
  inputs: { minimum: 0, maximum: Infinity, base: 'required' },
  parameters: {
    r: { type: 'number', default: 0.1, description: 'strength of the amplification' },
    alpha: { type: 'number', default: 0.2, minimum: 0, description: 'largest ratio of shared to unique changes that counts' },
    epsilon: { type: 'number', default: 1e-5, minimum: 0, description: 'a change up to it counts as none' },
  },
  modelParameters: {},
  program: (task) => {
    const { r, alpha, epsilon } = task.parameters;
    return reinforcedAgents(task, { epsilon, boost: (shared, unique) => 1 + r * Math.min(alpha, shared / Math.max(unique, epsilon)) });
  },
});
