import { defineMethod } from './method';
import { reinforcedAgents } from './reinforced-agents';

/** Reinforced Agent Merging (arXiv 2601.13572): unique changes in full, shared ones averaged. */
export const ram = defineMethod({
  name: 'ram',
  description: 'changes of one expert in full, changes that several made averaged',
  inputs: { minimum: 0, maximum: Infinity, base: 'required' },
  parameters: { epsilon: { type: 'number', default: 1e-5, minimum: 0, description: 'a change up to it counts as none' } },
  modelParameters: {},
  program: (task) => reinforcedAgents(task, { epsilon: task.parameters.epsilon, boost: null }),
});
