import { cellExperiment } from '../studies/plan-study';
import { studyOf } from '../studies/registry';
import type { Problem } from './diagnostic';
import { expanderOf, expertsOf, scalarisedName, type Expert } from './experts';
import { ExpressionError } from './expression-error';
import { reservedNames } from './expression-functions';
import { metricNames } from './metrics';
import { nearestName } from './nearest-name';
import type { Expand } from './reward-expansion';
import { settingProblems } from './setting-problems';
import { trainsBase } from './settings';
import { taskProblems } from './task-problems';
import type { Experiment } from './schema';
import type { KeyPath } from './yaml-source';

/** What the schema cannot say: names and expressions that mean nothing, weights off the simplex, runs that would collide. */
export function meaningProblems(experiment: Experiment): Problem[] {
  const expand = expanderOf(experiment);
  const problems = [...settingProblems(experiment), ...taskProblems(experiment), ...rewardProblems(experiment, expand), ...baseProblems(experiment, expand), ...expertProblems(experiment, expand), ...mixtureProblems(experiment), ...searchProblems(experiment, expand), ...referenceProblems(experiment)];
  return problems.length > 0 ? problems : studyProblems(experiment, expand);
}

/** Expressions of a study, and what is wrong with any of the experiments that it makes. */
function studyProblems(experiment: Experiment, expand: Expand): Problem[] {
  const { study: settings } = experiment;
  if (!settings) return [];
  const study = studyOf(settings);
  const unmet = study.requires?.(experiment, settings) ?? null;
  if (unmet !== null) return [{ code: 'wrong-value', message: `study: ${unmet}`, path: ['study'], of: 'key' }];
  const problems = Object.entries(study.expressions?.(settings) ?? {}).flatMap(([path, text]) => expressionProblems(text, ['study', ...path.split('.')], expand));
  if (problems.length > 0) return problems;
  const ofCells = study.cells(experiment, settings).flatMap((cell) => meaningProblems(cellExperiment(experiment, cell, settings.seeds[0]!)).map(({ code, message }): Problem => ({ code, message: `study, ${cell.name}: ${message}`, path: ['study'], of: 'key' })));
  return [...duplicateSeeds(settings.seeds), ...ofCells];
}

function duplicateSeeds(seeds: readonly number[]): Problem[] {
  const twice = seeds.find((seed, index) => seeds.indexOf(seed) !== index);
  return twice === undefined ? [] : [{ code: 'duplicate-name', message: `study.seeds: ${twice} is there twice, which would count one training as two`, path: ['study', 'seeds'], of: 'value' }];
}

function rewardProblems(experiment: Experiment, expand: Expand): Problem[] {
  const { rewards } = experiment;
  const metrics = metricNames(experiment);
  const problems: Problem[] = Object.keys(rewards).length === 0 ? [{ code: 'missing-key', message: 'rewards: name at least one reward', path: ['rewards'], of: 'value' }] : [];
  for (const [name, text] of Object.entries(rewards)) {
    const path = ['rewards', name];
    if (reservedNames.has(name)) problems.push({ code: 'reserved-name', message: `"${name}" already means something in expressions: give the reward another name`, path, of: 'key' });
    else if (metrics.includes(name) && text.trim() !== name) problems.push({ code: 'reserved-name', message: `"${name}" is a metric: a reward of that name would hide it, give the reward another name`, path, of: 'key' });
    else problems.push(...expressionProblems(text, path, (written) => expand(written, name)));
  }
  return problems;
}

function baseProblems(experiment: Experiment, expand: Expand): Problem[] {
  const { base } = experiment;
  if (base.shared === false && !trainsBase(experiment)) return [{ code: 'wrong-value', message: 'base.shared: a base that is given is the same for every expert: `false` needs one that is trained', path: ['base', 'shared'], of: 'key' }];
  return base.reward === undefined ? [] : expressionProblems(base.reward, ['base', 'reward'], expand);
}

function expertProblems(experiment: Experiment, expand: Expand): Problem[] {
  const experts = expertsOf(experiment);
  const problems: Problem[] = [...sameFolder(experts.map(({ name }) => name), (index) => ['experts', experts[index]!.name])];
  const where = Object.keys(experiment.experts).length > 0 ? 'experts' : 'rewards';
  if (experts.length < 2) problems.push({ code: 'too-few-experts', message: 'a soup needs at least two experts', path: [where], of: 'key' });
  for (const [name, { reward, hidden, of, at }] of Object.entries(experiment.experts)) {
    const path = ['experts', name];
    if (of !== undefined || at !== undefined) problems.push(...snapshotProblems(experiment, name));
    else if (reward !== undefined) problems.push(...expressionProblems(reward, [...path, 'reward'], expand));
    else if (!Object.hasOwn(experiment.rewards, name)) problems.push({ code: 'unknown-name', message: `${unknown('reward', name, Object.keys(experiment.rewards))} An expert of another name says its \`reward\``, path, of: 'key' });
    const layers = experiment.base.hidden ?? (experiment.train.algorithm === 'ppo' ? experiment.train.hidden : undefined);
    if (hidden && String(hidden) !== String(layers)) problems.push({ code: 'wrong-value', message: `experts.${name}.hidden: experts have the base's layers, ${layers}`, path: [...path, 'hidden'], of: 'value' });
  }
  return problems;
}

