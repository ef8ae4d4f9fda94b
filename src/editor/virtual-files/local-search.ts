import * as vscode from 'vscode';

/**
 * Files of the workspace's folders on this disk, by a glob. VS Code has no search in most other file systems, and where no
 * folder is on the disk it waits for one that nobody brings.
 * @param excluded glob of what is left out
 */
export async function findLocalFiles(pattern: string, excluded: string, limit?: number): Promise<vscode.Uri[]> {
  if (!vscode.workspace.workspaceFolders?.some(({ uri }) => uri.scheme === 'file')) return [];
  return (await vscode.workspace.findFiles(pattern, excluded, limit)).filter(({ scheme }) => scheme === 'file');
}
