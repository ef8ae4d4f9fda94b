import path from 'node:path';
import * as vscode from 'vscode';
import { openFileSource } from '../../checkpoint/byte-source';
import { Pace } from '../pace';
import { viewerLimitBytes, type LocalCopies } from '../virtual-files/local-copies';
import { SafetensorsFile } from './safetensors-file';

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
    private readonly copies: LocalCopies,
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

  /** What went wrong, with paths as the user knows them. */
  inWords(error: unknown): string {
    return this.copies.inWords(error instanceof Error ? error.message : String(error));
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
    const opening = openFile(this.uri, this.copies);
    opening.catch((error: unknown) => this.log.warn(this.inWords(error)));
    return opening;
  }
}

async function openFile(uri: vscode.Uri, copies: LocalCopies): Promise<SafetensorsFile> {
  const at = copies.pathOf(uri);
  const release = await copies.hold([at], viewerLimitBytes);
  try {
    const source = await openFileSource(at);
    const close = async (): Promise<void> => {
      await source.close();
      release();
    };
    return await SafetensorsFile.open({ ...source, close }, path.posix.basename(uri.path)).catch(async (error: unknown) => {
      await source.close();
      throw error;
    });
  } catch (error) {
    release();
    throw error;
  }
}

async function closed(opening: Promise<SafetensorsFile>): Promise<void> {
  await opening.then((file) => file.close(), () => undefined);
}
