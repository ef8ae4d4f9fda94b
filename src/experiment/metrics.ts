import { describeDeclared, type DeclaredMetrics } from './declared-metrics';
import { tasks, type TaskType } from './tasks/registry';

/** A measured primitive that reward expressions may name. An episode's value is the mean over its whole horizon. */
export interface Metric {
  readonly name: string;
  readonly unit: string;
  readonly description: string;
  /** which way it gets better where no reward says so; absent where that is a matter of taste */
  readonly better?: Better;
}

/** Whether more or less of a metric is better. */
export type Better = 'higher' | 'lower';

/** Known in every expression: 0 at the start of a training and 1 at its end and in every evaluation. */
export const progress: Metric = { name: 'progress', unit: '', description: 'How far the training is: 0 at its start, 1 at its end.' };

/** What an experiment, or a job of it, says about its metrics. */
export interface Measured {
  readonly task: { readonly type: TaskType };
  readonly metrics?: DeclaredMetrics;
}

/** The metrics of an experiment, its task's and those that it declares, without `progress`. */
export function metricsOf({ task, metrics = {} }: Measured): readonly Metric[] {
  return [...tasks[task.type].metrics, ...Object.entries(metrics).map(([name, metric]) => ({ name, unit: '', description: describeDeclared(metric), ...(metric.better ? { better: metric.better } : {}) }))];
}

/** Every name that an expression over metrics may use: the metrics and `progress`. */
export function metricNames(measured: Measured): readonly string[] {
  return [...metricsOf(measured).map((metric) => metric.name), progress.name];
}

/** Which way each metric gets better, where that is known. */
export function betterOf(measured: Measured): Readonly<Record<string, Better>> {
  return Object.fromEntries(metricsOf(measured).flatMap(({ name, better }) => (better ? [[name, better]] : [])));
}
