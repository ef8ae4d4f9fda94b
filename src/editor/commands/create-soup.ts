import path from 'node:path';
import * as l10n from '@vscode/l10n';
import * as vscode from 'vscode';
import type { BlendPanels } from '../blend-panel/blend-panels';
import { checkpointDescription } from '../checkpoint-tree/appearance';
import type { CheckpointIndex } from '../checkpoint-tree/checkpoint-index';
import { mainFile } from '../checkpoint-tree/checkpoint-paths';
import type { CheckpointSummary } from '../checkpoint-tree/checkpoint-summary';
import { groupByBase } from '../checkpoint-tree/groups';
import { inTurns } from '../turns';
import { checkpointPathsOf } from './checkpoint-arguments';
import { localFileNeeded } from './local-path';

/** **Create Soup…**: opens the blend panel on a selection of the tree or the Explorer; what a selected folder holds is picked from. */
export async function createSoup(clicked: unknown, selection: unknown, checkpoints: CheckpointIndex, panels: BlendPanels): Promise<void> {
  const selected = checkpointPathsOf(clicked, selection, checkpoints.copies);
  const virtual = selected.find((at) => checkpoints.copies.isCopy(at));
  if (virtual !== undefined) throw localFileNeeded(checkpoints.copies.shown(virtual));
  const isFolder = await Promise.all(selected.map((at) => holdsOthers(at, checkpoints)));
  const isNarrowed = isFolder.includes(true);
  const paths = selected.length >= 2 && !isNarrowed ? selected : await pick(selected, isNarrowed, checkpoints);
  if (paths) await panels.show(paths, null);
}

/** Whether it is a directory that is no checkpoint itself. */
async function holdsOthers(at: string, { copies }: CheckpointIndex): Promise<boolean> {
  return (await copies.stat(at))?.isDirectory === true && mainFile(await copies.names(at)) === null;
}

/** @param isNarrowed whether only what was selected, or lies in it, may be picked */
async function pick(selected: readonly string[], isNarrowed: boolean, checkpoints: CheckpointIndex): Promise<string[] | null> {
  const isSelected = (at: string): boolean => selected.some((one) => at === one || at.startsWith(one + path.sep));
  const found = (await checkpoints.loaded()).flatMap((entry) => ('type' in entry || checkpoints.copies.isCopy(entry.path) || (isNarrowed && !isSelected(entry.path)) ? [] : [entry]));
  const groups = await inTurns(groupByBase(found));
  // a folder may hold what belongs to several bases: then there is nothing to propose
  const isProposed = ({ path: at }: CheckpointSummary): boolean => isSelected(at) && (!isNarrowed || groups.length === 1);
  const items = groups.flatMap((group) => [
    { label: [group.label, group.origin].filter(Boolean).join(' · '), kind: vscode.QuickPickItemKind.Separator, path: '' },
    ...group.checkpoints.map(({ summary }) => ({
      label: path.basename(summary.path),
      description: checkpointDescription(summary),
      detail: vscode.workspace.asRelativePath(summary.path),
      picked: isProposed(summary),
      path: summary.path,
    })),
  ]);
  if (found.length < 2) {
    void vscode.window.showInformationMessage(isNarrowed ? l10n.t('A soup needs at least two checkpoints; there are fewer in what is selected.') : l10n.t('A soup needs at least two checkpoints on a disk; this workspace has fewer.'));
    return null;
  }
  const picked = await vscode.window.showQuickPick(items, { title: l10n.t('Create Soup'), placeHolder: l10n.t('Choose two or more checkpoints to blend'), canPickMany: true, matchOnDetail: true });
  if (!picked) return null;
  if (picked.length >= 2) return picked.map((item) => item.path);
  void vscode.window.showInformationMessage(l10n.t('A soup needs at least two checkpoints.'));
  return null;
}
