import * as vscode from 'vscode';
import { parseExperiment } from '../../experiment/parse';
import { isExperimentFile } from './experiment-file';

const delayMs = 250;
export const diagnosticSource = 'Rewarded Soups';

/** Problems of the open experiment files, a moment after each change. */
export function registerDiagnostics(): vscode.Disposable {
  const collection = vscode.languages.createDiagnosticCollection('rewarded-soups');
  const timers = new Map<string, NodeJS.Timeout>();
  const check = (document: vscode.TextDocument, delay: number): void => {
    if (!isExperimentFile(document.fileName)) return;
    const key = document.uri.toString();
    clearTimeout(timers.get(key));
    timers.set(key, setTimeout(() => {
      timers.delete(key);
      if (!document.isClosed) collection.set(document.uri, diagnosticsOf(document));
    }, delay));
  };
  const forget = ({ uri }: vscode.TextDocument): void => {
    clearTimeout(timers.get(uri.toString()));
    timers.delete(uri.toString());
    collection.delete(uri);
  };
  for (const document of vscode.workspace.textDocuments) check(document, 0);
  return vscode.Disposable.from(
    collection,
    vscode.workspace.onDidOpenTextDocument((document) => check(document, 0)),
    vscode.workspace.onDidChangeTextDocument(({ document }) => check(document, delayMs)),
    vscode.workspace.onDidCloseTextDocument(forget),
    { dispose: () => timers.forEach((timer) => clearTimeout(timer)) },
  );
}

function diagnosticsOf(document: vscode.TextDocument): vscode.Diagnostic[] {
  return parseExperiment(document.getText()).diagnostics.map(({ severity, message, range, code }) => {
    const { start, end } = range;
    const diagnostic = new vscode.Diagnostic(
      new vscode.Range(start.line, start.character, end.line, end.character),
      message,
      severity === 'error' ? vscode.DiagnosticSeverity.Error : vscode.DiagnosticSeverity.Warning,
    );
    diagnostic.source = diagnosticSource;
    diagnostic.code = code;
    return diagnostic;
  });
}
