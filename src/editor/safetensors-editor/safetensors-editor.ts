import { open, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import * as l10n from '@vscode/l10n';
import * as vscode from 'vscode';
import { fileSystemError } from '../../checkpoint/errors';
import { temporaryBeside, writeFully } from '../../checkpoint/files';
import { SoupError } from '../../errors';
import { readFromSafetensorsEditor, type FromSafetensorsEditor, type ToSafetensorsEditor } from '../../protocol/safetensors-editor';
import { customEditors } from '../contributions';
import { onPageMessage, postToPage } from '../panels/page-messages';
import { webviewOptions, webviewPage } from '../panels/webview-page';
import type { LocalCopies } from '../virtual-files/local-copies';
import { SafetensorsDocument } from './safetensors-document';

/** Opens `.safetensors` files: header, tensors and values by ranges. It only reads, so that it works in any workspace. */
export class SafetensorsEditor implements vscode.CustomReadonlyEditorProvider<SafetensorsDocument>, vscode.Disposable {
  private readonly registration: vscode.Disposable;

  constructor(
    private readonly extensionUri: vscode.Uri,
    private readonly copies: LocalCopies,
    private readonly log: vscode.LogOutputChannel,
  ) {
    this.registration = vscode.window.registerCustomEditorProvider(customEditors.safetensors, this, { supportsMultipleEditorsPerDocument: true });
  }

  openCustomDocument(uri: vscode.Uri): SafetensorsDocument {
    return new SafetensorsDocument(uri, this.copies, this.log);
  }

  resolveCustomEditor(document: SafetensorsDocument, panel: vscode.WebviewPanel): void {
    const { webview } = panel;
    const post = (message: ToSafetensorsEditor): void => void postToPage(panel, message, () => document.uri.fsPath, this.log);
    const show = async (): Promise<void> => post(await fileMessage(document));
    const subscriptions = [
      document.onDidChange(() => void show()),
      onPageMessage(webview, readFromSafetensorsEditor, () => document.uri.fsPath, this.log, async (message) => {
        if (message.type === 'ready') await show();
        else if (message.type === 'reload') await document.reload();
        else if (message.type === 'values') post(await valuesMessage(document, message));
        else post(await this.carryOut(document, message));
      }),
    ];
    panel.onDidDispose(() => subscriptions.forEach((subscription) => void subscription.dispose()));
    webview.options = webviewOptions(this.extensionUri);
    webview.html = webviewPage(webview, this.extensionUri, 'safetensors-editor', path.posix.basename(document.uri.path));
  }

  dispose(): void {
    this.registration.dispose();
  }

  private async carryOut(document: SafetensorsDocument, message: Extract<FromSafetensorsEditor, { readonly type: 'copy-header' | 'copy-values' | 'export' }>): Promise<ToSafetensorsEditor> {
    try {
      if (message.type === 'export') return { type: 'told', message: await exportSlice(document, message.tensor, message.slice) };
      const file = await document.file();
      await vscode.env.clipboard.writeText(message.type === 'copy-header' ? file.headerJson() : await file.valuesJson(message.tensor, message.slice));
      return { type: 'told', message: message.type === 'copy-header' ? l10n.t('The header is in the clipboard.') : l10n.t('{0}[{1}] is in the clipboard.', message.tensor, message.slice) };
    } catch (error) {
      const message = document.inWords(error);
      this.log.warn(`${document.uri.toString(true)}: ${message}`);
      return { type: 'told', message };
    }
  }
}

async function fileMessage(document: SafetensorsDocument): Promise<ToSafetensorsEditor> {
  try {
    return { type: 'file', file: (await document.file()).shown() };
  } catch (error) {
    return { type: 'failure', message: document.inWords(error) };
  }
}

async function valuesMessage(document: SafetensorsDocument, { id, tensor, slice }: Extract<FromSafetensorsEditor, { readonly type: 'values' }>): Promise<ToSafetensorsEditor> {
  try {
    return { type: 'values', id, texts: await (await document.file()).values(tensor, slice) };
  } catch (error) {
    return { type: 'values-failure', id, message: document.inWords(error) };
  }
}

/** Asks for a place and writes the slice there, piece by piece; a file that was there stays until the new one is whole. */
async function exportSlice(document: SafetensorsDocument, tensor: string, slice: string): Promise<string> {
  const pieces = (await document.file()).npy(tensor, slice);
  const target = await vscode.window.showSaveDialog({ title: l10n.t('Export {0}[{1}]', tensor, slice), defaultUri: vscode.Uri.joinPath(document.uri, '..', `${tensor.replaceAll(/[^\w.-]+/g, '_')}.npy`), filters: { NumPy: ['npy'] } });
  if (!target) return l10n.t('Nothing was exported.');
  if (target.scheme !== 'file') throw new SoupError('LocalFileNeededError', l10n.t('{0}: slices are exported to the local disk — choose a folder there', target.toString()));
  await vscode.window.withProgress({ location: vscode.ProgressLocation.Notification, title: l10n.t('Exporting {0}', path.basename(target.fsPath)), cancellable: true }, (_, token) => writePieces(target.fsPath, pieces, token));
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
