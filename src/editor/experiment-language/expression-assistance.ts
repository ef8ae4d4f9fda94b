import * as l10n from '@vscode/l10n';
import * as vscode from 'vscode';
import { ask } from '../yaml-language/ask';
import type { LanguageWorker } from '../yaml-language/worker/work';
import { experimentFilePatterns } from './experiment-file';
import { expressionWordAt, type ExpressionName } from './expression-context';
import { expressionNames } from './expression-names';

const selector: vscode.DocumentSelector = experimentFilePatterns.map((pattern) => ({ pattern }));
const kinds: Readonly<Record<ExpressionName['kind'], vscode.CompletionItemKind>> = {
  metric: vscode.CompletionItemKind.Field,
  reward: vscode.CompletionItemKind.Variable,
  function: vscode.CompletionItemKind.Function,
  constant: vscode.CompletionItemKind.Constant,
};

/** Completion and hover for the names in reward expressions. */
export function registerExpressionAssistance(worker: LanguageWorker): vscode.Disposable {
  return vscode.Disposable.from(
    vscode.languages.registerCompletionItemProvider(selector, { provideCompletionItems: (document, position, token) => complete(worker, document, position, token) }),
    vscode.languages.registerHoverProvider(selector, { provideHover: (document, position, token) => hover(worker, document, position, token) }),
  );
}

async function complete(worker: LanguageWorker, document: vscode.TextDocument, position: vscode.Position, token: vscode.CancellationToken): Promise<vscode.CompletionItem[] | null> {
  const word = expressionWordAt(linesOf(document), position.line, position.character);
  if (!word) return null;
  const scope = await ask(worker, { kind: 'scope' as const, text: document.getText() }, token);
  return scope && expressionNames(scope).map(({ name, kind, detail, description }) => {
    const item = new vscode.CompletionItem({ label: name, description: detail }, kinds[kind]);
    item.documentation = description;
    item.range = new vscode.Range(position.line, word.start, position.line, word.end);
    item.sortText = `${Object.keys(kinds).indexOf(kind)}${name}`;
    if (kind === 'function') {
      item.insertText = new vscode.SnippetString(`${name}($0)`);
      item.command = { command: 'editor.action.triggerSuggest', title: l10n.t('Suggest') };
    }
    return item;
  });
}

async function hover(worker: LanguageWorker, document: vscode.TextDocument, position: vscode.Position, token: vscode.CancellationToken): Promise<vscode.Hover | null> {
  const word = expressionWordAt(linesOf(document), position.line, position.character);
  if (!word) return null;
  const scope = await ask(worker, { kind: 'scope' as const, text: document.getText() }, token);
  const known = scope && expressionNames(scope).find(({ name }) => name === word.text);
  if (!known) return null;
  const text = new vscode.MarkdownString().appendCodeblock(`${known.name}: ${known.detail}`, 'yaml').appendText(known.description);
  return new vscode.Hover(text, new vscode.Range(position.line, word.start, position.line, word.end));
}

function linesOf(document: vscode.TextDocument): string[] {
  return document.getText().split(/\r?\n/);
}
