import { algorithms, type AlgorithmName } from './algorithms/registry';
import type { Problem } from './diagnostic';
import { nearestName } from './nearest-name';
import type { Experiment, TrainOverrides } from './schema';
import { layeredSettings, trainsBase } from './settings';
import type { KeyPath } from './yaml-source';

/** Settings that the algorithm of their run does not have or does not get, and algorithms that the task cannot use. */
export function settingProblems(experiment: Experiment): Problem[] {
  const { train, base, experts, morl } = experiment;
  const layers: readonly (readonly [KeyPath, TrainOverrides])[] = [
    ...(trainsBase(experiment) ? [[['base'], omit(base, 'reward', 'checkpoint', 'shared')] as const] : []),
    ...Object.entries(experts).map(([name, expert]) => [['experts', name], omit(expert, 'reward', 'of', 'at')] as const),
    ...morl.map((run, index) => [['morl', index], omit(run, 'name', 'weights')] as const),
  ];
  const own = algorithmProblems(experiment, train.algorithm, ['train', 'algorithm']);
  return own.length > 0 ? own : layers.flatMap(([path, overrides]) => layerProblems(experiment, path, overrides));
}

function layerProblems(experiment: Experiment, path: KeyPath, overrides: TrainOverrides): Problem[] {
  const settings = layeredSettings(experiment.train, overrides);
  const wrongAlgorithm = algorithmProblems(experiment, settings.algorithm, [...path, 'algorithm']);
  if (wrongAlgorithm.length > 0) return wrongAlgorithm;
  const known = Object.keys(algorithms[settings.algorithm].schema.shape);
  const strangers = Object.keys(overrides).filter((key) => !known.includes(key));
  if (strangers.length > 0) return strangers.map((key) => ({ code: 'unknown-key', message: `${path.join('.')}: ${settings.algorithm} has no setting "${key}"${hint(key, known)}`, path: [...path, key], of: 'key' }));
  const { error } = algorithms[settings.algorithm].schema.safeParse(settings);
  return (error?.issues ?? []).map((issue): Problem => {
    const isMissing = !Object.hasOwn(settings, String(issue.path[0]));
    return isMissing
      ? { code: 'missing-key', message: `${path.join('.')}: ${settings.algorithm} needs "${String(issue.path[0])}"`, path, of: 'key' }
      : { code: 'wrong-value', message: `${[...path, ...issue.path].join('.')}: ${issue.message}`, path: [...path, ...issue.path], of: 'value' };
  });
}

function algorithmProblems({ task }: Experiment, name: AlgorithmName, path: KeyPath): Problem[] {
  const fitting = Object.keys(algorithms).filter((other) => algorithms[other as AlgorithmName].task === task.type);
  return fitting.includes(name) ? [] : [{ code: 'wrong-value', message: `${path.join('.')}: ${name} does not train ${task.type}: use ${fitting.join(', ')}`, path, of: 'value' }];
}

function hint(key: string, known: readonly string[]): string {
  const nearest = nearestName(key, known);
  return nearest ? ` — did you mean "${nearest}"?` : `; it has: ${known.join(', ')}`;
}

function omit<T extends object, K extends keyof T>(object: T, ...keys: readonly K[]): Omit<T, K> {
  return Object.fromEntries(Object.entries(object).filter(([key]) => !(keys as readonly string[]).includes(key))) as Omit<T, K>;
}
