import type { TaskConfig } from './schema';

/** A measured primitive that reward expressions may name. An episode's value is the mean over its whole horizon. */
export interface Metric {
  readonly name: string;
  readonly unit: string;
  readonly description: string;
}

/** One entry a kind of task; the task itself computes them, under the same names. */
const metricsOfTask: Readonly<Record<TaskConfig['type'], readonly Metric[]>> = {
  locomotion: [
    { name: 'velocity', unit: 'm/s', description: 'Forward speed of the body.' },
    { name: 'energy', unit: '', description: 'Control effort Σ u², summed over the actuators.' },
    { name: 'alive', unit: '', description: '1 while the body has not fallen, 0 afterwards.' },
  ],
};

/** Known in every expression: 0 at the start of a training and 1 at its end and in every evaluation. */
export const progress: Metric = { name: 'progress', unit: '', description: 'How far the training is: 0 at its start, 1 at its end.' };

/** The metrics of a kind of task, without `progress`. */
export function metricsOf(type: TaskConfig['type']): readonly Metric[] {
  return metricsOfTask[type];
}

/** Every name that an expression over metrics may use: the task's metrics and `progress`. */
export function metricNames(type: TaskConfig['type']): readonly string[] {
  return [...metricsOfTask[type].map((metric) => metric.name), progress.name];
}
