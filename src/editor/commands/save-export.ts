import * as vscode from 'vscode';
import type { FromPanel } from '../../protocol/panels';

/** Asks where an exported chart or table goes, and writes it. @param folder proposed first */
export async function saveExport(folder: vscode.Uri, { name, format, content }: Omit<Extract<FromPanel, { readonly type: 'export' }>, 'type'>, log: vscode.LogOutputChannel): Promise<void> {
  const target = await vscode.window.showSaveDialog({ defaultUri: vscode.Uri.joinPath(folder, `${name}.${format}`), filters: { [format.toUpperCase()]: [format] } });
  if (!target) return;
  await vscode.workspace.fs.writeFile(target, Buffer.from(content, format === 'png' ? 'base64' : 'utf8'));
  log.info(`Exported ${target.fsPath}.`);
}
