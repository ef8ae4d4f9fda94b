import type { FromInspector, InspectedTensor, ShownStatistics, ToInspector } from '../../src/protocol/inspector';
import { searchField } from '../kit/controls';
import { element, setText } from '../kit/element';
import { formatBytes, formatCount, formatSignificant } from '../kit/format';
import { matching, shapeText } from '../kit/tensor-search';
import { nestByName, treeView, type TreeNode } from '../kit/tree';

type Statistics = Extract<ToInspector, { readonly type: 'statistics' }>['result'];

export interface TensorSection {
  readonly element: HTMLElement;
  update(tensors: readonly InspectedTensor[], filter: string): void;
  receive(tensor: string, statistics: Statistics): void;
  statisticsOf(tensor: string): Statistics | undefined;
  mark(tensor: string | null): void;
}

/** The tensors as a tree; the statistics of those that are shown are asked for as they come into sight. */
export function tensorSection(post: (message: FromInspector) => void, onFilter: (filter: string) => void, onChoose: (tensor: InspectedTensor) => void): TensorSection {
  let tensors: readonly InspectedTensor[] = [];
  let marked: string | null = null;
  const known = new Map<string, Statistics>();
  const count = element('p', { class: 'hint', attributes: { role: 'status' } });
  const search = searchField('Filter tensors by name or type', '', (text) => {
    onFilter(text.trim());
    draw(text.trim());
  }) as HTMLElement & { value: string };
  const tree = treeView<InspectedTensor>({
    label: 'Tensors',
    describe: (node) => (node.leaf === null ? branchText(node) : leafText(node.leaf, known.get(node.leaf.name))),
    onChoose,
    onShow(leaves) {
      const fresh = leaves.map(({ name }) => name).filter((name) => !known.has(name));
      if (fresh.length > 0) post({ type: 'statistics', tensors: fresh });
    },
  });
  const draw = (filter: string): void => {
    const found = matching(tensors, filter);
    // what is found stands flat under its whole name, because a tree would hide it
    tree.update(filter === '' ? nestByName(found) : found.map((leaf) => ({ label: leaf.name, leaf, children: [] })));
    tree.mark(({ name }) => name === marked);
    setText(count, filter === '' ? formatCount(found.length, 'tensor') : `${found.length} of ${formatCount(tensors.length, 'tensor')}`);
  };
  return {
    element: element('section', {}, element('h2', {}, 'Tensors'), search, count, tree.element),
    update(next, filter) {
      tensors = next;
      known.clear();
      search.value = filter;
      draw(filter);
    },
    receive(tensor, statistics) {
      known.set(tensor, statistics);
      tree.describeAgain();
    },
    statisticsOf: (tensor) => known.get(tensor),
    mark(tensor) {
      marked = tensor;
      tree.mark(({ name }) => name === tensor);
    },
  };
}

function leavesOf(node: TreeNode<InspectedTensor>): InspectedTensor[] {
  return node.leaf === null ? node.children.flatMap(leavesOf) : [node.leaf];
}

function branchText(node: TreeNode<InspectedTensor>): string {
  const leaves = leavesOf(node);
  return `${formatCount(leaves.length, 'tensor')} · ${formatBytes(leaves.reduce((sum, { bytes }) => sum + bytes, 0))}`;
}

function leafText({ shape, dtype, bytes }: InspectedTensor, statistics: Statistics | undefined): string {
  const header = [shapeText(shape), dtype, formatBytes(bytes)];
  if (!statistics) return header.join(' · ');
  return [...header, 'error' in statistics ? 'no statistics' : shortStatistics(statistics)].join(' · ');
}

function shortStatistics({ minimum, maximum, mean, norm, nan, infinite }: ShownStatistics): string {
  const bad = [nan > 0 ? `${nan} NaN` : '', infinite > 0 ? `${infinite} Inf` : ''].filter(Boolean);
  return [...bad, `[${formatSignificant(minimum)}, ${formatSignificant(maximum)}]`, `mean ${formatSignificant(mean)}`, `‖·‖ ${formatSignificant(norm)}`].join(' · ');
}
