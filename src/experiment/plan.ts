import { createHash } from 'node:crypto';
import path from 'node:path';
import { totalStepsOf, type Job, type LocomotionTrainJob, type SearchJob, type SweepJob, type SweepPoint, type TextTrainJob, type TrainJob } from '../runs/run-record';
import { baseReward, expanderOf, expertsOf, scalarised, scalarisedName, weightsName, type Expert } from './experts';
import { expandRewards } from './reward-expansion';
import { pathsFrom, type PathsFrom } from './absolute-paths';
import { algorithms, type TrainSettings } from './algorithms/registry';
import { metricNames } from './metrics';
import type { Experiment, TrainOverrides } from './schema';
import { settingsOf, trainsBase } from './settings';
import { simplexGrid } from './simplex-grid';
import { snapshotDirectory, snapshotStep } from './snapshots';

/** One run of an experiment. `id` is its directory below runs/<name>: `base`, `experts/risky`, `morl/…`, `sweep`. */
export interface PlannedRun<J extends Job = Job> {
  readonly id: string;
  /** absolute path */
  readonly directory: string;
  readonly job: J;
  /** ids of the runs whose checkpoints it needs */
  readonly dependsOn: readonly string[];
}

export interface Plan {
  readonly experiment: Experiment;
  /** absolute path of runs/<name> */
  readonly directory: string;
  /** base, experts and scalarised runs, in that order */
  readonly trainings: readonly PlannedRun<TrainJob>[];
  readonly sweep: PlannedRun<SweepJob>;
}

/** Where the runs of an experiment go: `runs/<name>` beside its file. */
export function runsDirectory(file: string, experiment: Pick<Experiment, 'name'>): string {
  return path.join(path.dirname(path.resolve(file)), 'runs', experiment.name);
}

/**
 * The seed of a run: the first 31 bits of SHA-256 of `<seed of the experiment>/<id of the run>`, so that adding or
 * removing a run changes no other.
 */
export function seedOf(experimentSeed: number, id: string): number {
  return createHash('sha256').update(`${experimentSeed}/${id}`).digest().readUInt32BE(0) >>> 1;
}

/**
 * Everything an experiment is made of, as jobs that can be carried out one by one.
 * @param file path of the experiment file; relative paths in it are relative to its directory
 * @param directory where its runs go
 */
export function planExperiment(experiment: Experiment, file: string, directory = runsDirectory(file, experiment)): Plan {
  const experts = expertsOf(experiment);
  const trainedExperts = experts.filter(({ snapshot }) => snapshot === null);
  const isShared = experiment.base.shared !== false;
  const starts = (isShared ? ['base'] : trainedExperts.map(({ name }) => `bases/${name}`)).map((id) => baseOf(experiment, file, directory, id));
  const startOf = (index: number) => starts[isShared ? 0 : index]!;
  const trained = trainedExperts.map((expert, index) => training(experiment, file, directory, { kind: 'expert', name: expert.name, folder: 'experts', reward: expert.reward, overrides: expert.overrides, init: startOf(index).checkpoint, dependsOn: startOf(index).ids, snapshotsAt: snapshotsOf(expert, experts) }));
  const morl = experiment.morl.map(({ name, weights, ...overrides }) => training(experiment, file, directory, { kind: 'morl', name: name ?? scalarisedName(weights), folder: 'morl', reward: scalarised(weights, experts), overrides, init: startOf(0).checkpoint, dependsOn: startOf(0).ids }));
  const trainings = [...starts.flatMap(({ runs }) => runs), ...trained, ...morl];
  const checkpoints = Object.fromEntries(experts.map((expert) => [expert.name, checkpointOf(expert, trained)]));
  return { experiment, directory, trainings, sweep: sweepOf(experiment, pathsFrom(file), directory, checkpoints, startOf(0).checkpoint, morl, trainings.map(({ id }) => id)) };
}

/** Times, as shares of its training, at which an expert's policy is wanted under another name. */
function snapshotsOf({ name }: Expert, experts: readonly Expert[]): number[] {
  return experts.flatMap(({ snapshot }) => (snapshot?.of === name ? [snapshot.at] : []));
}

function checkpointOf({ name, snapshot }: Expert, trained: readonly PlannedRun<TrainJob>[]): string {
  const { directory, job } = trained.find((run) => run.job.name === (snapshot?.of ?? name))!;
  return snapshot ? snapshotDirectory(directory, snapshotStep(snapshot.at, totalStepsOf(job))) : directory;
}

interface Start {
  readonly checkpoint: string;
  readonly runs: readonly PlannedRun<TrainJob>[];
  readonly ids: readonly string[];
}

function baseOf(experiment: Experiment, file: string, directory: string, id: string): Start {
  const { task, base } = experiment;
  const model = task.type === 'text' && typeof task.model === 'string' ? task.model : undefined;
  const given = base.checkpoint ?? (trainsBase(experiment) ? undefined : model);
  if (given !== undefined) return { checkpoint: path.resolve(path.dirname(file), given), runs: [], ids: [] };
  const [name, folder = ''] = id.split('/').reverse() as [string, string?];
  const run = training(experiment, file, directory, { kind: 'base', name, folder, reward: baseReward(experiment), overrides: without(base, 'reward', 'checkpoint', 'shared'), init: model === undefined ? null : path.resolve(path.dirname(file), model), dependsOn: [] });
  return { checkpoint: run.directory, runs: [run], ids: [run.id] };
}

