import * as vscode from 'vscode';
import { pathOfNode } from '../checkpoint-tree/checkpoint-tree-provider';
import type { TreeNode } from '../checkpoint-tree/visible-tree';
import type { LocalCopies } from '../virtual-files/local-copies';

/**
 * Paths that a command was called on: from the tree or the Explorer VS Code passes the clicked item and the whole
 * selection, from the palette nothing. Without duplicates, in the order of the selection.
 */
export function checkpointPathsOf(clicked: unknown, selection: unknown, copies: LocalCopies): string[] {
  const items: unknown[] = Array.isArray(selection) && selection.length > 0 ? selection : clicked === undefined ? [] : [clicked];
  return [...new Set(items.flatMap((item) => pathOf(item, copies) ?? []))];
}

function pathOf(item: unknown, copies: LocalCopies): string | null {
  if (item instanceof vscode.Uri) return copies.pathOf(item);
  if (typeof item === 'string') return item;
  const isNode = typeof item === 'object' && item !== null && 'type' in item && ['group', 'checkpoint', 'broken'].includes(String(item.type));
  return isNode ? pathOfNode(item as TreeNode) : null;
}
