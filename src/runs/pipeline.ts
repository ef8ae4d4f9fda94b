import { availableParallelism } from 'node:os';
import { version } from '../../package.json';
import { assetPath } from '../assets';
import { SoupError } from '../errors';
import { loadExperiment } from '../experiment/parse';
import type { PlannedRun } from '../experiment/plan';
import { searchSchema, type BackendName, type Experiment } from '../experiment/schema';
import { adoptRun } from './adopt';
import type { SearchAnswer } from '../analysis/preference-search';
import { readResults } from '../analysis/read-results';
import { meaningProblems } from '../experiment/meaning-problems';
import { analyse, type Analysis } from './analyse';
import { analyseStudy, type StudyAnalysis } from './analyse-study';
import { claimExperiment } from './claim';
import { refuseUnusableFiles } from './file-problems';
import { launcherNamed } from './launchers/registry';
import type { RunHandle } from './launchers/launcher';
import { writeResolvedExperiment } from './resolved-experiment';
import { checkBases, reuseOf, type Reuse } from './reuse';
import { logPath, newRunRecord, readWrittenRecord, updateRunRecord, writeRunRecord } from './run-directory';
import { totalStepsOf, type Job, type RunRecord, type SweepJob, type TrainJob } from './run-record';
import { schedule } from './schedule';
import { searchAnswers } from './search-answers';
import { selectTrainings } from './select-trainings';
import { workOf, type Work } from './work';

export interface PipelineOptions {
  /** path of the experiment file */
  readonly file: string;
  readonly variant?: string;
  readonly backend?: BackendName;
  /** trainings at a time; default: one a core */
  readonly jobs?: number;
  /** names of the trainings to carry out, with what they need; default: all */
  readonly only?: readonly string[];
  readonly launcher?: string;
  /** a grid of λ, even where the file asks for a search */
  readonly grid?: number;
  readonly samples?: number;
  /** looks for the best λ for this preference instead of evaluating a grid */
  readonly search?: string;
  /** λ that a search evaluates in all */
  readonly budget?: number;
  readonly stages: readonly ('train' | 'sweep' | 'analyse')[];
  /** path of trainer.js; default: that of this build */
  readonly trainer?: string;
  readonly listener?: PipelineListener;
  /** aborted: every run is asked to write a checkpoint and end */
  readonly stop?: AbortSignal;
  /** aborted: every run is killed */
  readonly kill?: AbortSignal;
}

export interface PipelineListener {
  /** the trainings and the sweeps that will be carried out or waited for; none for what is done already */
  onPlan?(work: Work, runs: readonly PlannedRun[]): void;
  onRunStart?(run: PlannedRun): void;
  onRunEnd?(run: PlannedRun, record: RunRecord): void;
}

export interface FailedRun {
  readonly id: string;
  readonly message: string;
  readonly log: string;
}

export interface PipelineOutcome {
  readonly state: 'succeeded' | 'failed' | 'stopped';
  readonly work: Work;
  readonly failures: readonly FailedRun[];
  /** what the sweep's search found; none where it evaluated a grid */
  readonly answers: readonly SearchAnswer[];
  /** null where that stage was not asked for or not reached, and for a study */
  readonly analysis: Analysis | null;
  /** what a study found, under the same conditions */
  readonly study: StudyAnalysis | null;
}

/**
 * Carries out an experiment: base → experts and scalarised runs side by side → sweep → check, front and report; or a study:
 * the trainings of all its cells, each once → their sweeps → comparison and report. What has succeeded is kept, what was interrupted goes on from its checkpoint, a failed training does not stop the others.
 * @throws SoupError for a wrong experiment file, an experiment that runs already, or runs trained with other settings
 */
export async function runPipeline(options: PipelineOptions): Promise<PipelineOutcome> {
  const work = workOf(await experimentOf(options), options.file);
  selectTrainings(work, options.only); // a mistyped name is said before anything is written
  await claimExperiment(work.directory, work.experiment.name);
  return new Pipeline(work, options).carryOut();
}