interface Training {
  readonly kind: TrainJob['kind'];
  readonly name: string;
  readonly folder: string;
  readonly reward: string;
  readonly overrides: TrainOverrides;
  readonly init: string | null;
  readonly dependsOn: readonly string[];
  /** shares of the training after which its policy is kept */
  readonly snapshotsAt?: readonly number[];
}

function training(experiment: Experiment, file: string, directory: string, { kind, name, folder, reward, overrides, init, dependsOn, snapshotsAt = [] }: Training): PlannedRun<TrainJob> {
  const id = folder === '' ? name : `${folder}/${name}`;
  const settings = settingsOf(experiment.train, overrides);
  const { checkpointEverySteps, steps } = settings;
  // what learns from a text maximises no reward
  const objective = algorithms[settings.algorithm].maximises === 'reward' ? expanderOf(experiment)(reward) : '0';
  const shared = { kind, name, rewards: metricRewards(experiment), objective, seed: seedOf(experiment.seed, id), backend: experiment.backend, init, checkpointEverySteps, ...(snapshotsAt.length > 0 ? { snapshotSteps: snapshotsAt.map((at) => snapshotStep(at, steps)) } : {}) };
  const job = { ...shared, ...taskPart(experiment, settings, pathsFrom(file)) };
  return { id, directory: path.join(directory, ...id.split('/')), job, dependsOn };
}

/** What a job says of its task and its algorithm. */
function taskPart({ task, metrics }: Experiment, settings: TrainSettings, paths: PathsFrom): Pick<LocomotionTrainJob, 'task' | 'ppo'> | Pick<TextTrainJob, 'task' | 'metrics' | 'settings'> {
  if (task.type === 'locomotion' && settings.algorithm === 'ppo') return { task, ppo: without(settings, 'algorithm', 'checkpointEverySteps') };
  if (task.type === 'text' && settings.algorithm !== 'ppo') return { task: paths.task(task), metrics: paths.metrics(metrics), settings: paths.settings(settings) };
  throw new Error(`${settings.algorithm} does not train ${task.type}`); // settingProblems has said so
}

function without<T extends object, K extends keyof T>(object: T, ...keys: readonly K[]): Omit<T, K> {
  return Object.fromEntries(Object.entries(object).filter(([key]) => !(keys as readonly string[]).includes(key))) as Omit<T, K>;
}

function metricRewards(experiment: Experiment): Record<string, string> {
  return expandRewards(experiment.rewards, metricNames(experiment));
}

function sweepOf(experiment: Experiment, paths: PathsFrom, directory: string, checkpoints: Readonly<Record<string, string>>, base: string, morl: readonly PlannedRun<TrainJob>[], dependsOn: readonly string[]): PlannedRun<SweepJob> {
  const sweep = path.join(directory, 'sweep');
  const scalarisations = morl.map(({ job, directory: checkpoint }, index): SweepPoint => ({ kind: 'morl', name: job.name, weights: experiment.morl[index]!.weights, checkpoint }));
  const job: SweepJob = {
    kind: 'sweep', name: 'sweep', task: paths.task(experiment.task), ...(experiment.task.type === 'text' ? { metrics: paths.metrics(experiment.metrics) } : {}), rewards: metricRewards(experiment), base, experts: checkpoints,
    points: [{ kind: 'init', name: 'base', weights: null, checkpoint: base }, ...soups(experiment.sweep, checkpoints), ...scalarisations],
    ...(experiment.sweep.search ? { search: searchOf(experiment) } : {}),
    ...(experiment.sweep.predictions ? { predictions: true } : {}), samples: experiment.sweep.samples, seed: seedOf(experiment.seed, 'sweep'), backend: experiment.backend, results: path.join(sweep, 'results.jsonl'),
  };
  return { id: 'sweep', directory: sweep, job, dependsOn };
}

function searchOf({ sweep: { search }, rewards }: Experiment): SearchJob {
  const { preference = `mean(${Object.keys(rewards).join(', ')})`, appliesTo, budget, batch } = search!;
  return { preferences: [preference].flat(), appliesTo, budget, batch };
}

/** Experts, soups of the grid and further ones, experts first; from three experts on, or where λ is searched for, the uniform soup as well. */
function soups({ grid, search, points }: Experiment['sweep'], checkpoints: Readonly<Record<string, string>>): SweepPoint[] {
  const names = Object.keys(checkpoints);
  const isVertex = (weights: Readonly<Record<string, number>>) => Object.values(weights).some((weight) => weight === 1);
  const inner = search ? [] : simplexGrid(names, grid).filter((weights) => !isVertex(weights));
  const uniform = Object.fromEntries(names.map((name) => [name, 1 / names.length]));
  const hasUniform = (names.length < 3 && !search) || inner.some((weights) => names.every((name) => Math.abs(weights[name]! - 1 / names.length) < 1e-9));
  const vertices = names.map((name): SweepPoint => ({ kind: 'expert', name, weights: Object.fromEntries(names.map((other) => [other, other === name ? 1 : 0])), checkpoint: checkpoints[name]! }));
  const further = points.map((weights) => Object.fromEntries(names.map((name) => [name, weights[name] ?? 0])));
  const planned = [...vertices.map(({ weights }) => weights!), ...inner, ...(hasUniform ? [] : [uniform]), ...further];
  const isSame = (a: Readonly<Record<string, number>>, b: Readonly<Record<string, number>>) => names.every((name) => Math.abs(a[name]! - b[name]!) < 1e-9);
  const once = planned.filter((weights, index) => index >= vertices.length && !planned.slice(0, index).some((earlier) => isSame(earlier, weights)));
  return [...vertices, ...once.map((weights): SweepPoint => ({ kind: 'soup', name: weightsName(weights), weights, checkpoint: null }))];
}
