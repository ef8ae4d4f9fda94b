import * as vscode from 'vscode';
import { checkpointOfFile } from '../checkpoint-tree/checkpoint-paths';
import type { LocalCopies } from '../virtual-files/local-copies';
import type { InspectorView } from './inspector-view';

/** Has the inspector follow the editor in front, where that is on weights. */
export function followEditors(inspector: InspectorView, copies: LocalCopies): vscode.Disposable {
  let last: string | null = null;
  const follow = async (): Promise<void> => {
    const input = vscode.window.tabGroups.activeTabGroup.activeTab?.input;
    const uri = input instanceof vscode.TabInputCustom || input instanceof vscode.TabInputText ? input.uri : null;
    const file = uri && /\.safetensors$/i.test(uri.path) ? copies.pathOf(uri) : null;
    const isOther = file !== last;
    last = file;
    if (file === null || !isOther) return;
    const checkpoint = await checkpointOfFile(file, (directory) => copies.names(directory));
    if (file === last && checkpoint !== inspector.inspected) await inspector.inspect(checkpoint);
  };
  return vscode.Disposable.from(vscode.window.tabGroups.onDidChangeTabs(() => void follow()), vscode.window.tabGroups.onDidChangeTabGroups(() => void follow()));
}