/** The experiment of the file, with what the call asks for laid over it. @throws SoupError OptionError where the two do not fit */
async function experimentOf({ file, variant, backend, ...options }: PipelineOptions): Promise<Experiment> {
  const given = await loadExperiment(file, { variant });
  const experiment = { ...given, backend: backend ?? given.backend, sweep: sweepOf(given.sweep, options) };
  const [problem] = meaningProblems(experiment);
  if (problem) throw new SoupError('OptionError', problem.message);
  return experiment;
}

function sweepOf(sweep: Experiment['sweep'], { grid, samples, search, budget }: Pick<PipelineOptions, 'grid' | 'samples' | 'search' | 'budget'>): Experiment['sweep'] {
  const given = search === undefined && budget === undefined ? (grid === undefined ? sweep.search : undefined) : searchSchema.parse({ ...sweep.search, ...(search === undefined ? {} : { preference: search }), ...(budget === undefined ? {} : { budget }) });
  return { ...sweep, grid: grid ?? sweep.grid, samples: samples ?? sweep.samples, search: given };
}

type Found = Pick<PipelineOutcome, 'answers' | 'analysis' | 'study'>;
const nothing: Found = { answers: [], analysis: null, study: null };

class Pipeline {
  private readonly failures: FailedRun[] = [];
  private readonly handles = new Set<RunHandle>();
  private hasStoppedRun = false;

  constructor(private readonly work: Work, private readonly options: PipelineOptions) {
    options.stop?.addEventListener('abort', () => this.eachHandle((handle) => handle.stop()));
    options.kill?.addEventListener('abort', () => this.eachHandle((handle) => handle.kill()));
  }

  async carryOut(): Promise<PipelineOutcome> {
    try {
      return await this.end(await this.stages());
    } catch (error) {
      await this.endRecord('failed', error);
      throw error;
    }
  }

  private async stages(): Promise<Found> {
    const { stages } = this.options;
    const selected = stages.includes('train') ? selectTrainings(this.work, this.options.only) : [];
    const reuse = new Map<string, Reuse>();
    if (!stages.includes('train')) await checkTrained(this.work);
    for (const run of selected) reuse.set(run.id, await reuseOf(run));
    const open = selected.filter(({ id }) => reuse.get(id)!.kind !== 'done');
    if (open.length > 0 || stages.includes('sweep')) await refuseUnusableFiles(this.work.experiment, this.options.file, this.options.variant);
    await this.checkBases();
    await this.queue(open.filter(({ id }) => reuse.get(id)!.kind === 'start'));
    await this.writeResolved();
    const sweeps = this.work.plans.map(({ sweep }) => sweep);
    this.options.listener?.onPlan?.(this.work, stages.includes('sweep') ? [...open, ...sweeps] : open);
    await this.train(open, reuse);
    if (this.mustEnd() || !stages.includes('sweep')) return nothing;
    await this.sweep(sweeps);
    if (this.mustEnd()) return nothing;
    const answers = await this.answers();
    return stages.includes('analyse') ? { answers, ...(await this.analyse()) } : { ...nothing, answers };
  }

  private async train(runs: readonly PlannedRun<TrainJob>[], reuse: ReadonlyMap<string, Reuse>): Promise<void> {
    const outcomes = await schedule(runs, this.slots, (run) => this.carry(run, reuse.get(run.id)!), () => this.isAborted());
    for (const run of runs) if (outcomes.get(run.id) === 'skipped') await this.unqueue(run);
  }

  private async sweep(sweeps: readonly PlannedRun<SweepJob>[]): Promise<void> {
    await checkTrained(this.work);
    await this.checkBases();
    const start = async (sweep: PlannedRun<SweepJob>) => {
      const record = await readWrittenRecord(sweep.directory).catch(() => null);
      await writeRunRecord(sweep.directory, queued(sweep.job, record));
      return this.carry(sweep, { kind: 'start' }, 'local');
    };
    await schedule(sweeps, this.slots, start, () => this.isAborted());
  }

  private async answers(): Promise<SearchAnswer[]> {
    const { cells, plans: [plan], experiment } = this.work;
    return cells || !plan!.sweep.job.search ? [] : searchAnswers(await readResults(plan!.sweep.job.results), plan!.directory, experiment.check.alpha);
  }

