import * as vscode from 'vscode';
import { findLocalFiles } from '../virtual-files/local-search';
import type { ExperimentSettings, LanguageWorker } from '../yaml-language/worker/work';
import { experimentFolder, freeExperimentFile } from './experiment-folder';

/** **Open Example**: shows the locomotion experiment of the folder, a copy of the extension's where there is none yet. */
export async function openExample(extensionUri: vscode.Uri, linguist: LanguageWorker): Promise<void> {
  const folder = await experimentFolder();
  if (!folder) return;
  const example = vscode.Uri.joinPath(extensionUri, 'examples', 'locomotion', 'soup.yaml');
  const { name } = await settingsOf(example, linguist);
  const file = (await fileOf(name, linguist)) ?? (await freeExperimentFile(folder, name));
  if (!(await exists(file))) await vscode.workspace.fs.writeFile(file, await vscode.workspace.fs.readFile(example));
  await vscode.window.showTextDocument(file);
}

/** An experiment file of the workspace with that name. */
async function fileOf(name: string, linguist: LanguageWorker): Promise<vscode.Uri | null> {
  const files = await findLocalFiles('**/{soup,*.soup}.{yaml,yml}', '**/{node_modules,runs}/**', 200);
  for (const file of files.sort((a, b) => a.path.length - b.path.length)) {
    if ((await settingsOf(file, linguist).catch(() => null))?.name === name) return file;
  }
  return null;
}

function settingsOf({ fsPath }: vscode.Uri, linguist: LanguageWorker): Promise<ExperimentSettings> {
  return linguist.run({ kind: 'experiment' as const, target: { experimentFile: fsPath, variant: null }, isToStart: false });
}

function exists(file: vscode.Uri): Promise<boolean> {
  return Promise.resolve(vscode.workspace.fs.stat(file)).then(() => true, () => false);
}
