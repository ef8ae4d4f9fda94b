import path from 'node:path';
import * as vscode from 'vscode';
import { Pace } from '../pace';
import type { FileReference, Reader } from '../reader/work';
import { viewerLimitBytes, type LocalCopies } from '../virtual-files/local-copies';

const eventIntervalMs = 500;

/** One safetensors file that editors are open on: looked at again when it changes; a damaged file is a document too. */
export class SafetensorsDocument implements vscode.CustomDocument {
  /** on this disk as long as the document is open */
  private held: Promise<() => void>;
  private readonly changed = new vscode.EventEmitter<void>();
  private readonly pace: Pace;
  private readonly watcher: vscode.FileSystemWatcher;
  readonly onDidChange = this.changed.event;

  constructor(
    readonly uri: vscode.Uri,
    readonly reader: Reader,
    private readonly copies: LocalCopies,
    log: vscode.LogOutputChannel,
  ) {
    this.held = this.hold();
    this.pace = new Pace(() => this.reload(), eventIntervalMs, (error) => log.error(error instanceof Error ? error : String(error)));
    this.watcher = vscode.workspace.createFileSystemWatcher(new vscode.RelativePattern(vscode.Uri.joinPath(uri, '..'), path.posix.basename(uri.path)));
    const onEvent = (): void => this.pace.request(200);
    this.watcher.onDidChange(onEvent);
    this.watcher.onDidCreate(onEvent);
    this.watcher.onDidDelete(onEvent);
  }

  /** The file, ready to be read. @throws SoupError where it cannot be fetched */
  async file(): Promise<FileReference> {
    await this.held;
    return { path: this.copies.pathOf(this.uri), name: path.posix.basename(this.uri.path) };
  }

  /** What went wrong, with paths as the user knows them. */
  inWords(error: unknown): string {
    return this.copies.inWords(error instanceof Error ? error.message : String(error));
  }

  /** Has the editors show the file as it is now. */
  async reload(): Promise<void> {
    const before = this.held;
    this.held = this.hold();
    await this.held.catch(() => undefined);
    this.changed.fire();
    letGo(before);
  }

  dispose(): void {
    this.pace.dispose();
    this.watcher.dispose();
    this.changed.dispose();
    letGo(this.held);
  }

  private hold(): Promise<() => void> {
    const holding = this.copies.hold([this.copies.pathOf(this.uri)], viewerLimitBytes);
    holding.catch(() => undefined); // told by whoever asks for the file
    return holding;
  }
}

function letGo(held: Promise<() => void>): void {
  void held.then((release) => release(), () => undefined);
}
