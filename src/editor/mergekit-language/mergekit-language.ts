import path from 'node:path';
import * as l10n from '@vscode/l10n';
import * as vscode from 'vscode';
import { commands } from '../contributions';
import { publishProblems } from '../problems';
import { ask } from '../yaml-language/ask';
import { registerKeyAssistance } from '../yaml-language/key-assistance';
import type { LanguageWorker } from '../yaml-language/worker/work';
import { isMergekitText, mergeMethodLine } from './mergekit-file';
import { settingHover } from './setting-hover';

const yaml = { pattern: '**/*.{yaml,yml}' };
/** Merges, and the headers of their models, need a disk. */
const onDisk = { ...yaml, scheme: 'file' };

/** Problems, *Run Merge* above the method, and hovers that resolve parameters, in the mergekit configurations of the workspace. */
export function registerMergekitLanguage(worker: LanguageWorker): vscode.Disposable {
  return vscode.Disposable.from(
    publishProblems('mergekit', ({ languageId, getText }) => languageId === 'yaml' && mergeMethodLine(getText()) !== null, ({ getText }) => worker.run({ kind: 'problems' as const, language: 'mergekit', text: getText(), file: null })),
    vscode.languages.registerCodeLensProvider(onDisk, { provideCodeLenses: lenses }),
    vscode.languages.registerHoverProvider(onDisk, { provideHover: (document, position, token) => hover(worker, document, position, token) }),
    registerKeyAssistance({
      id: 'mergekit',
      selector: yaml,
      isOurs: (document) => isMergekitName(document) || isMergekitText(document.getText()),
      isMatchedToSchema: isMergekitName,
    }, worker),
  );
}

function lenses(document: vscode.TextDocument): vscode.CodeLens[] {
  const line = mergeMethodLine(document.getText());
  if (line === null) return [];
  return [new vscode.CodeLens(new vscode.Range(line, 0, line, 0), { title: l10n.t('$(beaker) Run Merge'), command: commands.runMerge, tooltip: l10n.t('Merge these models into a new directory'), arguments: [document.uri] })];
}

async function hover(worker: LanguageWorker, document: vscode.TextDocument, { line, character }: vscode.Position, token: vscode.CancellationToken): Promise<vscode.Hover | null> {
  const text = document.getText();
  if (mergeMethodLine(text) === null) return null;
  const found = await ask(worker, { kind: 'setting' as const, text, at: { line, character }, directory: path.dirname(document.uri.fsPath) }, token);
  if (!found) return null;
  return new vscode.Hover('failure' in found ? new vscode.MarkdownString().appendText(found.failure) : new vscode.MarkdownString(settingHover(found)));
}

/** The names that the manifest matches to the schema; other files are known by what is in them. */
function isMergekitName({ fileName }: vscode.TextDocument): boolean {
  return /^(.*\.)?mergekit(_config)?\.ya?ml$/.test(path.basename(fileName));
}
