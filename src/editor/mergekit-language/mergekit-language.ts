import path from 'node:path';
import * as l10n from '@vscode/l10n';
import * as vscode from 'vscode';
import { openCheckpoint } from '../../checkpoint/checkpoint';
import { locateModel } from '../../merge/mergekit/models';
import { modelsOf, type ModelTensors } from '../../merge/mergekit/output-tensors';
import { parseMergekit } from '../../merge/mergekit/parse';
import { resolveParameters, settingAt, usesOf } from '../../merge/mergekit/resolve';
import type { MergekitConfig } from '../../merge/mergekit/schema';
import { commands } from '../contributions';
import { publishProblems } from '../problems';
import { registerKeyAssistance } from '../yaml-language/key-assistance';
import { isMergekitText, mergeMethodLine } from './mergekit-file';
import { mergekitVocabulary } from './mergekit-vocabulary';
import { settingHover } from './setting-hover';

const yaml = { pattern: '**/*.{yaml,yml}' };
/** Merges, and the headers of their models, need a disk. */
const onDisk = { ...yaml, scheme: 'file' };

/** Problems, *Run Merge* above the method, and hovers that resolve parameters, in the mergekit configurations of the workspace. */
export function registerMergekitLanguage(): vscode.Disposable {
  return vscode.Disposable.from(
    publishProblems('mergekit', ({ languageId, getText }) => languageId === 'yaml' && mergeMethodLine(getText()) !== null, problemsOf),
    vscode.languages.registerCodeLensProvider(onDisk, { provideCodeLenses: lenses }),
    vscode.languages.registerHoverProvider(onDisk, { provideHover: hover }),
    registerKeyAssistance({
      selector: yaml,
      isOurs: (document) => isMergekitName(document) || isMergekitText(document.getText()),
      isMatchedToSchema: isMergekitName,
      vocabulary: mergekitVocabulary,
      locate: locateModel,
    }),
  );
}

function problemsOf(document: vscode.TextDocument): vscode.Diagnostic[] {
  return parseMergekit(document.getText()).problems.map(({ message, range: { start, end } }) => new vscode.Diagnostic(new vscode.Range(start.line, start.character, end.line, end.character), message));
}

function lenses(document: vscode.TextDocument): vscode.CodeLens[] {
  const line = mergeMethodLine(document.getText());
  if (line === null) return [];
  return [new vscode.CodeLens(new vscode.Range(line, 0, line, 0), { title: l10n.t('$(beaker) Run Merge'), command: commands.runMerge, tooltip: l10n.t('Merge these models into a new directory'), arguments: [document.uri] })];
}

async function hover(document: vscode.TextDocument, position: vscode.Position): Promise<vscode.Hover | null> {
  const text = document.getText();
  if (mergeMethodLine(text) === null) return null;
  const place = settingAt(text.replaceAll('\r\n', '\n'), position);
  const { config } = parseMergekit(text);
  if (!place || !config) return null;
  try {
    const tensors = await tensorsOf(config, path.dirname(document.uri.fsPath));
    return new vscode.Hover(new vscode.MarkdownString(settingHover(usesOf(resolveParameters(config, tensors), place))));
  } catch (error) {
    return new vscode.Hover(new vscode.MarkdownString().appendText(error instanceof Error ? error.message : String(error)));
  }
}

/** Names of every model's tensors, from its headers. */
async function tensorsOf(config: MergekitConfig, directory: string): Promise<ModelTensors> {
  const models = modelsOf(config).map(async (model) => [model, new Set((await openCheckpoint(await locateModel(model, directory))).tensors.keys())] as const);
  return new Map(await Promise.all(models));
}

/** The names that the manifest matches to the schema; other files are known by what is in them. */
function isMergekitName({ fileName }: vscode.TextDocument): boolean {
  return /^(.*\.)?mergekit(_config)?\.ya?ml$/.test(path.basename(fileName));
}
