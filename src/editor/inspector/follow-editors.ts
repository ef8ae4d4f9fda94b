import * as vscode from 'vscode';
import type { InspectorView } from './inspector-view';

/** Has the inspector follow the editor in front, where that is on weights. */
export function followEditors(inspector: InspectorView): vscode.Disposable {
  let last: string | null = null;
  const follow = (): void => {
    const input = vscode.window.tabGroups.activeTabGroup.activeTab?.input;
    const uri = input instanceof vscode.TabInputCustom || input instanceof vscode.TabInputText ? input.uri : null;
    const file = uri?.scheme === 'file' && /\.safetensors$/i.test(uri.path) ? uri.fsPath : null;
    if (file !== null && file !== last && file !== inspector.inspected) void inspector.inspect(file);
    last = file;
  };
  return vscode.Disposable.from(vscode.window.tabGroups.onDidChangeTabs(follow), vscode.window.tabGroups.onDidChangeTabGroups(follow));
}
