import { SoupError } from '../../errors';
import { halfCheetah } from './locomotion/half-cheetah';
import { humanoid } from './locomotion/humanoid';
import type { ControlTask } from './task';

/** One line a task, keyed by `task.environment` of the experiment file. */
const tasks: Readonly<Record<string, ControlTask>> = {
  'half-cheetah': halfCheetah,
  humanoid,
};

/**
 * The task of that name.
 * @throws UnknownTaskError
 */
export function taskNamed(name: string): ControlTask {
  const task = tasks[name];
  if (!task) throw new SoupError('UnknownTaskError', `Unknown environment "${name}": use one of ${Object.keys(tasks).join(', ')}.`);
  return task;
}
