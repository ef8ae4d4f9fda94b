import path from 'node:path';
import * as vscode from 'vscode';
import { openFileSource, type ByteSource } from '../../checkpoint/byte-source';
import { Pace } from '../pace';
import { SafetensorsFile } from './safetensors-file';
import { openVirtualSource } from './virtual-source';

const eventIntervalMs = 500;

/** One safetensors file that editors are open on: read again when it changes; a damaged file is a document too. */
export class SafetensorsDocument implements vscode.CustomDocument {
  private opening: Promise<SafetensorsFile>;
  private readonly changed = new vscode.EventEmitter<void>();
  private readonly pace: Pace;
  private readonly watcher: vscode.FileSystemWatcher;
  readonly onDidChange = this.changed.event;

  constructor(
    readonly uri: vscode.Uri,
    private readonly log: vscode.LogOutputChannel,
  ) {
    this.opening = this.open();
    this.pace = new Pace(() => this.reload(), eventIntervalMs, (error) => log.error(error instanceof Error ? error : String(error)));
    this.watcher = vscode.workspace.createFileSystemWatcher(new vscode.RelativePattern(vscode.Uri.joinPath(uri, '..'), path.posix.basename(uri.path)));
    const onEvent = (): void => this.pace.request(200);
    this.watcher.onDidChange(onEvent);
    this.watcher.onDidCreate(onEvent);
    this.watcher.onDidDelete(onEvent);
  }

  /** The file as it was last read. @throws SoupError naming what is damaged */
  file(): Promise<SafetensorsFile> {
    return this.opening;
  }

  /** Reads the header again and tells the editors. */
  async reload(): Promise<void> {
    const before = this.opening;
    this.opening = this.open();
    await this.opening.catch(() => undefined);
    this.changed.fire();
    await closed(before);
  }

  dispose(): void {
    this.pace.dispose();
    this.watcher.dispose();
    this.changed.dispose();
    void closed(this.opening);
  }

  private open(): Promise<SafetensorsFile> {
    const opening = openFile(this.uri);
    opening.catch((error: unknown) => this.log.warn(error instanceof Error ? error.message : String(error)));
    return opening;
  }
}

async function openFile(uri: vscode.Uri): Promise<SafetensorsFile> {
  const name = path.posix.basename(uri.path);
  const source: ByteSource = uri.scheme === 'file' ? await openFileSource(uri.fsPath) : await openVirtualSource(vscode.workspace.fs, uri, name);
  try {
    return await SafetensorsFile.open(source, name);
  } catch (error) {
    await source.close();
    throw error;
  }
}

async function closed(opening: Promise<SafetensorsFile>): Promise<void> {
  await opening.then((file) => file.close(), () => undefined);
}
