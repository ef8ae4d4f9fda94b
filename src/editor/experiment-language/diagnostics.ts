import * as vscode from 'vscode';
import { parseExperiment } from '../../experiment/parse';
import { publishProblems } from '../problems';
import { isExperimentFile } from './experiment-file';

/** Problems of the open experiment files. */
export function registerDiagnostics(): vscode.Disposable {
  return publishProblems('experiment', ({ fileName }) => isExperimentFile(fileName), problemsOf);
}

function problemsOf(document: vscode.TextDocument): vscode.Diagnostic[] {
  return parseExperiment(document.getText()).diagnostics.map(({ severity, message, range: { start, end }, code }) => {
    const diagnostic = new vscode.Diagnostic(
      new vscode.Range(start.line, start.character, end.line, end.character),
      message,
      severity === 'error' ? vscode.DiagnosticSeverity.Error : vscode.DiagnosticSeverity.Warning,
    );
    diagnostic.code = code;
    return diagnostic;
  });
}