  private async analyse(): Promise<Pick<PipelineOutcome, 'analysis' | 'study'>> {
    const { cells, plans } = this.work;
    return cells ? { analysis: null, study: await analyseStudy(this.work, cells) } : { analysis: await analyse(plans[0]!), study: null };
  }

  private get slots(): number {
    return Math.max(1, this.options.jobs ?? availableParallelism());
  }

  private async checkBases(): Promise<void> {
    for (const plan of this.work.plans) await checkBases(plan);
  }

  private async writeResolved(): Promise<void> {
    for (const plan of this.work.plans) await writeResolvedExperiment(plan, this.options.file);
  }

  /** Starts one run, or waits for the one that lives already. Returns whether it succeeded. */
  private async carry(run: PlannedRun, reuse: Reuse, launcher = this.options.launcher ?? 'local'): Promise<boolean> {
    try {
      this.options.listener?.onRunStart?.(run);
      const context = { trainer: this.options.trainer ?? assetPath('trainer.js'), settings: this.work.experiment.launcher };
      const handle = reuse.kind === 'alive' ? adoptRun(run.directory, reuse.record) : await launcherNamed(launcher).start(run.directory, context);
      this.handles.add(handle);
      if (this.isAborted()) await handle.stop();
      const record = await handle.stopped.finally(() => this.handles.delete(handle));
      this.options.listener?.onRunEnd?.(run, record);
      return this.judge(run, record);
    } catch (error) {
      this.fail(run, error instanceof Error ? error.message : String(error));
      return false;
    }
  }

  private judge(run: PlannedRun, { state, error }: RunRecord): boolean {
    if (state === 'succeeded') return true;
    if (state === 'stopped') this.hasStoppedRun = true;
    else this.fail(run, error?.message ?? `ended as ${state}`);
    return false;
  }

  private fail({ id, directory }: PlannedRun, message: string): void {
    this.failures.push({ id, message, log: logPath(directory) });
  }

  private isAborted(): boolean {
    return this.options.stop?.aborted === true || this.options.kill?.aborted === true;
  }

  private mustEnd(): boolean {
    return this.isAborted() || this.hasStoppedRun || this.failures.length > 0;
  }

  private eachHandle(act: (handle: RunHandle) => Promise<void>): void {
    // what goes wrong with stopping a run shows in its final record, which is being waited for
    for (const handle of this.handles) act(handle).catch(() => undefined);
  }

  private async queue(runs: readonly PlannedRun[]): Promise<void> {
    for (const { directory, job } of runs) await writeRunRecord(directory, queued(job, await readWrittenRecord(directory)));
  }

  private async unqueue({ directory }: PlannedRun): Promise<void> {
    const record = await readWrittenRecord(directory);
    if (record?.state === 'queued') await updateRunRecord(directory, { state: 'stopped', endedAt: new Date().toISOString() });
  }

  private async end(found: Found): Promise<PipelineOutcome> {
    const state = this.failures.length > 0 ? 'failed' : this.isAborted() || this.hasStoppedRun ? 'stopped' : 'succeeded';
    const [first] = this.failures;
    await this.writeResolved();
    await this.endRecord(state, first ? new SoupError('FailedRunError', `${first.id}: ${first.message}`) : null);
    return { state, work: this.work, failures: this.failures, ...found };
  }

  private async endRecord(state: PipelineOutcome['state'], error: unknown): Promise<void> {
    await updateRunRecord(this.work.directory, {
      state, endedAt: new Date().toISOString(), exitCode: state === 'succeeded' ? 0 : state === 'stopped' ? 130 : 1,
      error: error instanceof Error ? { name: error.name, message: error.message } : null,
    });
  }
}

/** A record to start from; what an earlier start found out about the backend stays until the trainer says otherwise. */
function queued(job: Job, earlier: RunRecord | null): RunRecord {
  return newRunRecord({ kind: job.kind, name: job.name, version, job, totalSteps: totalStepsOf(job), backend: earlier?.backend ?? null, device: earlier?.device ?? null });
}

async function checkTrained({ trainings }: Work): Promise<void> {
  for (const run of trainings) {
    if ((await reuseOf(run)).kind !== 'done') throw new SoupError('NotTrainedError', `${run.id} is not trained yet: run \`soup train\` (or \`soup run\`) first.`);
  }
}
