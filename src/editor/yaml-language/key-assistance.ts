import path from 'node:path';
import * as l10n from '@vscode/l10n';
import * as vscode from 'vscode';
import type { KeyPath } from '../../experiment/yaml-source';
import { definitionFile } from './definition-file';
import { scalarAt, typingPlaceAt } from './place';
import { factsText, hoverText, lenientValue, type Vocabulary } from './vocabulary';

/** A kind of YAML file. */
export interface YamlLanguage {
  readonly selector: vscode.DocumentSelector;
  isOurs(document: vscode.TextDocument): boolean;
  /** Whether the JSON Schema of the manifest is matched to it, so that an extension for YAML completes and explains its keys. */
  isMatchedToSchema(document: vscode.TextDocument): boolean;
  vocabulary(value: unknown): Vocabulary;
  /** The file or directory of a path in it. @throws SoupError where there is none */
  locate(reference: string, directory: string): Promise<string>;
}

const yamlExtension = 'redhat.vscode-yaml';

/** Completion and hover for the keys of a kind of file and their values, and the way to the files that it names. */
export function registerKeyAssistance(language: YamlLanguage): vscode.Disposable {
  const isMine = (document: vscode.TextDocument): boolean => language.isOurs(document) && !(vscode.extensions.getExtension(yamlExtension) && language.isMatchedToSchema(document));
  return vscode.Disposable.from(
    vscode.languages.registerCompletionItemProvider(language.selector, { provideCompletionItems: (document, position) => (isMine(document) ? complete(language, document, position) : null) }, ' '),
    vscode.languages.registerHoverProvider(language.selector, { provideHover: (document, position) => (isMine(document) ? hover(language, document, position) : null) }),
    vscode.languages.registerDefinitionProvider(language.selector, { provideDefinition: (document, position) => (language.isOurs(document) ? definition(language, document, position) : null) }),
  );
}

function complete(language: YamlLanguage, document: vscode.TextDocument, position: vscode.Position): vscode.CompletionItem[] | null {
  const lines = document.getText().split(/\r?\n/);
  const place = typingPlaceAt(lines, position.line, position.character);
  if (!place) return null;
  const value = lenientValue(lines, position.line);
  const vocabulary = language.vocabulary(value);
  const range = new vscode.Range(position.line, place.start, position.line, position.character);
  if (place.of === 'value') return vocabulary.values(place.path).map((known) => completion(known.value, vscode.CompletionItemKind.EnumMember, known.description, range, known.value));
  const present = keysOf(value, place.path);
  return vocabulary.keys(place.path).filter((key) => !present.includes(key)).map((key) => {
    const facts = vocabulary.facts([...place.path, key]);
    const item = completion(key, vscode.CompletionItemKind.Property, '', range, facts?.isBlock && !place.isFlow ? `${key}:\n${' '.repeat(place.start + 2)}` : `${key}: `);
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

function keysOf(value: unknown, at: KeyPath): readonly string[] {
  const found = at.reduce<unknown>((inner, key) => (typeof inner === 'object' && inner !== null ? (inner as Record<PropertyKey, unknown>)[key] : undefined), value);
  return typeof found === 'object' && found !== null ? Object.keys(found) : [];
}

function hover(language: YamlLanguage, document: vscode.TextDocument, position: vscode.Position): vscode.Hover | null {
  const text = document.getText();
  const found = scalarAt(text, document.offsetAt(position));
  const said = found && hoverText(language.vocabulary(lenientValue(text.split(/\r?\n/), null)), found, words());
  return said ? new vscode.Hover(new vscode.MarkdownString(said)) : null;
}

async function definition(language: YamlLanguage, document: vscode.TextDocument, position: vscode.Position): Promise<vscode.LocationLink[] | null> {
  const text = document.getText();
  const found = scalarAt(text, document.offsetAt(position));
  if (found?.of !== 'value' || !language.vocabulary(lenientValue(text.split(/\r?\n/), null)).isFilePath(found.path)) return null;
  const { start, end } = found.range;
  const files = await definitionFiles(language, found.text, path.dirname(document.uri.fsPath));
  return files.map((file) => ({
    originSelectionRange: new vscode.Range(start.line, start.character, end.line, end.character),
    targetUri: vscode.Uri.file(file),
    targetRange: new vscode.Range(0, 0, 0, 0),
  }));
}

/** `base+adapter` are two; what is not there is said by the run, not here. */
async function definitionFiles(language: YamlLanguage, reference: string, directory: string): Promise<string[]> {
  try {
    const located = await language.locate(reference, directory);
    return (await Promise.all(located.split('+').map(definitionFile))).filter((file) => file !== null);
  } catch {
    return [];
  }
}

const words = () => ({ default: l10n.t('Default'), oneOf: l10n.t('One of') });
