import * as vscode from 'vscode';

const delayMs = 250;
/** What stands behind every problem of ours. */
export const diagnosticSource = 'Rewarded Soups';

/**
 * Publishes the problems of the open documents that `isOurs` takes, a moment after each change.
 * @param collection name of the collection, one a language
 */
export function publishProblems(collection: string, isOurs: (document: vscode.TextDocument) => boolean, problemsOf: (document: vscode.TextDocument) => vscode.Diagnostic[]): vscode.Disposable {
  const published = vscode.languages.createDiagnosticCollection(`rewarded-soups.${collection}`);
  const timers = new Map<string, NodeJS.Timeout>();
  const check = (document: vscode.TextDocument, delay: number): void => {
    const key = document.uri.toString();
    clearTimeout(timers.get(key));
    timers.set(key, setTimeout(() => {
      timers.delete(key);
      if (document.isClosed) return;
      const problems = isOurs(document) ? problemsOf(document) : [];
      for (const problem of problems) problem.source = diagnosticSource;
      published.set(document.uri, problems);
    }, delay));
  };
  const forget = ({ uri }: vscode.TextDocument): void => {
    clearTimeout(timers.get(uri.toString()));
    timers.delete(uri.toString());
    published.delete(uri);
  };
  for (const document of vscode.workspace.textDocuments) check(document, 0);
  return vscode.Disposable.from(
    published,
    vscode.workspace.onDidOpenTextDocument((document) => check(document, 0)),
    vscode.workspace.onDidChangeTextDocument(({ document }) => check(document, delayMs)),
    vscode.workspace.onDidCloseTextDocument(forget),
    { dispose: () => timers.forEach((timer) => clearTimeout(timer)) },
  );
}
