import path from 'node:path';
import type { TrainSettings } from './algorithms/registry';
import type { DeclaredMetric, DeclaredMetrics } from './declared-metrics';
import type { TaskConfig } from './tasks/registry';

/** Paths of an experiment file, which are relative to its directory, as a trainer anywhere can read them. */
export interface PathsFrom {
  task<T extends TaskConfig>(task: T): T;
  settings<T extends TrainSettings>(settings: T): T;
  metrics(metrics: DeclaredMetrics): DeclaredMetrics;
}

export function pathsFrom(file: string): PathsFrom {
  const absolute = (relative: string) => path.resolve(path.dirname(file), relative);
  const metric = (declared: DeclaredMetric): DeclaredMetric => {
    switch (declared.type) {
      case 'classifier': return { ...declared, directory: absolute(declared.directory) };
      case 'module': return { ...declared, file: absolute(declared.file) };
      case 'perplexity': return { ...declared, model: absolute(declared.model) };
      case 'server': return declared;
    }
  };
  return {
    task: (task) => {
      if (task.type !== 'text') return task;
      const { model, validationPrompts } = task;
      return {
        ...task,
        prompts: absolute(task.prompts),
        ...(validationPrompts === undefined ? {} : { validationPrompts: absolute(validationPrompts) }),
        ...(model === undefined ? {} : { model: typeof model === 'string' ? absolute(model) : { ...model, tokenizer: absolute(model.tokenizer) } }),
      };
    },
    settings: (settings) => (settings.algorithm === 'sft' ? { ...settings, data: absolute(settings.data) } : settings),
    metrics: (metrics) => Object.fromEntries(Object.entries(metrics).map(([name, declared]) => [name, metric(declared)])),
  };
}
