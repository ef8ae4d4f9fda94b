import { stat } from 'node:fs/promises';
import path from 'node:path';
import * as vscode from 'vscode';
import { Pace } from '../pace';
import { checkpointPaths, isCompanion } from './checkpoint-paths';
import { summariseCheckpoint, type CheckpointSummary } from './checkpoint-summary';
import type { BrokenCheckpoint } from './groups';

const weights = '**/*.safetensors';
const companions = '**/{config.json,adapter_config.json,run.json,soup.json,model.safetensors.index.json}';
const excluded = '**/{node_modules,.git,checkpoints}/**';
const eventIntervalMs = 500;
const atOnce = 8;

export type FoundCheckpoint = CheckpointSummary | BrokenCheckpoint;

/** Every checkpoint of the workspace: found once, watched afterwards, and only headers are read. */
export class CheckpointIndex implements vscode.Disposable {
  private found: readonly FoundCheckpoint[] = [];
  private readonly cache = new Map<string, { readonly stamp: string; readonly checkpoint: FoundCheckpoint }>();
  private readonly changed = new vscode.EventEmitter<readonly FoundCheckpoint[]>();
  private readonly subscriptions: vscode.Disposable[] = [this.changed];
  private readonly pace: Pace;
  private firstLook: Promise<void> | null = null;

  /** Fires after each look at the files. */
  readonly onDidChange = this.changed.event;

  constructor(private readonly log: vscode.LogOutputChannel) {
    this.pace = new Pace(() => this.search(), eventIntervalMs, (error) => log.error('Searching for checkpoints failed.', error instanceof Error ? error : String(error)));
    for (const pattern of [weights, '**/{config,adapter_config,soup}.json']) {
      const watcher = vscode.workspace.createFileSystemWatcher(pattern);
      const onEvent = (uri: vscode.Uri): void => {
        if (!isIgnored(uri.fsPath)) this.pace.request(200);
      };
      this.subscriptions.push(watcher, watcher.onDidCreate(onEvent), watcher.onDidChange(onEvent), watcher.onDidDelete(onEvent));
    }
    this.subscriptions.push(vscode.workspace.onDidChangeWorkspaceFolders(() => this.pace.request()));
  }

  /** What the last look found, readable and not. */
  get checkpoints(): readonly FoundCheckpoint[] {
    return this.found;
  }

  /** The checkpoints once the workspace has been searched. */
  async loaded(): Promise<readonly FoundCheckpoint[]> {
    await (this.firstLook ??= this.search());
    return this.found;
  }

  /** Looks again soon, reading only what has changed: for events that no file watcher has told. */
  lookAgain(): void {
    this.pace.request(200);
  }

  /** Looks again now, reading everything. */
  async refresh(): Promise<void> {
    this.cache.clear();
    await (this.firstLook = this.search());
  }

  dispose(): void {
    this.pace.dispose();
    for (const subscription of this.subscriptions) subscription.dispose();
  }

  private async search(): Promise<void> {
    const [files, beside] = await Promise.all([vscode.workspace.findFiles(weights, excluded), vscode.workspace.findFiles(companions, excluded)]);
    const directories = new Set(beside.filter(({ fsPath }) => isCompanion(path.basename(fsPath))).map(({ fsPath }) => path.dirname(fsPath)));
    const filesOf = new Map<string, string[]>();
    for (const { fsPath } of files) {
      const [at] = checkpointPaths([fsPath], (directory) => directories.has(directory));
      filesOf.set(at!, [...(filesOf.get(at!) ?? []), fsPath]);
    }
    this.found = await inBatches([...filesOf], atOnce, ([at, parts]) => this.read(at, parts));
    for (const at of this.cache.keys()) if (!filesOf.has(at)) this.cache.delete(at);
    this.log.debug(`${this.found.length} checkpoints in the workspace.`);
    this.changed.fire(this.found);
  }

  private async read(at: string, files: readonly string[]): Promise<FoundCheckpoint> {
    const stamp = await stampOf(files);
    const cached = this.cache.get(at);
    if (cached?.stamp === stamp) return cached.checkpoint;
    const checkpoint = await summariseCheckpoint(at).catch((error: unknown): BrokenCheckpoint => {
      const message = error instanceof Error ? error.message : String(error);
      this.log.warn(`${at}: ${message}`);
      return { type: 'broken', path: at, message };
    });
    this.cache.set(at, { stamp, checkpoint });
    return checkpoint;
  }
}

function isIgnored(file: string): boolean {
  return /[\\/](node_modules|\.git|checkpoints)[\\/]/.test(file);
}

/** Changes with every write of one of the files. */
async function stampOf(files: readonly string[]): Promise<string> {
  const stats = await Promise.all(files.map((file) => stat(file).catch(() => null)));
  return stats.map((entry) => (entry ? `${entry.mtimeMs}:${entry.size}:${entry.ino}` : 'gone')).join(' ');
}

/** Maps with at most `size` calls under way at a time, in order. */
async function inBatches<T, R>(items: readonly T[], size: number, map: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (let start = 0; start < items.length; start += size) results.push(...(await Promise.all(items.slice(start, start + size).map(map))));
  return results;
}
