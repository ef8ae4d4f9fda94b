import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { adaptedLinears } from '../architecture/adapter-factors';
import { describeArchitecture, type Architecture } from '../architecture/architecture';
import { checkChatTemplate, checkModel, checkTokenizer } from '../architecture/check-model';
import { checkPolicy } from '../architecture/policy';
import { holdsWeights } from '../checkpoint/checkpoint';
import { SoupError } from '../errors';
import type { DeclaredMetric } from '../experiment/declared-metrics';
import type { Problem } from '../experiment/diagnostic';
import { expertsOf, scalarisedName } from '../experiment/experts';
import { experimentFileError, locateProblems } from '../experiment/parse';
import { runsDirectory } from '../experiment/plan';
import type { Experiment, TrainOverrides } from '../experiment/schema';
import { layeredSettings, trainsBase } from '../experiment/settings';
import type { TextTask } from '../experiment/tasks/text';
import type { KeyPath } from '../experiment/yaml-source';

/** Something that the experiment file names, by its key, and what looks at it. */
interface Check {
  readonly path: KeyPath;
  /** @throws SoupError */
  look(): Promise<unknown> | unknown;
}

/**
 * What an experiment names and cannot use: models that do not open here, layers that an adapter cannot have, files
 * that are not there. Configs and headers alone are read, so that it takes moments. What finished trainings were made from
 * is not looked for any more.
 * @param file path of the experiment file, which relative paths start from
 */
export async function fileProblems(experiment: Experiment, file: string): Promise<Problem[]> {
  const { task, metrics } = experiment;
  const at = (relative: string): string => path.resolve(path.dirname(file), relative);
  if (task.type !== 'text' && experiment.base.checkpoint === undefined) return []; // nothing is named
  const isOpen = await openTrainings(experiment, file);
  if (task.type !== 'text') return problemsOf(policyChecks(experiment, at, isOpen));
  const { checks, architecture } = modelChecks(experiment, task, at, isOpen);
  const problems = await problemsOf([
    ...checks,
    ...['prompts', 'validationPrompts'].flatMap((key) => fileCheck(['task', key], task[key as 'prompts'], at)),
    ...dataChecks(experiment, at, isOpen),
    ...Object.entries(metrics).flatMap(([name, metric]) => metricChecks(['metrics', name], metric, at)),
  ]);
  const described = await architecture().catch(() => null);
  return described ? [...problems, ...await problemsOf(targetChecks(experiment, described, isOpen))] : problems;
}

/**
 * Refuses an experiment with such problems.
 * @param variant the one that the experiment is, if any
 * @throws SoupError ExperimentFileError `path:line:column: message`, the first problem
 */
export async function refuseUnusableFiles(experiment: Experiment, file: string, variant?: string): Promise<void> {
  const problems = await fileProblems(experiment, file);
  if (problems.length > 0) throw experimentFileError(file, locateProblems(await readFile(file, 'utf8'), problems, variant ?? null));
}

/** Tells which trainings have not left their weights yet, by id. */
async function openTrainings(experiment: Experiment, file: string): Promise<(id: string) => boolean> {
  const directory = runsDirectory(file, experiment);
  if (!(await stat(directory).catch(() => null))) return () => true; // most of many variants
  const ids = ['base', ...runsOf(experiment).map(({ id }) => id)];
  const trained = await Promise.all(ids.map((id) => holdsWeights(path.join(directory, id))));
  return (id) => !trained[ids.indexOf(id)];
}

async function problemsOf(checks: readonly Check[]): Promise<Problem[]> {
  const found = await Promise.all(checks.map(async ({ path: keys, look }): Promise<Problem[]> => {
    try {
      await look();
      return [];
    } catch (error) {
      if (!(error instanceof SoupError)) throw error;
      return [{ code: 'unusable-file', message: `${keys.join('.')}: ${error.message}`, path: keys, of: 'value' }];
    }
  }));
  return found.flat();
}

/** Of the policy that the trainings of a control task start from. */
function policyChecks(experiment: Experiment, at: (relative: string) => string, isOpen: (id: string) => boolean): Check[] {
  const { checkpoint } = experiment.base;
  if (checkpoint === undefined || !runsOf(experiment).some(({ id }) => isOpen(id))) return [];
  return [{ path: ['base', 'checkpoint'], look: () => checkPolicy(at(checkpoint)) }];
}

