import path from 'node:path';
import { inTurns } from '../turns';
import type { FoundCheckpoint } from './checkpoint-index';
import type { CheckpointSummary } from './checkpoint-summary';
import { groupByBase, narrowed, type BrokenCheckpoint, type CheckpointGroup, type CheckpointNode, type SortOrder } from './groups';

/** Stands for the members of a group (or the top level, null) that are not shown yet. */
export interface MoreNode {
  readonly type: 'more';
  readonly group: string | null;
  readonly left: number;
}

export type TreeNode = CheckpointGroup | CheckpointNode | BrokenCheckpoint | MoreNode;

/** rows of a group that are shown at first, and more at each asking */
export const pageSize = 100;

/**
 * What the view shows of the checkpoints: filtered, sorted, in pages. One object for each node as long as it is there,
 * brought up to date in place, because a view that is handed new objects forgets what is selected.
 */
export class VisibleTree {
  private readonly known = new Map<string, TreeNode>();
  private readonly pages = new Map<string | null, number>();
  private readonly texts = new WeakMap<FoundCheckpoint, string>();
  private groups: readonly CheckpointGroup[] = [];
  /** all that were found, before any filter; a filter only takes rows away */
  private whole: { readonly found: readonly FoundCheckpoint[]; readonly order: SortOrder; readonly groups: readonly CheckpointGroup[] } = { found: [], order: 'kind', groups: [] };
  private broken: readonly BrokenCheckpoint[] = [];

  filter = '';
  order: SortOrder = 'kind';
  /** of the last update: how many there are, and how many the filter leaves */
  counts = { total: 0, shown: 0 };

  /**
   * Takes over what has been found, in turns with whatever else the event loop has to do; one update at a time. Returns
   * the groups that look different, or null where the top level does.
   */
  update(found: readonly FoundCheckpoint[]): Promise<readonly CheckpointGroup[] | null> {
    return inTurns(this.updating(found));
  }

  private *updating(found: readonly FoundCheckpoint[]): Generator<void, readonly CheckpointGroup[] | null> {
    const before = this.roots();
    const words = this.filter.toLowerCase().split(/\s+/).filter(Boolean);
    const isShown = (entry: FoundCheckpoint): boolean => words.every((word) => this.textOf(entry).includes(word));
    const changed: CheckpointGroup[] = [];
    const present = new Set<string>();
    const groups: CheckpointGroup[] = [];
    for (const whole of yield* this.grouped(found)) {
      const group = yield* narrowed(whole, isShown);
      if (group === null) continue;
      const known = this.known.get(idOf(group)) as CheckpointGroup | undefined;
      const isSame = known !== undefined && looksLike(known, group);
      const checkpoints: CheckpointNode[] = [];
      for (const node of group.checkpoints) {
        yield;
        checkpoints.push(this.adopt(node));
        present.add(idOf(node));
      }
      const adopted = this.adopt({ ...group, checkpoints });
      present.add(idOf(adopted));
      if (!isSame) changed.push(adopted);
      groups.push(adopted);
    }
    this.groups = groups;
    this.broken = found.flatMap((entry) => ('type' in entry && isShown(entry) ? [this.adopt(entry)] : []));
    this.counts = { total: found.length, shown: this.broken.length + groups.reduce((sum, { checkpoints }) => sum + checkpoints.length, 0) };
    for (const node of this.broken) present.add(idOf(node));
    for (const id of this.known.keys()) if (!present.has(id) && !id.startsWith('more ')) this.known.delete(id);
    const after = this.roots();
    return before.length === after.length && before.every((node, index) => node === after[index]) ? changed : null;
  }

  /** The top level. */
  roots(): TreeNode[] {
    return this.page(null, [...this.groups, ...this.broken]);
  }

  childrenOf(node: TreeNode): TreeNode[] {
    return node.type === 'group' ? this.page(node.key, node.checkpoints) : [];
  }

  /** The node of a checkpoint; undefined where the filter leaves it out or nothing has read it. */
  nodeAt(path: string): TreeNode | undefined {
    return this.known.get(path);
  }

  parentOf(node: TreeNode): CheckpointGroup | null {
    const key = node.type === 'checkpoint' || node.type === 'more' ? node.group : null;
    return this.groups.find((group) => group.key === key) ?? null;
  }

  /** Shows the next page. Returns the group that grows; null for the top level. */
  showMore({ group }: MoreNode): CheckpointGroup | null {
    this.pages.set(group, (this.pages.get(group) ?? 1) + 1);
    return this.groups.find(({ key }) => key === group) ?? null;
  }

  private *grouped(found: readonly FoundCheckpoint[]): Generator<void, readonly CheckpointGroup[]> {
    const { whole, order } = this;
    const isSame = whole.order === order && whole.found.length === found.length && found.every((entry, index) => entry === whole.found[index]);
    if (!isSame) this.whole = { found, order, groups: yield* groupByBase(found.flatMap((entry) => ('type' in entry ? [] : [entry])), order) };
    return this.whole.groups;
  }

  private page(group: string | null, nodes: readonly TreeNode[]): TreeNode[] {
    const count = pageSize * (this.pages.get(group) ?? 1);
    // one row of its own would take as much room as the one that it stands for
    if (nodes.length <= count + 1) return [...nodes];
    return [...nodes.slice(0, count), this.adopt({ type: 'more', group, left: nodes.length - count })];
  }

  private adopt<N extends TreeNode>(node: N): N {
    const id = idOf(node);
    const known = this.known.get(id) as N | undefined;
    if (known) return Object.assign(known, node);
    this.known.set(id, node);
    return node;
  }

  private textOf(entry: FoundCheckpoint): string {
    let text = this.texts.get(entry);
    if (text === undefined) this.texts.set(entry, (text = searchText(entry).toLowerCase()));
    return text;
  }
}

/** Unique in the view. */
export function idOf(node: TreeNode): string {
  switch (node.type) {
    case 'group':
      return `group ${node.key}`;
    case 'more':
      return `more ${node.group ?? ''}`;
    case 'checkpoint':
      return node.summary.path;
    case 'broken':
      return node.path;
  }
}

/** What the filter looks at: the last folders of the path, and what the row says. */
function searchText(entry: FoundCheckpoint): string {
  const where = (at: string): string => at.split(path.sep).slice(-4).join('/');
  if ('type' in entry) return `${where(entry.path)} ${entry.unreadBytes === null ? 'unreadable' : 'not read'}`;
  const { role, name, dtypes, storage, format, objective, rank, scores, family }: CheckpointSummary = entry;
  return [where(entry.path), role, name, family, ...dtypes, storage, format, rank === null ? null : `lora r${rank}`, objective, ...Object.keys(scores)].filter(Boolean).join(' ');
}

function looksLike(known: CheckpointGroup, group: CheckpointGroup): boolean {
  return known.label === group.label && known.description === group.description && known.checkpoints.length === group.checkpoints.length
    && known.checkpoints.every(({ summary, strange }, index) => summary === group.checkpoints[index]!.summary && strange === group.checkpoints[index]!.strange);
}
