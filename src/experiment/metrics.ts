/** A measured primitive of a task: what rewards are expressions over. */
export interface MetricDescription {
  readonly unit: string;
  readonly description: string;
}

/** Metrics by task type. An episode's value is the sum over its steps, divided by the episode's full length. */
export const taskMetrics: Readonly<Record<string, Readonly<Record<string, MetricDescription>>>> = {
  locomotion: {
    velocity: { unit: 'm/s', description: 'Forward speed of the root body over one control step.' },
    energy: { unit: '', description: 'Σ a²: sum of the squared actions (each within [−1, 1]) of one control step.' },
    alive: { unit: '', description: '1 on every step on which the body is healthy, 0 after a fall.' },
  },
};

/** Fraction of the training that is done, in [0, 1]: makes a reward non-stationary. 1 in evaluation. */
export const progressName = 'progress';

/** Names that a reward expression of this task may use. */
export function metricNames(taskType: string): string[] {
  return [...Object.keys(taskMetrics[taskType] ?? {}), progressName];
}