/** Of the model that trainings start from, and how to come by its architecture. */
function modelChecks(experiment: Experiment, task: TextTask, at: (relative: string) => string, isOpen: (id: string) => boolean): { readonly checks: Check[]; readonly architecture: () => Promise<Architecture | null> } {
  const { base: { checkpoint } } = experiment;
  const [key, model] = checkpoint === undefined ? [['task', 'model'], task.model] as const : [['base', 'checkpoint'], checkpoint] as const;
  const isNeeded = !trainsBase(experiment) || experiment.base.shared === false || isOpen('base');
  if (model === undefined || !isNeeded) return { checks: [], architecture: () => Promise.resolve(null) };
  const isDirectory = typeof model === 'string';
  const tokenizer = at(isDirectory ? model : model.tokenizer);
  const open = async (): Promise<Architecture> => (isDirectory ? checkModel(tokenizer) : describeArchitecture('the new model', model.create));
  const checks: Check[] = [
    { path: isDirectory ? key : [...key, 'create'], look: open },
    ...(isDirectory ? [] : [{ path: [...key, 'tokenizer'], look: () => checkTokenizer(tokenizer) }]),
    ...(task.chat ? [{ path: ['task', 'chat'], look: () => checkChatTemplate(tokenizer) }] : []),
  ];
  return { checks, architecture: open };
}

/** Layers of new adapters, where a training names some. */
function targetChecks(experiment: Experiment, architecture: Architecture, isOpen: (id: string) => boolean): Check[] {
  const { train } = experiment;
  const targets = (lora: unknown): readonly string[] | undefined => (lora as { readonly targets?: readonly string[] } | null | undefined)?.targets;
  const trainings = runsOf(experiment).filter(({ id }) => isOpen(id)).map(({ key, overrides }) => ({ key: overrides.lora === undefined ? ['train'] : key, lora: layeredSettings(train, overrides).lora }));
  return unique(trainings.filter(({ lora }) => targets(lora)).map(({ key, lora }) => ({ path: [...key, 'lora', 'targets'], look: () => adaptedLinears(architecture, targets(lora)) })));
}

/** What supervised trainings learn. */
function dataChecks(experiment: Experiment, at: (relative: string) => string, isOpen: (id: string) => boolean): Check[] {
  const { train } = experiment;
  const trainings = [...(trainsBase(experiment) ? [{ id: 'base', key: ['base'], overrides: experiment.base }] : []), ...runsOf(experiment)];
  return unique(trainings.filter(({ id }) => isOpen(id)).flatMap(({ key, overrides }) => {
    const { data } = layeredSettings(train, overrides);
    return fileCheck([...(overrides.data === undefined ? ['train'] : key), 'data'], data, at);
  }));
}

interface NamedOverrides {
  /** as `planExperiment` calls the run */
  readonly id: string;
  readonly key: KeyPath;
  readonly overrides: TrainOverrides;
}

function runsOf(experiment: Experiment): NamedOverrides[] {
  const experts = expertsOf(experiment).filter(({ snapshot }) => snapshot === null).map(({ name, overrides }) => ({ id: `experts/${name}`, key: ['experts', name], overrides }));
  return [...experts, ...experiment.morl.map(({ name, weights, ...overrides }, index) => ({ id: `morl/${name ?? scalarisedName(weights)}`, key: ['morl', index], overrides }))];
}

function metricChecks(key: KeyPath, metric: DeclaredMetric, at: (relative: string) => string): Check[] {
  switch (metric.type) {
    case 'classifier': return [...['config.json', 'tokenizer.json', 'onnx/model.onnx'].flatMap((name) => fileCheck([...key, 'directory'], path.join(metric.directory, name), at)), ...labelCheck(key, metric, at)];
    case 'module': return fileCheck([...key, 'file'], metric.file, at);
    case 'perplexity': return [{ path: [...key, 'model'], look: () => checkModel(at(metric.model)) }];
    case 'server': return [];
  }
}

/** Whether a classifier has the class whose score is to count; a config.json that is not there is found missing elsewhere. */
function labelCheck(key: KeyPath, { directory, label }: Extract<DeclaredMetric, { type: 'classifier' }>, at: (relative: string) => string): Check[] {
  if (label === undefined) return [];
  const look = async (): Promise<void> => {
    const file = at(path.join(directory, 'config.json'));
    const text = await readFile(file, 'utf8').catch(() => null);
    if (text === null) return;
    const labels = labelsOf(text);
    if (!labels) throw new SoupError('ClassifierError', `${file} names no labels (id2label) — leave \`label\` out to take the only class, or the last one`);
    if (!labels.includes(label)) throw new SoupError('ClassifierError', `${file} has no label "${label}" — it has ${labels.join(', ')}`);
  };
  return [{ path: [...key, 'label'], look }];
}

function labelsOf(config: string): string[] | null {
  try {
    return Object.values((JSON.parse(config) as { readonly id2label: Readonly<Record<string, string>> }).id2label);
  } catch {
    return null;
  }
}

function fileCheck(key: KeyPath, relative: unknown, at: (relative: string) => string): Check[] {
  if (typeof relative !== 'string') return [];
  const file = at(relative);
  const look = async (): Promise<void> => {
    const stats = await stat(file).catch(() => null);
    if (!stats?.isFile()) throw new SoupError('MissingFileError', `${file} ${stats ? 'is no file' : 'does not exist'} — give its path relative to the experiment file`);
  };
  return [{ path: key, look }];
}

function unique(checks: readonly Check[]): Check[] {
  return [...new Map(checks.map((check) => [check.path.join('.'), check])).values()];
}
