import * as vscode from 'vscode';
import { parseExperiment } from '../../experiment/parse';
import { findLocalFiles } from '../virtual-files/local-search';
import { experimentFolder, freeExperimentFile } from './experiment-folder';

/** **Open Example**: shows the locomotion experiment of the folder, a copy of the extension's where there is none yet. */
export async function openExample(extensionUri: vscode.Uri): Promise<void> {
  const folder = await experimentFolder();
  if (!folder) return;
  const example = await vscode.workspace.fs.readFile(vscode.Uri.joinPath(extensionUri, 'examples', 'locomotion', 'soup.yaml'));
  const name = parseExperiment(new TextDecoder().decode(example)).experiment!.name;
  const file = (await fileOf(name)) ?? (await freeExperimentFile(folder, name));
  if (!(await exists(file))) await vscode.workspace.fs.writeFile(file, example);
  await vscode.window.showTextDocument(file);
}

/** An experiment file of the workspace with that name. */
async function fileOf(name: string): Promise<vscode.Uri | null> {
  const files = await findLocalFiles('**/{soup,*.soup}.{yaml,yml}', '**/{node_modules,runs}/**', 200);
  for (const file of files.sort((a, b) => a.path.length - b.path.length)) {
    if (parseExperiment(new TextDecoder().decode(await vscode.workspace.fs.readFile(file))).experiment?.name === name) return file;
  }
  return null;
}

function exists(file: vscode.Uri): Promise<boolean> {
  return Promise.resolve(vscode.workspace.fs.stat(file)).then(() => true, () => false);
}