/** An expert that is another one at an earlier time has nothing of its own but that time. */
function snapshotProblems({ experts }: Experiment, name: string): Problem[] {
  const { of, at, ...own } = experts[name]!;
  const path = ['experts', name];
  if (of === undefined || at === undefined) return [{ code: 'missing-key', message: `experts.${name}: \`of\` and \`at\` belong together: the name of an expert and a time from 0 to 1`, path, of: 'key' }];
  const trained = Object.keys(experts).filter((other) => experts[other]!.of === undefined);
  const [key] = Object.keys(own);
  return [
    ...(trained.includes(of) ? [] : [{ code: 'unknown-expert', message: unknown('trained expert', of, trained), path: [...path, 'of'], of: 'value' } as const]),
    ...(key === undefined ? [] : [{ code: 'wrong-value', message: `experts.${name}.${key}: an expert that is \`of\` another one is not trained itself: remove the key`, path: [...path, key], of: 'key' } as const]),
  ];
}

/** Weights of MORL runs and of further points of the sweep. */
function mixtureProblems(experiment: Experiment): Problem[] {
  const names = expertsOf(experiment).map(({ name }: Expert) => name);
  const folders = experiment.morl.map((run) => run.name ?? scalarisedName(run.weights));
  const problems = sameFolder(folders, (index) => ['morl', index]);
  return [...problems, ...experiment.morl.flatMap(({ weights }, index) => weightsProblems(weights, names, ['morl', index, 'weights'])), ...experiment.sweep.points.flatMap((weights, index) => weightsProblems(weights, names, ['sweep', 'points', index]))];
}

function weightsProblems(weights: Readonly<Record<string, number>>, names: readonly string[], path: KeyPath): Problem[] {
  const strangers = Object.keys(weights).filter((name) => !names.includes(name)).map((name): Problem => ({ code: 'unknown-expert', message: unknown('expert', name, names), path: [...path, name], of: 'key' }));
  const sum = Object.values(weights).reduce((total, weight) => total + weight, 0);
  return Math.abs(sum - 1) > 1e-6 ? [...strangers, { code: 'weights', message: `weights lie on the simplex, but these sum to ${Number(sum.toFixed(6))}: scale them to sum to 1`, path, of: 'value' }] : strangers;
}

function searchProblems({ sweep: { search, samples }, study }: Experiment, expand: Expand): Problem[] {
  if (!search) return [];
  const path = ['sweep', 'search'];
  const preferences = [search.preference ?? []].flat();
  return [
    ...preferences.flatMap((text, index) => expressionProblems(text, [...path, 'preference', ...(Array.isArray(search.preference) ? [index] : [])], expand)),
    ...(samples < 8 ? [{ code: 'wrong-value', message: 'sweep.search: a search sees one half of the samples and is valued on the other: set sweep.samples to 8 or more', path, of: 'key' } as const] : []),
    ...(study ? [{ code: 'wrong-value', message: 'sweep.search: a study compares grids of λ: remove the search', path, of: 'key' } as const] : []),
  ];
}

function referenceProblems({ front: { reference }, rewards }: Experiment): Problem[] {
  if (typeof reference === 'string') return [];
  const path = ['front', 'reference'];
  const strangers = Object.keys(reference).filter((name) => !Object.hasOwn(rewards, name));
  const absent = Object.keys(rewards).filter((name) => !Object.hasOwn(reference, name));
  return [
    ...strangers.map((name): Problem => ({ code: 'unknown-name', message: unknown('reward', name, Object.keys(rewards)), path: [...path, name], of: 'key' })),
    ...(absent.length > 0 ? [{ code: 'missing-key', message: `front.reference: one number a reward; missing: ${absent.join(', ')}`, path, of: 'value' } as const] : []),
  ];
}

/** An error in a reward that this text refers to is reported there, not here. */
function expressionProblems(text: string, path: KeyPath, expand: Expand): Problem[] {
  try {
    expand(text);
    return [];
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error;
    return error.text === text ? [{ code: error.code, message: error.reason, path, of: 'value', span: error.span }] : [];
  }
}

/** Names that would share a folder where file names ignore case. */
function sameFolder(names: readonly string[], pathOf: (index: number) => KeyPath): Problem[] {
  return names.flatMap((name, index): Problem[] => {
    const twin = names.slice(0, index).find((earlier) => earlier.toLowerCase() === name.toLowerCase());
    return twin === undefined ? [] : [{ code: 'duplicate-name', message: `"${name}" would share its folder with "${twin}": give it another name`, path: pathOf(index), of: 'key' }];
  });
}

function unknown(what: string, name: string, known: readonly string[]): string {
  const nearest = nearestName(name, known);
  return `unknown ${what} "${name}"${nearest ? ` — did you mean "${nearest}"?` : '.'} Known: ${known.join(', ')}.`;
}

