import * as vscode from 'vscode';
import type { LanguageWorker } from './worker/work';

/** Registers the languages with the first YAML file that is open; schema, parsers and merge methods are in a worker, which starts with its first work. */
export function languagesOnDemand(linguist: LanguageWorker, log: vscode.LogOutputChannel): vscode.Disposable {
  const subscriptions: vscode.Disposable[] = [];
  let isWanted = false;
  const look = async ({ fileName }: vscode.TextDocument): Promise<void> => {
    if (isWanted || !/\.ya?ml$/i.test(fileName)) return;
    isWanted = true;
    const { registerLanguages } = await import('./languages');
    subscriptions.push(registerLanguages(linguist));
  };
  const lookSafely = (document: vscode.TextDocument): void => void look(document).catch((error: unknown) => log.error(error instanceof Error ? error : String(error)));
  subscriptions.push(vscode.workspace.onDidOpenTextDocument(lookSafely));
  vscode.workspace.textDocuments.forEach(lookSafely);
  return { dispose: () => subscriptions.forEach((subscription) => void subscription.dispose()) };
}
