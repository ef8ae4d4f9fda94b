import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import * as vscode from 'vscode';
import { Pace } from '../pace';
import { checkpointPaths, companions, isCompanion, isWeightFile, weightFiles } from './checkpoint-paths';
import { summariseCheckpoint, type CheckpointSummary } from './checkpoint-summary';
import { Evaluations } from './evaluations';
import { experimentOfPath, type BrokenCheckpoint } from './groups';

const companionFiles = `**/{${companions.join(',')}}`;
const excluded = '**/{node_modules,.git,checkpoints}/**';
const eventIntervalMs = 500;
const atOnce = 16;
/** what a first look reads before anything is shown */
const firstCount = 64;
/** how often the tree grows while the rest is read */
const growIntervalMs = 1000;

export type FoundCheckpoint = CheckpointSummary | BrokenCheckpoint;

/**
 * Every checkpoint of the workspace: listed once, watched afterwards, and only headers are read. The first few are read
 * at once, the others as long as somebody looks (`wanted`) or waits for all of them (`loaded`).
 */
export class CheckpointIndex implements vscode.Disposable {
  private readonly listed = new Map<string, readonly string[]>();
  private readonly cache = new Map<string, { readonly stamp: string; readonly checkpoint: FoundCheckpoint }>();
  readonly evaluations = new Evaluations();
  private readonly changed = new vscode.EventEmitter<void>();
  private readonly subscriptions: vscode.Disposable[] = [this.changed];
  private readonly pace: Pace;
  private first: Promise<void> | null = null;
  private whole: Promise<void> | null = null;
  private rest: Promise<void> | null = null;
  /** of the current look; the look before it stops reading */
  private look = 0;
  private unread: string[] = [];
  private isWanted = false;
  private waiting = 0;

  /** Fires when there is more to show, or other things. */
  readonly onDidChange = this.changed.event;

  constructor(private readonly log: vscode.LogOutputChannel) {
    this.pace = new Pace(() => this.search(), eventIntervalMs, (error) => this.fail(error));
    for (const pattern of [weightFiles, companionFiles]) {
      const watcher = vscode.workspace.createFileSystemWatcher(pattern);
      const onEvent = (uri: vscode.Uri): void => {
        if (this.first && !isIgnored(uri.fsPath)) this.pace.request(200);
      };
      this.subscriptions.push(watcher, watcher.onDidCreate(onEvent), watcher.onDidChange(onEvent), watcher.onDidDelete(onEvent));
    }
    this.subscriptions.push(vscode.workspace.onDidChangeWorkspaceFolders(() => this.pace.request()));
  }

  /** What has been read so far, readable and not, in the order of the paths. */
  get checkpoints(): readonly FoundCheckpoint[] {
    return [...this.listed.keys()].flatMap((at) => this.cache.get(at)?.checkpoint ?? []);
  }

  /** How many are known by their place alone. */
  get unreadCount(): number {
    return this.unread.length;
  }

  /** Resolves when the first checkpoints have been read. */
  async started(): Promise<void> {
    await (this.first ??= this.begin());
  }

  /** All checkpoints, once every header has been read. */
  async loaded(): Promise<readonly FoundCheckpoint[]> {
    this.waiting++;
    try {
      await this.started();
      await this.whole;
      do await this.readRest();
      while (this.unread.length > 0);
    } finally {
      this.waiting--;
    }
    return this.checkpoints;
  }

  /** Whether the checkpoints are in sight: the headers behind the first ones are read only then. */
  set wanted(isWanted: boolean) {
    this.isWanted = isWanted;
    if (isWanted) void this.readRest().catch((error: unknown) => this.fail(error));
  }

  /** Looks again soon, reading only what has changed: for events that no file watcher has told. */
  lookAgain(): void {
    if (this.first) this.pace.request(200);
  }

  /** Looks again now, reading everything. */
  async refresh(): Promise<void> {
    this.cache.clear();
    await (this.first = this.whole = this.search());
  }

  dispose(): void {
    this.look++;
    this.pace.dispose();
    for (const subscription of this.subscriptions) subscription.dispose();
  }

  /** Shows the first files that come up; the whole search, which a large folder keeps waiting, goes on behind it. */
  private async begin(): Promise<void> {
    const look = ++this.look;
    const files = localPaths(await vscode.workspace.findFiles(weightFiles, excluded, firstCount));
    const directories = await Promise.all([...new Set(files.map((file) => path.dirname(file)))].map(async (directory) => [directory, (await readdir(directory).catch(() => [])).some(isCompanion)] as const));
    this.list(files, new Set(directories.flatMap(([directory, isCheckpoint]) => (isCheckpoint ? [directory] : []))));
    await this.readAll([...this.listed.keys()], look);
    this.changed.fire();
    this.whole = this.search();
    this.whole.catch((error: unknown) => this.fail(error));
  }

