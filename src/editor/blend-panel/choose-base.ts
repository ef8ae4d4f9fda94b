import path from 'node:path';
import * as l10n from '@vscode/l10n';
import * as vscode from 'vscode';
import type { CheckpointIndex } from '../checkpoint-tree/checkpoint-index';
import type { CheckpointSummary } from '../checkpoint-tree/checkpoint-summary';
import { candidateRow } from '../inspector/comparison-candidates';
import { otherBases } from './base-choices';

/** Asks for a base among all checkpoints of the workspace, or anywhere on the disk. Null where none was chosen. */
export async function chooseBase(chosen: readonly CheckpointSummary[], index: Pick<CheckpointIndex, 'loaded' | 'copies'>): Promise<string | null> {
  const title = l10n.t('Choose the base');
  const browse = { label: l10n.t('$(folder-opened) Browse…'), description: l10n.t('a checkpoint that is not in this workspace'), path: null, alwaysShow: true };
  const rows = async () => {
    const others = otherBases(chosen, await index.loaded()).filter(({ summary }) => !index.copies.isCopy(summary.path));
    return [browse, ...others.map((candidate) => candidateRow(candidate, vscode.workspace.asRelativePath(candidate.summary.path)))];
  };
  const picked = await vscode.window.showQuickPick(rows(), { title, placeHolder: l10n.t('Choose the checkpoint that the experts were trained from'), matchOnDescription: true, matchOnDetail: true });
  if (!picked) return null;
  return picked.path ?? chooseOnDisk(title, path.dirname(chosen[0]!.path));
}

/** Asks for a file or a folder. Null where none was chosen. */
export async function chooseOnDisk(title: string, folder: string): Promise<string | null> {
  const [chosen] = (await vscode.window.showOpenDialog({ title, canSelectFiles: true, canSelectFolders: true, defaultUri: vscode.Uri.file(folder) })) ?? [];
  return chosen?.fsPath ?? null;
}
