import * as l10n from '@vscode/l10n';
import * as vscode from 'vscode';
import { localPath } from './local-path';

/** The first of `soup.yaml`, `<name>.soup.yaml`, `<name>-2.soup.yaml`, … that is not in the folder yet. */
export async function freeExperimentFile(folder: vscode.Uri, name: string): Promise<vscode.Uri> {
  for (let copy = 0; ; copy++) {
    const file = vscode.Uri.joinPath(folder, copy === 0 ? 'soup.yaml' : `${name}${copy === 1 ? '' : `-${copy}`}.soup.yaml`);
    try {
      await vscode.workspace.fs.stat(file);
    } catch {
      return file;
    }
  }
}

/** The folder that experiments are written to; null, after a word to the user, where none is open. @throws LocalFileNeededError */
export async function experimentFolder(clicked?: unknown): Promise<vscode.Uri | null> {
  const folder = clicked instanceof vscode.Uri ? clicked : vscode.workspace.workspaceFolders?.[0]?.uri;
  if (folder) {
    localPath(folder);
    return folder;
  }
  const answer = await vscode.window.showInformationMessage(l10n.t('An experiment is a file in a folder, which its runs go to as well: open a folder first.'), l10n.t('Open Folder'));
  if (answer) await vscode.commands.executeCommand('vscode.openFolder');
  return null;
}
