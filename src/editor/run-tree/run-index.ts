import { createReadStream } from 'node:fs';
import path from 'node:path';
import * as vscode from 'vscode';
import { lastMetricsRows } from '../../runs/metrics-log';
import { listRuns, metricsPath, resultsPath, type FoundRun } from '../../runs/run-directory';
import { Pace } from '../pace';
import { findLocalFiles } from '../virtual-files/local-search';
import { MetricsStore } from './metrics-store';
import { isActive, sweepProgress, trainingProgress, type Progress, type SweepSight } from './progress';
import { activeRuns, collections, experimentDirectoryOf, experimentState, groupRuns, type ExperimentNode } from './run-model';

const records = '**/run.json';
const followed = ['**/run.json', '**/metrics.jsonl', '**/results.jsonl'];
const excluded = '**/{node_modules,.git,checkpoints}/**';
const eventIntervalMs = 500;
const pollIntervalMs = 2500;

/**
 * Every run of the workspace, read from its files: watched, and looked at again every few seconds while something runs,
 * because file events do not reach every file system and a killed process writes nothing.
 */
export class RunIndex implements vscode.Disposable {
  readonly metrics = new MetricsStore();
  private nodes: readonly ExperimentNode[] = [];
  private readonly roots = new Set<string>();
  /** of each process of a sweep, when it was first seen at work */
  private readonly firstSights = new Map<string, SweepSight>();
  private readonly changed = new vscode.EventEmitter<readonly ExperimentNode[]>();
  private readonly subscriptions: vscode.Disposable[] = [this.changed];
  private readonly search: Pace;
  private readonly reread: Pace;
  private firstLook: Promise<void> | null = null;

  /** Fires after each look at the files, whether or not something is different. */
  readonly onDidChange = this.changed.event;

  constructor(private readonly log: vscode.LogOutputChannel) {
    const onError = (error: unknown): void => log.error('Reading the runs failed.', error instanceof Error ? error : String(error));
    this.search = new Pace(() => this.findRoots(), eventIntervalMs, onError);
    this.reread = new Pace(() => this.read(), eventIntervalMs, onError);
    for (const pattern of followed) {
      const watcher = vscode.workspace.createFileSystemWatcher(pattern);
      const isRecord = pattern === records;
      watcher.onDidCreate(() => (isRecord ? this.search : this.reread).request(100));
      watcher.onDidChange(() => this.reread.request(100));
      watcher.onDidDelete(() => (isRecord ? this.search : this.reread).request(100));
      this.subscriptions.push(watcher);
    }
    this.subscriptions.push(vscode.workspace.onDidChangeWorkspaceFolders(() => this.search.request()));
  }

  /** What the last look found. */
  get experiments(): readonly ExperimentNode[] {
    return this.nodes;
  }

  /** The experiments once the workspace has been searched. */
  async loaded(): Promise<readonly ExperimentNode[]> {
    await (this.firstLook ??= this.findRoots());
    return this.nodes;
  }

  /** Looks again, also for new experiments. */
  async refresh(): Promise<void> {
    await (this.firstLook = this.findRoots());
  }

  /** Follows `runs/<name>` from now on, though nothing may be in it yet. */
  expect(experimentDirectory: string): void {
    this.roots.add(experimentDirectory);
    this.reread.request(pollIntervalMs);
  }

  dispose(): void {
    this.search.dispose();
    this.reread.dispose();
    for (const subscription of this.subscriptions) subscription.dispose();
  }

  private async findRoots(): Promise<void> {
    const files = await findLocalFiles(records, excluded);
    for (const { fsPath } of files) this.roots.add(rootOf(path.dirname(fsPath)));
    await this.read();
  }

  private async read(): Promise<void> {
    const lists = await Promise.all([...this.roots].map((root) => listRuns(root)));
    const found = [...new Map(lists.flat().map((run) => [run.directory, run])).values()];
    const progress = new Map(await Promise.all(found.filter(({ record }) => record.state !== 'succeeded').map(async (run) => [run.directory, await this.progressOf(run)] as const)));
    this.nodes = groupRuns(found, ({ directory }) => progress.get(directory) ?? null);
    this.metrics.keep(new Set(found.map(({ directory }) => directory)));
    if (this.isBusy()) this.reread.request(pollIntervalMs);
    this.changed.fire(this.nodes);
  }

  private isBusy(): boolean {
    return activeRuns(this.nodes).length > 0 || this.nodes.some((experiment) => isActive(experimentState(experiment)));
  }

  private async progressOf(run: FoundRun): Promise<Progress | null> {
    const { record, directory } = run;
    try {
      if (record.kind !== 'sweep') return trainingProgress(await lastMetricsRows(metricsPath(directory)), record.totalSteps);
      const now = { points: await countLines(resultsPath(experimentDirectoryOf(directory, record.kind))), at: Date.now() };
      const key = `${directory}@${record.pid}`;
      if (!this.firstSights.has(key)) this.firstSights.set(key, now);
      return sweepProgress(record.totalSteps, this.firstSights.get(key)!, now);
    } catch (error) {
      this.log.warn(`Progress of ${directory} is unknown: ${error instanceof Error ? error.message : String(error)}`);
      return null;
    }
  }
}

/** The experiment's directory of a run that is known by its place alone. */
function rootOf(directory: string): string {
  const parent = path.dirname(directory);
  if (collections.has(path.basename(parent))) return path.dirname(parent);
  return ['base', 'sweep'].includes(path.basename(directory)) ? parent : directory;
}

async function countLines(file: string): Promise<number> {
  let lines = 0;
  try {
    for await (const chunk of createReadStream(file) as AsyncIterable<Buffer>) for (const byte of chunk) if (byte === 10) lines++;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  return lines;
}
