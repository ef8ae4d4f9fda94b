import * as l10n from '@vscode/l10n';
import { element, setText } from './element';

/** A branch or a leaf. Branches with one child stand for that child, so that names do not nest without need. */
export interface TreeNode<Leaf> {
  readonly label: string;
  readonly leaf: Leaf | null;
  readonly children: readonly TreeNode<Leaf>[];
}

/** Nests leaves by the dots of their names; children in the order of their numbers and names. */
export function nestByName<Leaf extends { readonly name: string }>(leaves: readonly Leaf[]): TreeNode<Leaf>[] {
  interface Branch { readonly leaves: Leaf[]; readonly branches: Map<string, Branch> }
  const root: Branch = { leaves: [], branches: new Map() };
  for (const leaf of leaves) {
    let branch = root;
    for (const piece of leaf.name.split('.').slice(0, -1)) {
      let next = branch.branches.get(piece);
      if (!next) branch.branches.set(piece, (next = { leaves: [], branches: new Map() }));
      branch = next;
    }
    branch.leaves.push(leaf);
  }
  const nodesOf = ({ leaves: own, branches }: Branch): TreeNode<Leaf>[] => {
    const nested = [...branches].map(([label, branch]): TreeNode<Leaf> => {
      const children = nodesOf(branch);
      const [only] = children;
      return children.length === 1 ? { ...only!, label: `${label}.${only!.label}` } : { label, leaf: null, children };
    });
    const flat = own.map((leaf): TreeNode<Leaf> => ({ label: leaf.name.split('.').at(-1)!, leaf, children: [] }));
    return [...nested, ...flat].sort((a, b) => a.label.localeCompare(b.label, 'en', { numeric: true }));
  };
  return nodesOf(root);
}

export interface TreeOptions<Leaf> {
  readonly label: string;
  readonly describe: (node: TreeNode<Leaf>) => string;
  readonly onChoose: (leaf: Leaf) => void;
  /** the leaves that a branch which has just been opened shows */
  readonly onShow: (leaves: readonly Leaf[]) => void;
}

export interface Tree<Leaf> {
  readonly element: HTMLElement;
  update(nodes: readonly TreeNode<Leaf>[]): void;
  /** Writes the descriptions of the leaves that are shown again. */
  describeAgain(): void;
  mark(isMarked: (leaf: Leaf) => boolean): void;
}

/** children drawn at once; the rest waits behind a row of its own */
const pageSize = 200;

interface Row<Leaf> {
  readonly node: TreeNode<Leaf>;
  readonly item: HTMLElement;
  readonly description: HTMLElement;
}

/** A tree by the keyboard pattern of ARIA: arrows move, open and close, Enter chooses. Children are drawn when opened. */
export function treeView<Leaf>({ label, describe, onChoose, onShow }: TreeOptions<Leaf>): Tree<Leaf> {
  const root = element('ul', { class: 'tree', attributes: { role: 'tree', 'aria-label': label } });
  let rows: Row<Leaf>[] = [];
  let isMarked: (leaf: Leaf) => boolean = () => false;

  const draw = (into: HTMLElement, nodes: readonly TreeNode<Leaf>[], level: number, from = 0): void => {
    for (const node of nodes.slice(from, from + pageSize)) into.append(itemOf(node, level));
    const left = nodes.length - from - pageSize;
    if (left > 0) {
      const more = element('li', { class: 'tree-item', attributes: { role: 'treeitem', tabindex: -1, 'aria-level': level } }, element('div', { class: 'tree-row' }, element('span', { class: 'link' }, l10n.t('Show more ({0})', left.toLocaleString('en')))));
      more.addEventListener('click', (event) => {
        event.stopPropagation();
        const at = [...into.children].indexOf(more);
        more.remove();
        draw(into, nodes, level, from + pageSize);
        focus(into.children[at] as HTMLElement | undefined);
      });
      into.append(more);
    }
    onShow(nodes.slice(from, from + pageSize).flatMap(({ leaf }) => (leaf === null ? [] : [leaf])));
  };
  const itemOf = (node: TreeNode<Leaf>, level: number): HTMLElement => {
    const description = element('span', { class: 'tree-description' }, describe(node));
    const isBranch = node.leaf === null;
    const row = element('div', { class: 'tree-row' }, element('span', { class: 'tree-twistie', attributes: { 'aria-hidden': 'true' } }), element('span', { class: 'tree-label', attributes: { title: node.label } }, node.label), description);
    const item = element('li', { class: 'tree-item', attributes: { role: 'treeitem', tabindex: -1, 'aria-level': level, 'aria-expanded': isBranch ? 'false' : null, 'aria-selected': node.leaf === null ? null : String(isMarked(node.leaf)) } }, row);
    rows.push({ node, item, description });
    row.addEventListener('click', (event) => {
      event.stopPropagation();
      focus(item);
      if (isBranch) toggle(item, node, level);
      else onChoose(node.leaf!);
    });
    return item;
  };
  const toggle = (item: HTMLElement, node: TreeNode<Leaf>, level: number): void => {
    const isOpen = item.getAttribute('aria-expanded') === 'true';
    item.setAttribute('aria-expanded', String(!isOpen));
    if (isOpen) {
      const group = item.querySelector('[role=group]');
      rows = rows.filter((row) => !group?.contains(row.item));
      group?.remove();
      return;
    }
    const group = element('ul', { attributes: { role: 'group' } });
    item.append(group);
    draw(group, node.children, level + 1);
  };
  const visible = (): HTMLElement[] => [...root.querySelectorAll<HTMLElement>('[role=treeitem]')];
  const focus = (item: HTMLElement | undefined): void => {
    if (!item) return;
    for (const other of root.querySelectorAll('[tabindex="0"]')) other.setAttribute('tabindex', '-1');
    item.tabIndex = 0;
    item.focus();
  };
  root.addEventListener('keydown', (event) => {
    const item = (event.target as HTMLElement).closest<HTMLElement>('[role=treeitem]');
    if (!item) return;
    const all = visible();
    const at = all.indexOf(item);
    const expanded = item.getAttribute('aria-expanded');
    const click = (): void => (item.querySelector('.tree-row') as HTMLElement).click();
    const actions: Record<string, () => void> = {
      ArrowDown: () => focus(all[at + 1]),
      ArrowUp: () => focus(all[at - 1]),
      Home: () => focus(all[0]),
      End: () => focus(all.at(-1)),
      ArrowRight: () => (expanded === 'false' ? click() : expanded === 'true' ? focus(all[at + 1]) : undefined),
      ArrowLeft: () => (expanded === 'true' ? click() : focus(item.parentElement?.closest<HTMLElement>('[role=treeitem]') ?? undefined)),
      Enter: click,
      ' ': click,
    };
    if (!actions[event.key]) return;
    event.preventDefault();
    actions[event.key]!();
  });
  return {
    element: root,
    update(nodes) {
      rows = [];
      root.replaceChildren();
      draw(root, nodes, 1);
      const first = root.querySelector<HTMLElement>('[role=treeitem]');
      if (first) first.tabIndex = 0;
    },
    describeAgain() {
      for (const { node, description } of rows) setText(description, describe(node));
    },
    mark(isNowMarked) {
      isMarked = isNowMarked;
      for (const { node, item } of rows) if (node.leaf !== null) item.setAttribute('aria-selected', String(isMarked(node.leaf)));
    },
  };
}
