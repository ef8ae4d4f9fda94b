import path from 'node:path';
import * as vscode from 'vscode';
import { Pace } from '../pace';
import type { Reader } from '../reader/work';
import { inTurns } from '../turns';
import { holdCheckpoint } from '../virtual-files/hold-checkpoint';
import { unaskedLimitBytes, type LocalCopies } from '../virtual-files/local-copies';
import { checkpointPaths, excludedDirectories, isWeightFile, weightFiles } from './checkpoint-paths';
import type { CheckpointSummary } from './checkpoint-summary';
import { companionFiles, discover, discoverFirst, type Discovered } from './discover';
import { sweepStamp } from './evaluations';
import { experimentOfPath, type BrokenCheckpoint } from './groups';

const eventIntervalMs = 500;
const atOnce = 16;
/** what a first look reads before anything is shown */
const firstCount = 64;
/** how often the tree grows while the rest is read */
const growIntervalMs = 1000;
/** VS Code's file watchers take a while to start, and tell nothing of what came before */
const watchersStartMs = 5000;

export type FoundCheckpoint = CheckpointSummary | BrokenCheckpoint;

/** A checkpoint that is to be read. */
interface Look {
  readonly at: string;
  /** changes with its files, and with what a sweep has measured of it */
  readonly stamp: string;
  readonly modifiedMs: number;
  readonly sizeBytes: number;
}

/**
 * Every checkpoint of the workspace: listed once, watched afterwards, and only headers are read. The first few are read
 * at once, the others as long as somebody looks (`wanted`) or waits for all of them (`loaded`).
 */
export class CheckpointIndex implements vscode.Disposable {
  private listed: ReadonlyMap<string, readonly string[]> = new Map();
  /** every directory above what is listed; null until it is asked for */
  private folders: ReadonlySet<string> | null = null;
  private readonly cache = new Map<string, { readonly stamp: string; readonly checkpoint: FoundCheckpoint }>();
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
  private unaskedLeft = unaskedLimitBytes.all;
  private secondLook: NodeJS.Timeout | undefined;

  /** Fires when there is more to show, or other things. */
  readonly onDidChange = this.changed.event;

