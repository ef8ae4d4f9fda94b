import path from 'node:path';
import * as l10n from '@vscode/l10n';
import * as vscode from 'vscode';
import type { RunIndex } from '../run-tree/run-index';
import { commands, treeItems } from '../contributions';
import { checkpointDescription, checkpointIcon, checkpointTooltip, distinctLabels, formatBytes, unreadTooltip } from './appearance';
import type { LocalCopies } from '../virtual-files/local-copies';
import type { CheckpointIndex } from './checkpoint-index';
import type { BrokenCheckpoint, CheckpointGroup, CheckpointNode, SortOrder } from './groups';
import { idOf, VisibleTree, type MoreNode, type TreeNode } from './visible-tree';

/** The *Checkpoints* view: groups by shared base, then files that could not be read. */
export class CheckpointTreeProvider implements vscode.TreeDataProvider<TreeNode>, vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<TreeNode[] | undefined>();
  private readonly subscription: vscode.Disposable;
  private readonly tree = new VisibleTree();
  private readonly labels = new Map<string, string>();
  readonly onDidChangeTreeData = this.changed.event;
  private readonly updated = new vscode.EventEmitter<void>();
  /** Fires when the tree has taken over what the index has found, whether rows have changed or not. */
  readonly onDidUpdate = this.updated.event;
  private updating: Promise<void> | null = null;
  private isStale = false;

  constructor(
    private readonly index: CheckpointIndex,
    private readonly onError: (error: unknown) => void,
  ) {
    this.subscription = index.onDidChange(() => this.update());
  }

  async getChildren(node?: TreeNode): Promise<TreeNode[]> {
    if (!node) {
      await this.index.started();
      await this.updating;
    }
    const children = node ? this.tree.childrenOf(node) : this.tree.roots();
    const paths = children.flatMap((child) => (child.type === 'checkpoint' ? [child.summary.path] : []));
    for (const [at, label] of distinctLabels(paths)) this.labels.set(at, label);
    return children;
  }

  getParent(node: TreeNode): TreeNode | null {
    return this.tree.parentOf(node);
  }

  getTreeItem(node: TreeNode): vscode.TreeItem {
    const item = itemOf(node, (at) => this.labels.get(at) ?? path.basename(at), this.index.copies);
    item.id = idOf(node);
    return item;
  }

  /** Tooltips of checkpoints, each when the pointer rests on its row: those of hundreds of rows at once would hold up the editor. */
  resolveTreeItem(item: vscode.TreeItem, node: TreeNode): vscode.TreeItem {
    if (node.type === 'checkpoint') item.tooltip = new vscode.MarkdownString(checkpointTooltip(node.summary, node.strange, this.index.copies.shown(node.summary.path)), true);
    return item;
  }

  get filter(): string {
    return this.tree.filter;
  }

  set filter(text: string) {
    this.tree.filter = text;
    this.update();
  }

  get order(): SortOrder {
    return this.tree.order;
  }

  set order(order: SortOrder) {
    this.tree.order = order;
    this.update();
  }

  /** How many checkpoints have been read, and how many of them the filter leaves. */
  get counts(): { readonly total: number; readonly shown: number } {
    return this.tree.counts;
  }

  /** The row of a checkpoint; undefined while there is none. */
  nodeAt(path: string): TreeNode | undefined {
    return this.tree.nodeAt(path);
  }

  showMore(node: MoreNode): void {
    const group = this.tree.showMore(node);
    this.changed.fire(group ? [group] : undefined);
  }

  dispose(): void {
    this.subscription.dispose();
    this.changed.dispose();
    this.updated.dispose();
  }

  private update(): void {
    this.isStale = true;
    this.updating ??= this.catchUp();
  }

  /** Updates until nothing has changed meanwhile. */
  private async catchUp(): Promise<void> {
    try {
      while (this.isStale) {
        this.isStale = false;
        const changed = await this.tree.update(this.index.checkpoints);
        if (changed === null) this.changed.fire(undefined);
        else if (changed.length > 0) this.changed.fire([...changed]);
        this.updated.fire();
      }
    } catch (error) {
      this.onError(error);
    } finally {
      this.updating = null;
    }
  }
}

/** Absolute path of the file or directory that a node stands for; null for a group. */
export function pathOfNode(node: TreeNode): string | null {
  if (node.type === 'group' || node.type === 'more') return null;
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

function itemOf(node: TreeNode, labelOf: (at: string) => string, copies: LocalCopies): vscode.TreeItem {
  switch (node.type) {
    case 'group':
      return groupItem(node);
    case 'checkpoint':
      return checkpointItem(node, labelOf(node.summary.path), copies);
    case 'broken':
      return brokenItem(node, copies);
    case 'more':
      return moreItem(node);
  }
}

function groupItem(group: CheckpointGroup): vscode.TreeItem {
  const item = new vscode.TreeItem(group.label, vscode.TreeItemCollapsibleState.Expanded);
  item.description = group.description;
  item.contextValue = treeItems.checkpointGroup;
  item.tooltip = group.bond;
  item.accessibilityInformation = { label: l10n.t('group {0}, {1}', group.label, group.description) };
  return item;
}

function checkpointItem({ summary, strange }: CheckpointNode, label: string, copies: LocalCopies): vscode.TreeItem {
  const item = new vscode.TreeItem(label, vscode.TreeItemCollapsibleState.None);
  item.description = strange === null ? checkpointDescription(summary) : l10n.t('different base? · {0}', checkpointDescription(summary));
  item.iconPath = strange === null ? new vscode.ThemeIcon(checkpointIcon(summary)) : new vscode.ThemeIcon('warning', new vscode.ThemeColor('list.warningForeground'));
  item.contextValue = copies.isCopy(summary.path) ? treeItems.virtualCheckpoint : treeItems.checkpoint;
  item.accessibilityInformation = { label: ['checkpoint', label, summary.role, item.description].filter(Boolean).join(', ') };
  return item;
}

function brokenItem(node: BrokenCheckpoint, copies: LocalCopies): vscode.TreeItem {
  const { path: at, message, unreadBytes } = node;
  const name = path.basename(at);
  const item = new vscode.TreeItem(name, vscode.TreeItemCollapsibleState.None);
  item.description = unreadBytes === null ? l10n.t('unreadable') : l10n.t('{0}, not read', formatBytes(unreadBytes));
  item.iconPath = unreadBytes === null ? new vscode.ThemeIcon('warning', new vscode.ThemeColor('list.warningForeground')) : new vscode.ThemeIcon('cloud');
  item.contextValue = copies.isCopy(at) ? treeItems.virtualCheckpoint : treeItems.brokenCheckpoint;
  item.tooltip = new vscode.MarkdownString(unreadTooltip(node, copies.shown(at)), true);
  item.command = { command: commands.inspectCheckpoint, title: l10n.t('Inspect'), arguments: [node] };
  item.accessibilityInformation = { label: unreadBytes === null ? l10n.t('unreadable checkpoint {0}: {1}', name, message) : l10n.t('checkpoint {0}, not read: {1}', name, message) };
  return item;
}

function moreItem(node: MoreNode): vscode.TreeItem {
  const item = new vscode.TreeItem(l10n.t('Show more'), vscode.TreeItemCollapsibleState.None);
  item.description = l10n.t('{0} more', node.left.toLocaleString('en'));
  item.iconPath = new vscode.ThemeIcon('ellipsis');
  item.command = { command: commands.showMoreCheckpoints, title: l10n.t('Show More'), arguments: [node] };
  item.accessibilityInformation = { label: l10n.t('show more, {0} left', node.left) };
  return item;
}
