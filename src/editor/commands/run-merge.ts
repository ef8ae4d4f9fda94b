import { existsSync } from 'node:fs';
import path from 'node:path';
import * as l10n from '@vscode/l10n';
import * as vscode from 'vscode';
import { mergeFromConfig } from '../../merge/mergekit/merge';
import { loadMergekit } from '../../merge/mergekit/parse';
import { commands } from '../contributions';
import { cancellableProgress, wholeFraction, type Shares } from './cancellable-progress';
import { localPath } from './local-path';
import { soupNameProblem } from './soup-request';

/** Reading, merging and writing the models comes first; then their hashes go into the provenance. */
const shareOfWork: Shares<'merge' | 'hash'> = { merge: { from: 0, size: 0.6 }, hash: { from: 0.6, size: 0.4 } };

/**
 * **Run Merge**: carries out a mergekit configuration, from the Explorer, the CodeLens or the editor that shows it, into a
 * new directory beside it.
 * @throws SoupError what is wrong with the configuration or its models
 */
export async function runMerge(clicked: unknown, log: vscode.LogOutputChannel): Promise<void> {
  const uri = clicked instanceof vscode.Uri ? clicked : vscode.window.activeTextEditor?.document.uri;
  if (!uri) {
    void vscode.window.showInformationMessage(l10n.t('Open a mergekit configuration, or right-click one in the Explorer.'));
    return;
  }
  const config = localPath(uri);
  await vscode.workspace.textDocuments.find((document) => document.uri.toString() === uri.toString())?.save();
  await loadMergekit(config); // what is wrong is said before anything is asked
  const output = await askOutput(config);
  if (output === null) return;
  const name = path.basename(output);
  const summary = await cancellableProgress(l10n.t('Merging into {0}', name), (signal, report) => mergeFromConfig({ config, output, signal, onProgress: (progress) => report(wholeFraction(shareOfWork, progress)) }));
  if (!summary) return;
  log.info(`Merged ${config} into ${output}.`);
  for (const warning of summary.warnings) log.warn(`${name}: ${warning}`);
  const answer = await vscode.window.showInformationMessage(l10n.t('Merged into {0}: {1}, {2} tensors.', name, summary.method, summary.tensorCount), l10n.t('Inspect'), l10n.t('Reveal'));
  if (answer === l10n.t('Inspect')) await vscode.commands.executeCommand(commands.inspectCheckpoint, vscode.Uri.file(output));
  if (answer === l10n.t('Reveal')) await vscode.commands.executeCommand('revealInExplorer', vscode.Uri.file(path.join(output, 'mergekit_config.yml')));
}

async function askOutput(config: string): Promise<string | null> {
  const folder = path.dirname(config);
  const isTaken = (name: string): boolean => existsSync(path.join(folder, name));
  const plain = path.basename(config).replace(/\.ya?ml$/, '');
  const name = await vscode.window.showInputBox({
    title: l10n.t('Run Merge'),
    prompt: l10n.t('Output name: the merged model becomes a directory of this name in {0}', vscode.workspace.asRelativePath(folder)),
    value: isTaken(plain) ? `${plain}-merged` : plain,
    ignoreFocusOut: true,
    validateInput: (value) => soupNameProblem(value, isTaken),
  });
  return name === undefined ? null : path.join(folder, name);
}
