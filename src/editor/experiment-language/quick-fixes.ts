import * as l10n from '@vscode/l10n';
import * as vscode from 'vscode';
import { diagnosticSource } from '../problems';
import { normalisedWeights } from './normalise-weights';
import { proposedReplacement } from './suggestion';

/** Fixes of the problems of experiment files and mergekit configurations: the nearest name, and weights scaled to sum to 1. */
export function registerQuickFixes(): vscode.Disposable {
  return vscode.languages.registerCodeActionsProvider(
    { pattern: '**/*.{yaml,yml}' },
    { provideCodeActions: (document, _range, { diagnostics }) => diagnostics.flatMap((diagnostic) => (diagnostic.source === diagnosticSource ? (fixOf(document, diagnostic) ?? []) : [])) },
    { providedCodeActionKinds: [vscode.CodeActionKind.QuickFix] },
  );
}

function fixOf(document: vscode.TextDocument, diagnostic: vscode.Diagnostic): vscode.CodeAction | null {
  const { message, range, code } = diagnostic;
  const replacement = proposedReplacement(message);
  if (replacement !== null) return action(l10n.t('Change to {0}', replacement), document, diagnostic, [{ range, text: replacement }]);
  const scaled = code === 'weights' ? normalisedWeights(document.getText(), range.start) : null;
  if (!scaled) return null;
  return action(l10n.t('Scale the weights to sum to 1'), document, diagnostic, scaled.map(({ range: { start, end }, text }) => ({ range: new vscode.Range(start.line, start.character, end.line, end.character), text })));
}

function action(title: string, document: vscode.TextDocument, diagnostic: vscode.Diagnostic, edits: readonly { readonly range: vscode.Range; readonly text: string }[]): vscode.CodeAction {
  const fix = new vscode.CodeAction(title, vscode.CodeActionKind.QuickFix);
  fix.diagnostics = [diagnostic];
  fix.isPreferred = true;
  fix.edit = new vscode.WorkspaceEdit();
  for (const { range, text } of edits) fix.edit.replace(document.uri, range, text);
  return fix;
}
