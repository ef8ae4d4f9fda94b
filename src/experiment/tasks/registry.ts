import * as z from 'zod';
import type { Metric } from '../metrics';
import { locomotionMetrics, locomotionTask, type LocomotionTask } from './locomotion';
import { metricsOfText, textTask, type TextTask } from './text';

export type TaskConfig = LocomotionTask | TextTask;
export type TaskType = TaskConfig['type'];

/** One line a kind of task: what the file says of it, what it measures, and what one sample of a sweep is called. */
export const tasks = {
  locomotion: { schema: locomotionTask, metrics: locomotionMetrics, samples: 'episodes' },
  text: { schema: textTask, metrics: metricsOfText, samples: 'prompts' },
} as const satisfies Readonly<Record<TaskType, { readonly schema: z.ZodObject; readonly metrics: readonly Metric[]; readonly samples: string }>>;

export const taskTypes = Object.keys(tasks) as readonly TaskType[];

export const taskSchema = z.discriminatedUnion('type', [locomotionTask, textTask]);
/** Every key of every kind of task, for layers that are laid over a task. */
export const everyTaskKey = z.strictObject({ ...textTask.shape, ...locomotionTask.shape, type: z.enum(['locomotion', 'text']).describe('The kind of task.') });
