import * as l10n from '@vscode/l10n';
import * as vscode from 'vscode';
import { diagnosticSource } from '../problems';
import { experimentFilePatterns } from './experiment-file';
import { proposedReplacement } from './suggestion';

/** Offers the nearest name for a mistyped metric, reward, expert or key. */
export function registerQuickFixes(): vscode.Disposable {
  return vscode.languages.registerCodeActionsProvider(
    experimentFilePatterns.map((pattern) => ({ pattern })),
    { provideCodeActions: (document, _range, { diagnostics }) => diagnostics.flatMap((diagnostic) => fixOf(document, diagnostic) ?? []) },
    { providedCodeActionKinds: [vscode.CodeActionKind.QuickFix] },
  );
}

function fixOf(document: vscode.TextDocument, diagnostic: vscode.Diagnostic): vscode.CodeAction | null {
  const replacement = diagnostic.source === diagnosticSource ? proposedReplacement(diagnostic.message) : null;
  if (replacement === null) return null;
  const action = new vscode.CodeAction(l10n.t('Change to {0}', replacement), vscode.CodeActionKind.QuickFix);
  action.diagnostics = [diagnostic];
  action.isPreferred = true;
  action.edit = new vscode.WorkspaceEdit();
  action.edit.replace(document.uri, diagnostic.range, replacement);
  return action;
}
