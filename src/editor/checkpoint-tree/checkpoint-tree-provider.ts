import path from 'node:path';
import * as vscode from 'vscode';
import { commands, treeItems, views } from '../contributions';
import { escapeMarkdown } from '../run-tree/appearance';
import type { RunIndex } from '../run-tree/run-index';
import { checkpointDescription, checkpointIcon, checkpointTooltip, distinctLabels } from './appearance';
import type { CheckpointIndex } from './checkpoint-index';
import { groupByBase, type BrokenCheckpoint, type CheckpointGroup, type CheckpointNode, type CheckpointTreeNode } from './groups';

/** The *Checkpoints* view: groups by shared base, then files that could not be read. */
export class CheckpointTreeProvider implements vscode.TreeDataProvider<CheckpointTreeNode>, vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<undefined>();
  private readonly subscription: vscode.Disposable;
  private labels = new Map<string, string>();
  readonly onDidChangeTreeData = this.changed.event;

  constructor(private readonly index: CheckpointIndex) {
    this.subscription = index.onDidChange(() => this.changed.fire(undefined));
  }

  async getChildren(node?: CheckpointTreeNode): Promise<CheckpointTreeNode[]> {
    if (node) return node.type === 'group' ? [...node.checkpoints] : [];
    const found = await this.index.loaded();
    const broken = found.filter((entry): entry is BrokenCheckpoint => 'type' in entry);
    const groups = groupByBase(found.flatMap((entry) => ('type' in entry ? [] : [entry])));
    this.labels = new Map(groups.flatMap(({ checkpoints }) => [...distinctLabels(checkpoints.map(({ summary }) => summary.path))]));
    return [...groups, ...broken];
  }

  getTreeItem(node: CheckpointTreeNode): vscode.TreeItem {
    switch (node.type) {
      case 'group':
        return groupItem(node);
      case 'checkpoint':
        return checkpointItem(node, this.labels.get(node.summary.path) ?? path.basename(node.summary.path));
      case 'broken':
        return brokenItem(node);
    }
  }

  dispose(): void {
    this.subscription.dispose();
    this.changed.dispose();
  }
}

/** Absolute path of the file or directory that a node stands for; null for a group. */
export function pathOfNode(node: CheckpointTreeNode): string | null {
  if (node.type === 'group') return null;
  return node.type === 'checkpoint' ? node.summary.path : node.path;
}

/** Has the index look again when a run ends well: on a busy machine a watcher may miss the weights that it wrote. */
export function followRuns(index: CheckpointIndex, runs: RunIndex): vscode.Disposable {
  let known = '';
  return runs.onDidChange((experiments) => {
    const written = experiments.flatMap((experiment) => experiment.runs.filter(({ record }) => record.state === 'succeeded').map(({ directory, record }) => `${directory}@${record.endedAt}`));
    if (written.join() !== known) index.lookAgain();
    known = written.join();
  });
}

/** Registers the view. */
export function createCheckpointTree(index: CheckpointIndex): vscode.TreeView<CheckpointTreeNode> & { provider: CheckpointTreeProvider } {
  const provider = new CheckpointTreeProvider(index);
  const view = vscode.window.createTreeView(views.checkpoints, { treeDataProvider: provider, canSelectMany: true, showCollapseAll: true });
  return Object.assign(view, { provider });
}

function groupItem(group: CheckpointGroup): vscode.TreeItem {
  const item = new vscode.TreeItem(group.label, vscode.TreeItemCollapsibleState.Expanded);
  item.id = group.key;
  item.description = group.description;
  item.contextValue = treeItems.checkpointGroup;
  item.tooltip = group.baseHash === null ? 'Checkpoints with the same tensors; nothing says which base they share.' : `Fine-tuned from one base, SHA-256 ${group.baseHash}`;
  return item;
}

function checkpointItem({ summary }: CheckpointNode, label: string): vscode.TreeItem {
  const item = new vscode.TreeItem(label, vscode.TreeItemCollapsibleState.None);
  item.id = summary.path;
  item.description = checkpointDescription(summary);
  item.iconPath = new vscode.ThemeIcon(checkpointIcon(summary));
  item.contextValue = treeItems.checkpoint;
  item.tooltip = new vscode.MarkdownString(checkpointTooltip(summary), true);
  item.accessibilityInformation = { label: `checkpoint ${label}, ${item.description}` };
  return item;
}

function brokenItem({ path: at, message }: BrokenCheckpoint): vscode.TreeItem {
  const item = new vscode.TreeItem(path.basename(at), vscode.TreeItemCollapsibleState.None);
  item.id = at;
  item.description = 'unreadable';
  item.iconPath = new vscode.ThemeIcon('warning', new vscode.ThemeColor('list.warningForeground'));
  item.contextValue = treeItems.brokenCheckpoint;
  item.tooltip = new vscode.MarkdownString(`$(warning) ${escapeMarkdown(message)}\n\n\`${at}\``, true);
  item.command = { command: commands.inspectCheckpoint, title: 'Inspect', arguments: [{ type: 'broken', path: at, message }] };
  item.accessibilityInformation = { label: `unreadable checkpoint ${path.basename(at)}: ${message}` };
  return item;
}
