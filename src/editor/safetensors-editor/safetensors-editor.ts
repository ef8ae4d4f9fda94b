import { open, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import * as l10n from '@vscode/l10n';
import * as vscode from 'vscode';
import { openFileSource } from '../../checkpoint/byte-source';
import { fileSystemError } from '../../checkpoint/errors';
import { temporaryBeside, writeFully } from '../../checkpoint/files';
import { npyPieces } from '../../checkpoint/npy';
import { parseSlice } from '../../checkpoint/slice';
import { SoupError } from '../../errors';
import { readFromSafetensorsEditor, type FromSafetensorsEditor, type ToSafetensorsEditor } from '../../protocol/safetensors-editor';
import { customEditors } from '../contributions';
import { MessageQueue, type Sendable } from '../panels/message-queue';
import { onPageMessage, postToPage } from '../panels/page-messages';
import { webviewOptions, webviewPage } from '../panels/webview-page';
import type { Reader } from '../reader/work';
import type { LocalCopies } from '../virtual-files/local-copies';
import { fileMessage } from './file-message';
import { SafetensorsDocument } from './safetensors-document';

/** Opens `.safetensors` files: header, tensors and values by ranges. It only reads, so that it works in any workspace. */
export class SafetensorsEditor implements vscode.CustomReadonlyEditorProvider<SafetensorsDocument>, vscode.Disposable {
  private readonly registration: vscode.Disposable;

  constructor(
    private readonly extensionUri: vscode.Uri,
    private readonly copies: LocalCopies,
    private readonly reader: Reader,
    private readonly log: vscode.LogOutputChannel,
  ) {
    this.registration = vscode.window.registerCustomEditorProvider(customEditors.safetensors, this, { supportsMultipleEditorsPerDocument: true });
  }

  openCustomDocument(uri: vscode.Uri): SafetensorsDocument {
    return new SafetensorsDocument(uri, this.reader, this.copies, this.log);
  }

  resolveCustomEditor(document: SafetensorsDocument, panel: vscode.WebviewPanel): void {
    const { webview } = panel;
    const queue = new MessageQueue<ToSafetensorsEditor>((message) => void postToPage(panel, message, () => document.uri.fsPath, this.log));
    const show = (): Promise<void> => this.fileMessage(document).then((message) => queue.send(message));
    const subscriptions = [
      document.onDidChange(() => void show()),
      onPageMessage(webview, readFromSafetensorsEditor, () => document.uri.fsPath, this.log, async (message) => {
        if (message.type === 'ready') await show();
        else if (message.type === 'reload') await document.reload();
        else if (message.type === 'values') await queue.send(await valuesMessage(document, message));
        else await queue.send(await this.carryOut(document, message));
      }),
    ];
    panel.onDidDispose(() => subscriptions.forEach((subscription) => void subscription.dispose()));
    webview.options = webviewOptions(this.extensionUri);
    webview.html = webviewPage(webview, this.extensionUri, 'safetensors-editor', path.posix.basename(document.uri.path));
  }

  dispose(): void {
    this.registration.dispose();
  }

  private async fileMessage(document: SafetensorsDocument): Promise<Sendable<ToSafetensorsEditor>> {
    try {
      return await fileMessage(await document.file(), document.reader);
    } catch (error) {
      const message = document.inWords(error);
      this.log.warn(message);
      return { type: 'failure', message };
    }
  }

  private async carryOut(document: SafetensorsDocument, message: Extract<FromSafetensorsEditor, { readonly type: 'copy-header' | 'copy-values' | 'export' }>): Promise<ToSafetensorsEditor> {
    try {
      if (message.type === 'export') return { type: 'told', message: await exportSlice(document, message.tensor, message.slice) };
      const file = await document.file();
      await vscode.env.clipboard.writeText(await document.reader.run(message.type === 'copy-header' ? { kind: 'header-json' as const, file } : { kind: 'values-json' as const, file, tensor: message.tensor, slice: message.slice }));
      return { type: 'told', message: message.type === 'copy-header' ? l10n.t('The header is in the clipboard.') : l10n.t('{0}[{1}] is in the clipboard.', message.tensor, message.slice) };
    } catch (error) {
      const message = document.inWords(error);
      this.log.warn(`${document.uri.toString(true)}: ${message}`);
      return { type: 'told', message };
    }
  }
}

async function valuesMessage(document: SafetensorsDocument, { id, tensor, slice }: Extract<FromSafetensorsEditor, { readonly type: 'values' }>): Promise<ToSafetensorsEditor> {
  try {
    return { type: 'values', id, texts: await document.reader.run({ kind: 'values' as const, file: await document.file(), tensor, slice }) };
  } catch (error) {
    return { type: 'values-failure', id, message: document.inWords(error) };
  }
}

/** Asks for a place and writes the slice there, piece by piece; a file that was there stays until the new one is whole. */
async function exportSlice(document: SafetensorsDocument, tensor: string, slice: string): Promise<string> {
  const file = await document.file();
  const { info, dataOffset } = await document.reader.run({ kind: 'tensor' as const, file, tensor });
  const ranges = parseSlice(slice, info.shape);
  const target = await vscode.window.showSaveDialog({ title: l10n.t('Export {0}[{1}]', tensor, slice), defaultUri: vscode.Uri.joinPath(document.uri, '..', `${tensor.replaceAll(/[^\w.-]+/g, '_')}.npy`), filters: { NumPy: ['npy'] } });
  if (!target) return l10n.t('Nothing was exported.');
  if (target.scheme !== 'file') throw new SoupError('LocalFileNeededError', l10n.t('{0}: slices are exported to the local disk — choose a folder there', target.toString()));
  await vscode.window.withProgress({ location: vscode.ProgressLocation.Notification, title: l10n.t('Exporting {0}', path.basename(target.fsPath)), cancellable: true }, async (_, token) => {
    const source = await openFileSource(file.path);
    try {
      await writePieces(target.fsPath, npyPieces(source, { dataOffset }, info, ranges), token);
    } finally {
      await source.close();
    }
  });
  return l10n.t('Exported to {0}.', target.fsPath);
}

async function writePieces(file: string, pieces: AsyncIterable<Uint8Array>, token: vscode.CancellationToken): Promise<void> {
  const temporary = temporaryBeside(file);
  try {
    const handle = await open(temporary, 'wx');
    try {
      let position = 0;
      for await (const piece of pieces) {
        if (token.isCancellationRequested) throw new SoupError('InterruptedError', l10n.t('The export was cancelled: nothing was written.'));
        await writeFully(handle, piece, position);
        position += piece.byteLength;
      }
    } finally {
      await handle.close();
    }
    await rename(temporary, file);
  } catch (error) {
    await rm(temporary, { force: true });
    throw fileSystemError(file, error);
  }
}