  private async search(): Promise<void> {
    const look = ++this.look;
    const [files, beside] = await Promise.all([vscode.workspace.findFiles(weightFiles, excluded), vscode.workspace.findFiles(companionFiles, excluded)]);
    if (look !== this.look) return;
    this.list(localPaths(files), new Set(localPaths(beside).map((file) => path.dirname(file))));
    for (const at of this.cache.keys()) if (!this.listed.has(at)) this.cache.delete(at);
    // what is known already stays in sight while it is looked at again
    this.unread = [...this.listed.keys()].filter((at) => !this.cache.has(at));
    const known = [...this.cache.keys()];
    await this.readAll(this.unread.splice(0, firstCount), look);
    this.changed.fire();
    await this.readAll(known, look);
    this.changed.fire();
    this.rest = null;
    if (this.isWanted || this.waiting > 0) await this.readRest();
    this.log.debug(`${this.listed.size} checkpoints in the workspace, ${this.unread.length} of them not read yet.`);
  }

  /** @param directories those that hold a companion */
  private list(files: readonly string[], directories: ReadonlySet<string>): void {
    this.listed.clear();
    for (const file of files.filter((candidate) => isWeightFile(path.basename(candidate))).sort()) {
      const [at] = checkpointPaths([file], (directory) => directories.has(directory));
      this.listed.set(at!, [...(this.listed.get(at!) ?? []), file]);
    }
  }

  /** Reads what is left, a few at a time with the event loop free in between, and shows it as it grows. */
  private readRest(): Promise<void> {
    const look = this.look;
    return (this.rest ??= (async () => {
      let shown = Date.now();
      while (this.unread.length > 0 && look === this.look && (this.isWanted || this.waiting > 0)) {
        await this.readAll(this.unread.splice(0, atOnce), look);
        await new Promise((resolve) => setImmediate(resolve));
        if (Date.now() - shown < growIntervalMs) continue;
        this.changed.fire();
        shown = Date.now();
      }
      if (look === this.look) this.changed.fire();
    })().finally(() => {
      if (look === this.look) this.rest = null;
    }));
  }

  private async readAll(paths: readonly string[], look: number): Promise<void> {
    for (let start = 0; start < paths.length && look === this.look; start += atOnce) await Promise.all(paths.slice(start, start + atOnce).map((at) => this.read(at)));
  }

  private async read(at: string): Promise<void> {
    const files = this.listed.get(at);
    if (!files) return;
    const experiment = experimentOfPath(at);
    const { stamp, modifiedMs } = await stampOf(files);
    const whole = experiment === null ? stamp : `${stamp} ${await this.evaluations.stamp(experiment)}`;
    if (this.cache.get(at)?.stamp === whole) return;
    const checkpoint = await this.summarise(at, modifiedMs).catch((error: unknown): BrokenCheckpoint => {
      const message = error instanceof Error ? error.message : String(error);
      this.log.warn(`${at}: ${message}`);
      return { type: 'broken', path: at, message };
    });
    if (this.listed.has(at)) this.cache.set(at, { stamp: whole, checkpoint });
  }

  private async summarise(at: string, modifiedMs: number): Promise<CheckpointSummary> {
    return this.evaluations.added({ ...(await summariseCheckpoint(at)), modifiedMs });
  }

  private fail(error: unknown): void {
    this.log.error('Searching for checkpoints failed.', error instanceof Error ? error : String(error));
  }
}

function localPaths(uris: readonly vscode.Uri[]): string[] {
  return uris.filter(({ scheme }) => scheme === 'file').map(({ fsPath }) => fsPath);
}

function isIgnored(file: string): boolean {
  return /[\\/](node_modules|\.git|checkpoints)[\\/]/.test(file);
}

/** Changes with every write of one of the files. */
async function stampOf(files: readonly string[]): Promise<{ readonly stamp: string; readonly modifiedMs: number }> {
  const stats = await Promise.all(files.map((file) => stat(file).catch(() => null)));
  return { stamp: stats.map((entry) => (entry ? `${entry.mtimeMs}:${entry.size}:${entry.ino}` : 'gone')).join(' '), modifiedMs: Math.max(0, ...stats.map((entry) => entry?.mtimeMs ?? 0)) };
}