  constructor(
    readonly copies: LocalCopies,
    private readonly reader: Reader,
    private readonly log: vscode.LogOutputChannel,
  ) {
    this.pace = new Pace(() => this.search(), eventIntervalMs, (error) => this.fail(error));
    for (const pattern of [weightFiles, companionFiles]) {
      const watcher = vscode.workspace.createFileSystemWatcher(pattern);
      const onEvent = (uri: vscode.Uri): void => {
        if (this.first && !isIgnored(uri)) this.pace.request(200);
      };
      this.subscriptions.push(watcher, watcher.onDidCreate(onEvent), watcher.onDidChange(onEvent), watcher.onDidDelete(onEvent));
    }
    // of a folder that is deleted VS Code tells, and of nothing inside it
    const folders = vscode.workspace.createFileSystemWatcher('**', true, true);
    this.subscriptions.push(folders, folders.onDidDelete((uri) => {
      if ((this.folders ??= foldersAbove(this.listed)).has(this.copies.pathOf(uri))) this.pace.request(200);
    }));
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

  /** All that are the base of others, once every header has been read. */
  async bases(): Promise<readonly CheckpointSummary[]> {
    return (await this.loaded()).flatMap((entry) => ('type' in entry || entry.role !== 'base' ? [] : [entry]));
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
    clearTimeout(this.secondLook);
    this.pace.dispose();
    for (const subscription of this.subscriptions) subscription.dispose();
  }

  /** Shows the first files that come up; the whole search, which a large folder keeps waiting, goes on behind it. */
  private async begin(): Promise<void> {
    const look = ++this.look;
    this.listed = await inTurns(listed(await discoverFirst(this.copies, firstCount)));
    this.folders = null;
    await this.readAll([...this.listed.keys()], look);
    this.changed.fire();
    this.whole = this.search();
    this.whole.catch((error: unknown) => this.fail(error));
    this.secondLook = setTimeout(() => this.pace.request(), watchersStartMs);
  }

  private async search(): Promise<void> {
    const look = ++this.look;
    const found = await inTurns(listed(await discover(this.copies)));
    if (look !== this.look) return;
    this.listed = found;
    this.folders = null;
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
    for (let start = 0; start < paths.length && look === this.look; start += atOnce) await this.read(paths.slice(start, start + atOnce));
  }

  /** Reads those of a few checkpoints that have changed, all at once. */
  private async read(paths: readonly string[]): Promise<void> {
    const changed = (await Promise.all(paths.map((at) => this.lookAt(at)))).flatMap((look) => look ?? []);
    const releases: (() => void)[] = [];
    const held = await Promise.all(changed.map((look) => this.hold(look).then((release) => (releases.push(release), look), (error: unknown) => this.keep(look, this.broken(look, error)))));
    const readable = held.flatMap((look) => look ?? []);
    try {
      if (readable.length === 0) return;
      const summaries = await this.reader.run({ kind: 'summaries', checkpoints: readable.map(({ at }) => at) }).catch((error: unknown) => readable.map(() => ({ failure: error instanceof Error ? error.message : String(error) })));
      for (const [index, look] of readable.entries()) {
        const summary = summaries[index]!;
        this.keep(look, 'failure' in summary ? this.broken(look, summary.failure) : { ...summary, modifiedMs: look.modifiedMs });
      }
    } finally {
      for (const release of releases) release();
    }
  }

  /** A checkpoint as its files are now; null where they are as they were when it was read. */
  private async lookAt(at: string): Promise<Look | null> {
    const files = this.listed.get(at);
    if (!files) return null;
    const experiment = experimentOfPath(at);
    const { stamp, ...about } = await this.stampOf(files);
    const whole = experiment === null ? stamp : `${stamp} ${await sweepStamp(experiment, (file) => this.copies.stat(file))}`;
    return this.cache.get(at)?.stamp === whole ? null : { at, stamp: whole, ...about };
  }

  private async hold({ at, sizeBytes }: Look): Promise<() => void> {
    const release = await holdCheckpoint(this.copies, at, Math.min(unaskedLimitBytes.each, this.unaskedLeft));
    if (this.copies.isCopy(at)) this.unaskedLeft -= sizeBytes;
    return release;
  }

  private keep({ at, stamp }: Look, checkpoint: FoundCheckpoint): void {
    if (this.listed.has(at)) this.cache.set(at, { stamp, checkpoint });
  }

  private broken({ at, sizeBytes }: Look, error: unknown): BrokenCheckpoint {
    const isLarge = error instanceof Error && error.name === 'VirtualFileTooLargeError';
    const message = this.copies.inWords(error instanceof Error ? error.message : String(error));
    if (!isLarge) this.log.warn(`${this.copies.shown(at)}: ${message}`);
    return { type: 'broken', path: at, message, unreadBytes: isLarge ? sizeBytes : null };
  }

  /** Changes with every write of one of the files. */
  private async stampOf(files: readonly string[]): Promise<{ readonly stamp: string; readonly modifiedMs: number; readonly sizeBytes: number }> {
    const stats = await Promise.all(files.map((file) => this.copies.stat(file)));
    return {
      stamp: stats.map((entry) => (entry ? `${entry.mtimeMs}:${entry.size}:${entry.inode}` : 'gone')).join(' '),
      modifiedMs: Math.max(0, ...stats.map((entry) => entry?.mtimeMs ?? 0)),
      sizeBytes: stats.reduce((sum, entry) => sum + (entry?.size ?? 0), 0),
    };
  }

  private fail(error: unknown): void {
    this.log.error('Searching for checkpoints failed.', error instanceof Error ? error : String(error));
  }
}

/** Weight files by their checkpoint, in the order of the paths. */
function* listed({ files, directories }: Discovered): Generator<void, Map<string, readonly string[]>> {
  const checkpoints = new Map<string, string[]>();
  for (const file of [...files].sort()) {
    yield;
    if (!isWeightFile(path.basename(file))) continue;
    const [at] = checkpointPaths([file], (directory) => directories.has(directory));
    const weights = checkpoints.get(at!);
    if (weights) weights.push(file);
    else checkpoints.set(at!, [file]);
  }
  return checkpoints;
}

function foldersAbove(checkpoints: ReadonlyMap<string, readonly string[]>): Set<string> {
  const folders = new Set<string>();
  for (const file of [...checkpoints.values()].flat()) for (let folder = path.dirname(file); !folders.has(folder); folder = path.dirname(folder)) folders.add(folder);
  return folders;
}

/** By the directories inside the workspace's folder: the folder itself may be called anything. */
function isIgnored(uri: vscode.Uri): boolean {
  return vscode.workspace.asRelativePath(uri, false).split(/[\\/]/).some((part) => excludedDirectories.includes(part));
}
