import * as vscode from 'vscode';
import { contextKeys } from '../contributions';
import { isMergekitText } from './mergekit-file';

/**
 * Tells the menus which YAML files are mergekit configurations by what is in them: those that are open, or were in this
 * window, as they were last opened or saved. The manifest knows files that are called so by their names; to know the others
 * every YAML file of a workspace would have to be read.
 */
export function followMergekitFiles(): vscode.Disposable {
  const known = new Set<string>();
  const tell = () => void vscode.commands.executeCommand('setContext', contextKeys.mergekitFiles, Object.fromEntries([...known].map((file) => [file, true])));
  const look = (document: vscode.TextDocument): void => {
    const { fsPath } = document.uri; // as `resourcePath` has it
    if (!/\.ya?ml$/i.test(fsPath)) return;
    const isKnown = known.has(fsPath);
    const isOurs = isMergekitText(document.getText());
    if (isOurs) known.add(fsPath);
    else known.delete(fsPath);
    if (isOurs !== isKnown) tell();
  };
  tell();
  vscode.workspace.textDocuments.forEach(look);
  return vscode.Disposable.from(vscode.workspace.onDidOpenTextDocument(look), vscode.workspace.onDidSaveTextDocument(look));
}
