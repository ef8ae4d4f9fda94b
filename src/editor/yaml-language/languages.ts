import * as vscode from 'vscode';
import { registerCodeLenses } from '../experiment-language/code-lens';
import { registerDiagnostics } from '../experiment-language/diagnostics';
import { registerExperimentKeys } from '../experiment-language/experiment-keys';
import { registerExpressionAssistance } from '../experiment-language/expression-assistance';
import { registerQuickFixes } from '../experiment-language/quick-fixes';
import { registerMergekitLanguage } from '../mergekit-language/mergekit-language';

/** Everything that serves experiment files and mergekit configurations. */
export function registerLanguages(): vscode.Disposable {
  return vscode.Disposable.from(registerCodeLenses(), registerDiagnostics(), registerQuickFixes(), registerExpressionAssistance(), registerExperimentKeys(), registerMergekitLanguage());
}
