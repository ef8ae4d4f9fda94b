import { algorithms, type TrainSettings } from './algorithms/registry';
import type { Experiment, TrainOverrides } from './schema';

/**
 * Settings of one run: those of `train` with its own laid over them. A run with an algorithm of its own starts from
 * that algorithm's defaults instead.
 * @returns the settings, still without what has no default; `algorithms[…].schema` checks and completes them
 */
export function layeredSettings(train: TrainSettings, own: TrainOverrides): Record<string, unknown> & { readonly algorithm: TrainSettings['algorithm'] } {
  const given = Object.fromEntries(Object.entries(own).filter(([, value]) => value !== undefined));
  const algorithm = own.algorithm ?? train.algorithm;
  return { ...(algorithm === train.algorithm ? train : {}), ...given, algorithm };
}

/** The same, complete. The experiment has passed `settingProblems`. */
export function settingsOf(train: TrainSettings, own: TrainOverrides): TrainSettings {
  const settings = layeredSettings(train, own);
  return algorithms[settings.algorithm].schema.parse(settings) as TrainSettings;
}

/** Whether the experiment trains its shared initialisation, instead of taking one that is there. */
export function trainsBase({ base, task }: Pick<Experiment, 'base' | 'task'>): boolean {
  if (base.checkpoint !== undefined) return false;
  return task.type === 'locomotion' || typeof task.model !== 'string' || Object.keys(base).length > 0;
}
