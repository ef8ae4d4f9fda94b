import * as vscode from 'vscode';
import { registerCodeLenses } from '../experiment-language/code-lens';
import { registerDiagnostics } from '../experiment-language/diagnostics';
import { registerExperimentKeys } from '../experiment-language/experiment-keys';
import { registerExpressionAssistance } from '../experiment-language/expression-assistance';
import { registerQuickFixes } from '../experiment-language/quick-fixes';
import { registerMergekitLanguage } from '../mergekit-language/mergekit-language';
import type { LanguageWorker } from './worker/work';

/** Everything that serves experiment files and mergekit configurations. */
export function registerLanguages(worker: LanguageWorker): vscode.Disposable {
  return vscode.Disposable.from(registerCodeLenses(worker), registerDiagnostics(worker), registerQuickFixes(worker), registerExpressionAssistance(worker), registerExperimentKeys(worker), registerMergekitLanguage(worker));
}
