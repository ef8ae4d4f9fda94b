import * as l10n from '@vscode/l10n';
import * as vscode from 'vscode';
import { contextKeys, commands, views } from '../contributions';
import type { LocalCopies } from '../virtual-files/local-copies';
import type { CheckpointIndex } from './checkpoint-index';
import { CheckpointTreeProvider, pathOfNode } from './checkpoint-tree-provider';
import type { SortOrder } from './groups';
import type { MoreNode, TreeNode } from './visible-tree';

const nodesMime = `application/vnd.code.tree.${views.checkpoints.toLowerCase()}`;
const filesMime = 'text/uri-list';
const revealPatienceMs = 10_000;
const orderKey = 'checkpointOrder';

const sortOrders: Readonly<Record<SortOrder, { readonly label: string; readonly detail: string }>> = {
  kind: { label: l10n.t('Kind and name'), detail: l10n.t('Bases first, then experts, MORL runs and soups, each by name') },
  newest: { label: l10n.t('Newest first'), detail: l10n.t('By when the weights were last written') },
  largest: { label: l10n.t('Largest first'), detail: l10n.t('By bytes of weights') },
  reward: { label: l10n.t('Best reward first'), detail: l10n.t('By the first reward that a checkpoint was scored on') },
};

/** The *Checkpoints* view with its filter, order and drag and drop. */
export class CheckpointView implements vscode.Disposable {
  private readonly provider: CheckpointTreeProvider;
  private readonly view: vscode.TreeView<TreeNode>;
  private readonly subscriptions: vscode.Disposable[];

  constructor(
    private readonly index: CheckpointIndex,
    private readonly memory: vscode.Memento,
    log: vscode.LogOutputChannel,
  ) {
    this.provider = new CheckpointTreeProvider(index, (error) => log.error('Showing the checkpoints failed.', error instanceof Error ? error : String(error)));
    const saved = memory.get<string>(orderKey);
    if (saved !== undefined && Object.hasOwn(sortOrders, saved)) this.provider.order = saved as SortOrder;
    this.view = vscode.window.createTreeView(views.checkpoints, { treeDataProvider: this.provider, canSelectMany: true, showCollapseAll: true, dragAndDropController: dragToBlend(index.copies) });
    this.subscriptions = [
      this.provider,
      this.view,
      this.view.onDidChangeVisibility(({ visible }) => (index.wanted = visible)),
      this.provider.onDidUpdate(() => this.describe()),
    ];
    index.wanted = this.view.visible;
  }

  get onDidChangeSelection(): vscode.Event<vscode.TreeViewSelectionChangeEvent<TreeNode>> {
    return this.view.onDidChangeSelection;
  }

  /** Asks for words; the tree follows while they are typed, and Escape brings back what was before. */
  async askFilter(): Promise<void> {
    const before = this.provider.filter;
    const input = vscode.window.createInputBox();
    input.title = l10n.t('Filter Checkpoints');
    input.placeholder = l10n.t('Words of name, folder, kind, type or reward; all must occur');
    input.value = before;
    const accepted = await new Promise<boolean>((resolve) => {
      input.onDidChangeValue((text) => this.setFilter(text));
      input.onDidAccept(() => resolve(true));
      input.onDidHide(() => resolve(false));
      input.show();
    });
    input.dispose();
    if (!accepted) this.setFilter(before);
  }

  clearFilter(): void {
    this.setFilter('');
  }

  async askOrder(): Promise<void> {
    const items = (Object.keys(sortOrders) as SortOrder[]).map((order) => ({ ...sortOrders[order], order, description: order === this.provider.order ? 'now' : '' }));
    const picked = await vscode.window.showQuickPick(items, { title: l10n.t('Sort Checkpoints'), placeHolder: l10n.t('Order of the checkpoints in each group') });
    if (!picked) return;
    this.provider.order = picked.order;
    await this.memory.update(orderKey, picked.order);
  }

  showMore(node: unknown): void {
    if (typeof node === 'object' && node !== null && 'type' in node && node.type === 'more') this.provider.showMore(node as MoreNode);
  }

  /** Selects a checkpoint that has just been written, as soon as the tree has it; gives up where that takes too long. */
  async reveal(at: string): Promise<void> {
    this.index.lookAgain();
    for (const end = Date.now() + revealPatienceMs; Date.now() < end; await new Promise((resolve) => setTimeout(resolve, 200))) {
      const node = this.provider.nodeAt(at);
      if (node) return this.view.reveal(node, { select: true });
    }
  }

  dispose(): void {
    for (const subscription of this.subscriptions) subscription.dispose();
  }

  private setFilter(text: string): void {
    this.provider.filter = text.trim();
    if (text.trim() !== '') void this.index.loaded(); // what has not been read yet may match too
  }

  private describe(): void {
    const { filter, counts } = this.provider;
    void vscode.commands.executeCommand('setContext', contextKeys.checkpointsFiltered, filter !== '');
    void vscode.commands.executeCommand('setContext', contextKeys.checkpointFolders, Object.fromEntries(this.index.checkpoints.flatMap((entry) => ('type' in entry || entry.storage === 'file' ? [] : [[this.index.copies.isCopy(entry.path) ? this.index.copies.uriOf(entry.path).path : entry.path, true]]))));
    const unread = this.index.unreadCount === 0 ? '' : l10n.t('Reading {0} more…', this.index.unreadCount.toLocaleString('en'));
    this.view.message = filter === '' ? unread : [l10n.t('{0} of {1} match “{2}”.', counts.shown.toLocaleString('en'), counts.total.toLocaleString('en'), filter), unread].join(' ');
  }
}

/** A checkpoint dropped onto another makes a soup of the two, or of all that are dragged; dragged elsewhere it is its files. */
function dragToBlend(copies: LocalCopies): vscode.TreeDragAndDropController<TreeNode> {
  return {
    dragMimeTypes: [filesMime],
    dropMimeTypes: [nodesMime, filesMime],
    handleDrag(nodes, data) {
      const paths = nodes.flatMap((node) => (node.type === 'checkpoint' ? [node.summary.path] : []));
      data.set(nodesMime, new vscode.DataTransferItem(paths));
      data.set(filesMime, new vscode.DataTransferItem(paths.map((at) => copies.uriOf(at).toString()).join('\r\n')));
    },
    async handleDrop(target, data) {
      if (target?.type !== 'checkpoint') return;
      const dragged = await draggedPaths(data, copies);
      const paths = [...new Set([...dragged, pathOfNode(target)!])];
      if (paths.length >= 2) await vscode.commands.executeCommand(commands.createSoup, undefined, paths.map((at) => copies.uriOf(at)));
    },
  };
}

async function draggedPaths(data: vscode.DataTransfer, copies: LocalCopies): Promise<string[]> {
  const nodes: unknown = data.get(nodesMime)?.value;
  if (Array.isArray(nodes)) return nodes.filter((at): at is string => typeof at === 'string');
  const files = await data.get(filesMime)?.asString();
  return (files ?? '').split(/\r?\n/).filter(Boolean).map((uri) => copies.pathOf(vscode.Uri.parse(uri)));
}
