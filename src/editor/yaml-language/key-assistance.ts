import path from 'node:path';
import * as l10n from '@vscode/l10n';
import * as vscode from 'vscode';
import { ask } from './ask';
import { factsText } from './facts-text';
import type { LanguageId, LanguageWorker } from './worker/work';

/** A kind of YAML file. */
export interface YamlLanguage {
  readonly id: LanguageId;
  readonly selector: vscode.DocumentSelector;
  isOurs(document: vscode.TextDocument): boolean;
  /** Whether the JSON Schema of the manifest is matched to it, so that an extension for YAML completes and explains its keys. */
  isMatchedToSchema(document: vscode.TextDocument): boolean;
}

const yamlExtension = 'redhat.vscode-yaml';

/** Completion and hover for the keys of a kind of file and their values, and the way to the files that it names. */
export function registerKeyAssistance(language: YamlLanguage, worker: LanguageWorker): vscode.Disposable {
  const { id, selector } = language;
  const isMine = (document: vscode.TextDocument): boolean => language.isOurs(document) && !(vscode.extensions.getExtension(yamlExtension) && language.isMatchedToSchema(document));
  return vscode.Disposable.from(
    vscode.languages.registerCompletionItemProvider(selector, { provideCompletionItems: (document, position, token) => (isMine(document) ? complete(id, worker, document, position, token) : null) }, ' '),
    vscode.languages.registerHoverProvider(selector, { provideHover: (document, position, token) => (isMine(document) ? hover(id, worker, document, position, token) : null) }),
    vscode.languages.registerDefinitionProvider(selector, { provideDefinition: (document, position, token) => (language.isOurs(document) ? definition(id, worker, document, position, token) : null) }),
  );
}

async function complete(language: LanguageId, worker: LanguageWorker, document: vscode.TextDocument, position: vscode.Position, token: vscode.CancellationToken): Promise<vscode.CompletionItem[] | null> {
  const { line, character } = position;
  const found = await ask(worker, { kind: 'completions' as const, language, text: document.getText(), at: { line, character } }, token);
  if (!found) return null;
  const range = new vscode.Range(line, found.start, line, character);
  if (found.of === 'value') return found.items.map(({ label, description }) => completion(label, vscode.CompletionItemKind.EnumMember, description, range, label));
  return found.items.map(({ label: key, description, facts }) => {
    const item = completion(key, vscode.CompletionItemKind.Property, description, range, facts?.isBlock && !found.isFlow ? `${key}:\n${' '.repeat(found.start + 2)}` : `${key}: `);
    if (facts) item.documentation = new vscode.MarkdownString(factsText(key, facts, words()));
    return item;
  });
}

function completion(label: string, kind: vscode.CompletionItemKind, description: string, range: vscode.Range, insertText: string): vscode.CompletionItem {
  const item = new vscode.CompletionItem({ label, description }, kind);
  item.range = range;
  item.insertText = insertText;
  item.keepWhitespace = true;
  return item;
}

async function hover(language: LanguageId, worker: LanguageWorker, document: vscode.TextDocument, position: vscode.Position, token: vscode.CancellationToken): Promise<vscode.Hover | null> {
  const said = await ask(worker, { kind: 'hover' as const, language, text: document.getText(), offset: document.offsetAt(position), words: words() }, token);
  return said === null ? null : new vscode.Hover(new vscode.MarkdownString(said));
}

async function definition(language: LanguageId, worker: LanguageWorker, document: vscode.TextDocument, position: vscode.Position, token: vscode.CancellationToken): Promise<vscode.LocationLink[] | null> {
  const found = await ask(worker, { kind: 'definition' as const, language, text: document.getText(), offset: document.offsetAt(position), directory: path.dirname(document.uri.fsPath) }, token);
  if (!found) return null;
  const { start, end } = found.range;
  return found.files.map((file) => ({
    originSelectionRange: new vscode.Range(start.line, start.character, end.line, end.character),
    targetUri: vscode.Uri.file(file),
    targetRange: new vscode.Range(0, 0, 0, 0),
  }));
}

const words = () => ({ default: l10n.t('Default'), oneOf: l10n.t('One of') });
