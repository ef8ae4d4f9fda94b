import { availableParallelism } from 'node:os';
import { version } from '../../package.json';
import { assetPath } from '../assets';
import { SoupError } from '../errors';
import { loadExperiment } from '../experiment/parse';
import { planExperiment, type Plan, type PlannedRun } from '../experiment/plan';
import type { BackendName } from '../experiment/schema';
import { adoptRun } from './adopt';
import { analyse, type Analysis } from './analyse';
import { claimExperiment } from './claim';
import { launcherNamed } from './launchers/registry';
import type { RunHandle } from './launchers/launcher';
import { writeResolvedExperiment } from './resolved-experiment';
import { checkBases, reuseOf, type Reuse } from './reuse';
import { logPath, newRunRecord, readWrittenRecord, updateRunRecord, writeRunRecord } from './run-directory';
import { totalStepsOf, type Job, type RunRecord, type TrainJob } from './run-record';
import { schedule } from './schedule';
import { selectTrainings } from './select-trainings';

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
  readonly grid?: number;
  readonly samples?: number;
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
  /** the trainings and the sweep that will be carried out or waited for; none for what is done already */
  onPlan?(plan: Plan, runs: readonly PlannedRun[]): void;
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
  readonly plan: Plan;
  readonly failures: readonly FailedRun[];
  /** null where that stage was not asked for or not reached */
  readonly analysis: Analysis | null;
}

/**
 * Carries out an experiment: base → experts and scalarised runs side by side → sweep → check, front and report. What has
 * succeeded is kept, what was interrupted goes on from its checkpoint, a failed training does not stop the others.
 * @throws SoupError for a wrong experiment file, an experiment that runs already, or runs trained with other settings
 */
export async function runPipeline(options: PipelineOptions): Promise<PipelineOutcome> {
  const plan = planExperiment(await experimentOf(options), options.file);
  selectTrainings(plan, options.only); // a mistyped name is said before anything is written
  await claimExperiment(plan.directory, plan.experiment.name);
  return new Pipeline(plan, options).carryOut();
}

async function experimentOf({ file, variant, backend, grid, samples }: PipelineOptions): Promise<Plan['experiment']> {
  const experiment = await loadExperiment(file, { variant });
  return { ...experiment, backend: backend ?? experiment.backend, sweep: { grid: grid ?? experiment.sweep.grid, samples: samples ?? experiment.sweep.samples } };
}

class Pipeline {
  private readonly failures: FailedRun[] = [];
  private readonly handles = new Set<RunHandle>();
  private hasStoppedRun = false;

  constructor(private readonly plan: Plan, private readonly options: PipelineOptions) {
    options.stop?.addEventListener('abort', () => this.eachHandle((handle) => handle.stop()));
    options.kill?.addEventListener('abort', () => this.eachHandle((handle) => handle.kill()));
  }

  async carryOut(): Promise<PipelineOutcome> {
    try {
      const analysis = await this.stages();
      return await this.end(analysis);
    } catch (error) {
      await this.endRecord('failed', error);
      throw error;
    }
  }

  private async stages(): Promise<Analysis | null> {
    const { stages } = this.options;
    const selected = stages.includes('train') ? selectTrainings(this.plan, this.options.only) : [];
    const reuse = new Map<string, Reuse>();
    if (!stages.includes('train')) await checkTrained(this.plan);
    for (const run of selected) reuse.set(run.id, await reuseOf(run));
    await checkBases(this.plan);
    const open = selected.filter(({ id }) => reuse.get(id)!.kind !== 'done');
    await this.queue(open.filter(({ id }) => reuse.get(id)!.kind === 'start'));
    await writeResolvedExperiment(this.plan, this.options.file);
    this.options.listener?.onPlan?.(this.plan, stages.includes('sweep') ? [...open, this.plan.sweep] : open);
    await this.train(open, reuse);
    if (this.mustEnd() || !stages.includes('sweep')) return null;
    await this.sweep();
    return this.mustEnd() || !stages.includes('analyse') ? null : analyse(this.plan);
  }

  private async train(runs: readonly PlannedRun<TrainJob>[], reuse: ReadonlyMap<string, Reuse>): Promise<void> {
    const slots = Math.max(1, this.options.jobs ?? availableParallelism());
    const outcomes = await schedule(runs, slots, (run) => this.carry(run, reuse.get(run.id)!), () => this.isAborted());
    for (const run of runs) if (outcomes.get(run.id) === 'skipped') await this.unqueue(run);
  }

  private async sweep(): Promise<void> {
    const { sweep } = this.plan;
    await checkTrained(this.plan);
    await checkBases(this.plan);
    const record = await readWrittenRecord(sweep.directory).catch(() => null);
    await writeRunRecord(sweep.directory, queued(sweep.job, record));
    await this.carry(sweep, { kind: 'start' }, 'local');
  }

  /** Starts one run, or waits for the one that lives already. Returns whether it succeeded. */
  private async carry(run: PlannedRun, reuse: Reuse, launcher = this.options.launcher ?? 'local'): Promise<boolean> {
    try {
      this.options.listener?.onRunStart?.(run);
      const context = { trainer: this.options.trainer ?? assetPath('trainer.js'), settings: this.plan.experiment.launcher };
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

  private async end(analysis: Analysis | null): Promise<PipelineOutcome> {
    const state = this.failures.length > 0 ? 'failed' : this.isAborted() || this.hasStoppedRun ? 'stopped' : 'succeeded';
    const [first] = this.failures;
    await writeResolvedExperiment(this.plan, this.options.file);
    await this.endRecord(state, first ? new SoupError('FailedRunError', `${first.id}: ${first.message}`) : null);
    return { state, plan: this.plan, failures: this.failures, analysis };
  }

  private async endRecord(state: PipelineOutcome['state'], error: unknown): Promise<void> {
    await updateRunRecord(this.plan.directory, {
      state, endedAt: new Date().toISOString(), exitCode: state === 'succeeded' ? 0 : state === 'stopped' ? 130 : 1,
      error: error instanceof Error ? { name: error.name, message: error.message } : null,
    });
  }
}

/** A record to start from; what an earlier start found out about the backend stays until the trainer says otherwise. */
function queued(job: Job, earlier: RunRecord | null): RunRecord {
  return newRunRecord({ kind: job.kind, name: job.name, version, job, totalSteps: totalStepsOf(job), backend: earlier?.backend ?? null, device: earlier?.device ?? null });
}

async function checkTrained(plan: Plan): Promise<void> {
  for (const run of plan.trainings) {
    if ((await reuseOf(run)).kind !== 'done') throw new SoupError('NotTrainedError', `${run.id} is not trained yet: run \`soup train\` (or \`soup run\`) first.`);
  }
}
