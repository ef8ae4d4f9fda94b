import type { Problem } from './diagnostic';
import { expertsOf } from './experts';
import type { Experiment } from './schema';
import { layeredSettings, trainsBase } from './settings';
import { tasks } from './tasks/registry';

/** What the parts of a text experiment ask of each other. */
export function taskProblems(experiment: Experiment): Problem[] {
  const { task, metrics } = experiment;
  if (task.type !== 'text') return Object.keys(metrics).map((name) => ({ code: 'unknown-key', message: `metrics.${name}: metrics of your own are for text, not for ${task.type}`, path: ['metrics', name], of: 'key' }));
  const builtin = tasks[task.type].metrics.map(({ name }) => name);
  const twins = Object.keys(metrics).filter((name) => builtin.includes(name) || name === 'progress');
  return [
    ...twins.map((name): Problem => ({ code: 'reserved-name', message: `"${name}" is a metric of its own: give yours another name`, path: ['metrics', name], of: 'key' })),
    ...startProblems(experiment),
    ...(task.system !== undefined && !task.chat ? [{ code: 'wrong-value', message: 'task.system: needs `chat: true`, which wraps prompts in the chat template', path: ['task', 'system'], of: 'key' } as const] : []),
    ...(task.minNewTokens > task.maxNewTokens ? [{ code: 'wrong-value', message: `task.minNewTokens: expected at most maxNewTokens, ${task.maxNewTokens}`, path: ['task', 'minNewTokens'], of: 'value' } as const] : []),
  ];
}

/** A base is trained with all its weights, from something; adapters of experts have one shape. */
function startProblems(experiment: Experiment): Problem[] {
  const { task, base, train } = experiment;
  if (task.type !== 'text') return [];
  const problems: Problem[] = [];
  if (task.model === undefined && base.checkpoint === undefined) problems.push({ code: 'missing-key', message: 'task.model: name the directory of a model, or say what to create', path: ['task'], of: 'key' });
  if (trainsBase(experiment) && layeredSettings(train, base).lora) problems.push({ code: 'wrong-value', message: 'base.lora: a base is trained with all its weights: write `lora: null`, or train the model elsewhere and name it in task.model', path: ['base'], of: 'key' });
  if (base.shared === false && expertsOf(experiment).some(({ overrides }) => layeredSettings(train, overrides).lora)) problems.push({ code: 'wrong-value', message: 'base.shared: adapters of different bases cannot be blended: train all weights of the experts (`lora: null`), or share the base', path: ['base', 'shared'], of: 'key' });
  const shapes = expertsOf(experiment).map(({ name, overrides }) => ({ name, shape: adapterShape(layeredSettings(train, overrides).lora) }));
  const other = shapes.find(({ shape }) => shape !== shapes[0]!.shape);
  if (other) problems.push({ code: 'wrong-value', message: `experts.${other.name}.lora: experts are blended tensor by tensor, so their adapters have the same rank, alpha and targets`, path: ['experts', other.name], of: 'key' });
  return problems;
}

function adapterShape(lora: unknown): string {
  if (lora === null || lora === undefined) return JSON.stringify(lora ?? null);
  const { rank, alpha, targets, rankStabilised } = lora as Record<string, unknown>;
  return JSON.stringify({ rank, alpha, targets, rankStabilised });
}
