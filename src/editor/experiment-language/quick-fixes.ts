import * as l10n from '@vscode/l10n';
import * as vscode from 'vscode';
import { diagnosticSource } from '../problems';
import { ask } from '../yaml-language/ask';
import type { LanguageWorker } from '../yaml-language/worker/work';
import { proposedReplacement } from './suggestion';

/** Fixes of the problems of experiment files and mergekit configurations: the nearest name, and weights scaled to sum to 1. */
export function registerQuickFixes(worker: LanguageWorker): vscode.Disposable {
  return vscode.languages.registerCodeActionsProvider(
    { pattern: '**/*.{yaml,yml}' },
    {
      async provideCodeActions(document, _range, { diagnostics }, token) {
        const fixes = await Promise.all(diagnostics.map((diagnostic) => (diagnostic.source === diagnosticSource ? fixOf(worker, document, diagnostic, token) : null)));
        return fixes.filter((fix) => fix !== null);
      },
    },
    { providedCodeActionKinds: [vscode.CodeActionKind.QuickFix] },
  );
}

async function fixOf(worker: LanguageWorker, document: vscode.TextDocument, diagnostic: vscode.Diagnostic, token: vscode.CancellationToken): Promise<vscode.CodeAction | null> {
  const { message, range, code } = diagnostic;
  const replacement = proposedReplacement(message);
  if (replacement !== null) return action(l10n.t('Change to {0}', replacement), document, diagnostic, [{ range, text: replacement }]);
  const scaled = code === 'weights' ? await ask(worker, { kind: 'normalised' as const, text: document.getText(), at: { line: range.start.line, character: range.start.character } }, token) : null;
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
