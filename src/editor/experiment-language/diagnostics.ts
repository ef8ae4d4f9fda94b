import * as vscode from 'vscode';
import { locateProblems, parseExperiment, unique, type Diagnostic } from '../../experiment/parse';
import { fileProblems } from '../../runs/file-problems';
import { publishProblems } from '../problems';
import { isExperimentFile } from './experiment-file';

/** Problems of the open experiment files, and of the models and files that they name. */
export function registerDiagnostics(): vscode.Disposable {
  return publishProblems('experiment', ({ fileName }) => isExperimentFile(fileName), problemsOf);
}

async function problemsOf({ uri, fileName, getText }: vscode.TextDocument): Promise<vscode.Diagnostic[]> {
  const text = getText();
  const { diagnostics, variants } = parseExperiment(text);
  const found: Diagnostic[] = [...diagnostics];
  if (uri.scheme === 'file') for (const { variant, experiment } of variants) found.push(...locateProblems(text, await fileProblems(experiment, fileName), variant));
  return unique(found).map(toVscode);
}

function toVscode({ severity, message, range: { start, end }, code }: Diagnostic): vscode.Diagnostic {
  const diagnostic = new vscode.Diagnostic(
    new vscode.Range(start.line, start.character, end.line, end.character),
    message,
    severity === 'error' ? vscode.DiagnosticSeverity.Error : vscode.DiagnosticSeverity.Warning,
  );
  diagnostic.code = code;
  return diagnostic;
}
