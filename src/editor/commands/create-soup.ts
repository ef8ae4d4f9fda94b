import path from 'node:path';
import * as l10n from '@vscode/l10n';
import * as vscode from 'vscode';
import type { BlendPanels } from '../blend-panel/blend-panels';
import { checkpointDescription } from '../checkpoint-tree/appearance';
import type { CheckpointIndex } from '../checkpoint-tree/checkpoint-index';
import { checkpointPathsOf } from './checkpoint-arguments';
import { localFileNeeded } from './local-path';

/** **Create Soup…**: opens the blend panel on a selection of the tree or the Explorer, or on what is picked. */
export async function createSoup(clicked: unknown, selection: unknown, checkpoints: CheckpointIndex, panels: BlendPanels): Promise<void> {
  const selected = checkpointPathsOf(clicked, selection, checkpoints.copies);
  const virtual = selected.find((at) => checkpoints.copies.isCopy(at));
  if (virtual !== undefined) throw localFileNeeded(checkpoints.copies.shown(virtual));
  const paths = selected.length >= 2 ? selected : await pick(selected, checkpoints);
  if (paths) panels.show(paths, null);
}

async function pick(preselected: readonly string[], checkpoints: CheckpointIndex): Promise<string[] | null> {
  const found = (await checkpoints.loaded()).flatMap((entry) => ('type' in entry || checkpoints.copies.isCopy(entry.path) ? [] : [entry]));
  const items = found.map((summary) => ({
    label: path.basename(summary.path),
    description: checkpointDescription(summary),
    detail: vscode.workspace.asRelativePath(summary.path),
    picked: preselected.includes(summary.path),
    path: summary.path,
  }));
  if (items.length < 2) {
    void vscode.window.showInformationMessage(l10n.t('A soup needs at least two checkpoints on a disk; this workspace has fewer.'));
    return null;
  }
  const picked = await vscode.window.showQuickPick(items, { title: l10n.t('Create Soup'), placeHolder: l10n.t('Choose two or more checkpoints to blend'), canPickMany: true, matchOnDetail: true });
  if (!picked) return null;
  if (picked.length >= 2) return picked.map((item) => item.path);
  void vscode.window.showInformationMessage(l10n.t('A soup needs at least two checkpoints.'));
  return null;
}
