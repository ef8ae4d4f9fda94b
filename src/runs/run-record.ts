import type { PpoConfig } from '../experiment/algorithms/ppo';
import type { TextSettings } from '../experiment/algorithms/registry';
import type { DeclaredMetrics } from '../experiment/declared-metrics';
import type { BackendName, TaskConfig } from '../experiment/schema';
import type { LocomotionTask } from '../experiment/tasks/locomotion';
import type { TextTask } from '../experiment/tasks/text';

export type RunState = 'queued' | 'starting' | 'running' | 'stopping' | 'stopped' | 'succeeded' | 'failed' | 'lost';
export type RunKind = 'experiment' | 'base' | 'expert' | 'morl' | 'sweep';

/** What every training that the trainer carries out alone has, whatever its task: this description and the files it names. */
interface Training {
  readonly kind: 'base' | 'expert' | 'morl';
  readonly name: string;
  /** every reward of the experiment as an expression over the task's metrics; all of them are logged */
  readonly rewards: Readonly<Record<string, string>>;
  /** the expression over metrics that this run maximises */
  readonly objective: string;
  readonly seed: number;
  readonly backend: BackendName;
  /** the shared initialisation θ₀, a checkpoint directory; null trains from scratch */
  readonly init: string | null;
  /** steps after which a resumable checkpoint is written */
  readonly checkpointEverySteps: number;
  /** environment steps after which the policy is kept in snapshots/, besides the final one; absent where none are asked for */
  readonly snapshotSteps?: readonly number[];
}

export interface LocomotionTrainJob extends Training {
  readonly task: LocomotionTask;
  readonly ppo: PpoConfig;
}

/** Paths in it are absolute. `init` is null where `task.model` says what to create. */
export interface TextTrainJob extends Training {
  readonly task: TextTask;
  readonly metrics: DeclaredMetrics;
  readonly settings: TextSettings;
}

export type TrainJob = LocomotionTrainJob | TextTrainJob;

export function isTextJob(job: TrainJob): job is TextTrainJob {
  return job.task.type === 'text';
}

/** Steps of the whole training: of the environments, or iterations with a language model. */
export function totalStepsOf(job: Job): number {
  if (job.kind === 'sweep') return job.points.length + Math.max(0, (job.search?.budget ?? 0) - job.points.filter(isBlended).length);
  return isTextJob(job) ? job.settings.steps : job.ppo.steps;
}

/** One point to evaluate: a checkpoint as it is, or experts blended by `weights`. */
export interface SweepPoint {
  readonly kind: 'init' | 'expert' | 'soup' | 'morl';
  readonly name: string;
  /** λ (or μ, for a MORL run), keyed by expert name */
  readonly weights: Readonly<Record<string, number>> | null;
  /** checkpoint directory to evaluate; null for soups, which are blended in memory */
  readonly checkpoint: string | null;
}

/** Experts and soups: the points that λ tells apart. */
export function isBlended({ kind }: Pick<SweepPoint, 'kind'>): boolean {
  return kind === 'expert' || kind === 'soup';
}

/** A search for the best λ of each preference, on top of the points of a sweep. */
export interface SearchJob {
  /** expressions over rewards and metrics, searched for in turn */
  readonly preferences: readonly string[];
  readonly appliesTo: 'samples' | 'means';
  /** experts and soups that are evaluated in all */
  readonly budget: number;
  readonly batch: number;
}

/** Evaluation of many points with paired seeds; lines are appended to `results`, points already there are kept. */
export interface SweepJob {
  readonly kind: 'sweep';
  readonly name: string;
  readonly task: TaskConfig;
  /** those that the experiment declares; none for locomotion */
  readonly metrics?: DeclaredMetrics;
  readonly rewards: Readonly<Record<string, string>>;
  readonly base: string;
  readonly experts: Readonly<Record<string, string>>;
  readonly points: readonly SweepPoint[];
  /** proposes further soups once `points` are evaluated; soups that are there already count */
  readonly search?: SearchJob;
  /** evaluates beside each soup the ensemble of its experts' predictions */
  readonly predictions?: boolean;
  /** episodes (or prompts) a point; sample k of every point uses the same seed */
  readonly samples: number;
  readonly seed: number;
  readonly backend: BackendName;
  /** absolute path of results.jsonl */
  readonly results: string;
}

export type Job = TrainJob | SweepJob;

/** `run.json`: what a run is and how it fares. Written atomically; whoever writes it, the editor reads it the same way. */
export interface RunRecord {
  readonly kind: RunKind;
  readonly name: string;
  readonly state: RunState;
  readonly argv: readonly string[];
  readonly pid: number | null;
  /** when process `pid` started, as the operating system says; tells a reused pid apart */
  readonly pidStartedAt: string | null;
  readonly host: string;
  /** backend and device in use, once the trainer has chosen */
  readonly backend: string | null;
  readonly device: string | null;
  /** total environment steps (or points, for a sweep); progress is the last line of metrics.jsonl against it */
  readonly totalSteps: number | null;
  readonly startedAt: string | null;
  readonly endedAt: string | null;
  readonly exitCode: number | null;
  readonly signal: string | null;
  readonly error: { readonly name: string; readonly message: string } | null;
  readonly version: string;
  readonly job: Job | null;
}

/** One line of `metrics.jsonl`. Unknown keys are kept and plottable. */
export interface MetricsRow {
  readonly step: number;
  readonly time: string;
  readonly samples?: number;
  readonly reward?: Readonly<Record<string, number>>;
  readonly metric?: Readonly<Record<string, number>>;
  readonly kl?: number;
  readonly loss?: Readonly<Record<string, number>>;
  readonly lr?: number;
  readonly throughput?: Readonly<Record<string, number>>;
  readonly memory?: Readonly<Record<string, number>>;
  readonly [key: string]: unknown;
}
