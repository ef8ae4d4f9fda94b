import * as vscode from 'vscode';
import type { FoundProblem } from './yaml-language/worker/work';

const delayMs = 250;
/** What stands behind every problem of ours. */
export const diagnosticSource = 'Rewarded Soups';

/**
 * Publishes the problems of the open documents that `isOurs` takes, a moment after each change and whenever one is turned to.
 * @param collection name of the collection, one a language
 */
export function publishProblems(collection: string, isOurs: (document: vscode.TextDocument) => boolean, problemsOf: (document: vscode.TextDocument) => Promise<readonly FoundProblem[]>): vscode.Disposable {
  const published = vscode.languages.createDiagnosticCollection(`rewarded-soups.${collection}`);
  const timers = new Map<string, NodeJS.Timeout>();
  const publish = async (document: vscode.TextDocument): Promise<void> => {
    if (document.isClosed) return;
    const { version } = document;
    const problems = isOurs(document) ? (await problemsOf(document)).map(toVscode) : [];
    // what was found in a text that has changed since is followed by what is found in the newer one
    if (document.isClosed || document.version !== version) return;
    published.set(document.uri, problems);
  };
  const check = (document: vscode.TextDocument, delay: number): void => {
    const key = document.uri.toString();
    clearTimeout(timers.get(key));
    timers.set(key, setTimeout(() => {
      timers.delete(key);
      void publish(document);
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
    // files that the document names may have come or gone meanwhile
    vscode.window.onDidChangeActiveTextEditor((editor) => editor && check(editor.document, delayMs)),
    { dispose: () => timers.forEach((timer) => clearTimeout(timer)) },
  );
}

function toVscode({ severity, message, range: { start, end }, code }: FoundProblem): vscode.Diagnostic {
  const diagnostic = new vscode.Diagnostic(
    new vscode.Range(start.line, start.character, end.line, end.character),
    message,
    severity === 'error' ? vscode.DiagnosticSeverity.Error : vscode.DiagnosticSeverity.Warning,
  );
  diagnostic.code = code;
  diagnostic.source = diagnosticSource;
  return diagnostic;
}
