import * as l10n from '@vscode/l10n';
import type { FromInspector, InspectedTensor, ShownStatistics, ToInspector } from '../../src/protocol/inspector';
import { searchField } from '../kit/controls';
import { counts } from '../kit/counts';
import { element, setText } from '../kit/element';
import { formatBytes, formatSignificant } from '../kit/format';
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
  const search = searchField(l10n.t('Filter tensors by name or type'), '', (text) => {
    onFilter(text.trim());
    draw(text.trim());
  }) as HTMLElement & { value: string };
  const tree = treeView<InspectedTensor>({
    label: l10n.t('Tensors'),
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
    setText(count, filter === '' ? counts.tensors(found.length) : l10n.t('{0} of {1}', found.length, counts.tensors(tensors.length)));
  };
  return {
    element: element('section', {}, element('h2', {}, l10n.t('Tensors')), search, count, tree.element),
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
  return `${counts.tensors(leaves.length)} · ${formatBytes(leaves.reduce((sum, { bytes }) => sum + bytes, 0))}`;
}

function leafText({ shape, dtype, bytes }: InspectedTensor, statistics: Statistics | undefined): string {
  const header = [shapeText(shape), dtype, formatBytes(bytes)];
  if (!statistics) return header.join(' · ');
  return [...header, 'error' in statistics ? l10n.t('no statistics') : shortStatistics(statistics)].join(' · ');
}

function shortStatistics({ minimum, maximum, mean, norm, nan, infinite }: ShownStatistics): string {
  const bad = [nan > 0 ? `${nan} NaN` : '', infinite > 0 ? `${infinite} Inf` : ''].filter(Boolean);
  return [...bad, `[${formatSignificant(minimum)}, ${formatSignificant(maximum)}]`, l10n.t('mean {0}', formatSignificant(mean)), `‖·‖ ${formatSignificant(norm)}`].join(' · ');
}
