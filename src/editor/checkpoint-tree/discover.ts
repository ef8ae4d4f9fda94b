import path from 'node:path';
import * as vscode from 'vscode';
import type { LocalCopies } from '../virtual-files/local-copies';
import { findLocalFiles } from '../virtual-files/local-search';
import { walk } from '../virtual-files/walk';
import { companions, excludedDirectories, isCompanion, isWeightFile, weightFiles } from './checkpoint-paths';

export const companionFiles = `**/{${companions.join(',')}}`;
const excluded = `**/{${excludedDirectories.join(',')}}/**`;

/** Weight files of the workspace, and the directories with a companion in them, by their paths here. */
export interface Discovered {
  readonly files: readonly string[];
  readonly directories: ReadonlySet<string>;
}

/** Everything, in folders of every file system. */
export async function discover(copies: LocalCopies): Promise<Discovered> {
  const [files, beside, ...elsewhere] = await Promise.all([find(weightFiles), find(companionFiles), ...virtualFolders().map((folder) => discoverVirtual(copies, folder, Infinity))]);
  return together([{ files, directories: new Set(beside.map((file) => path.dirname(file))) }, ...elsewhere]);
}

/** The first files that come up: a whole search, which a large folder keeps waiting, goes on behind. */
export async function discoverFirst(copies: LocalCopies, count: number): Promise<Discovered> {
  const [files, ...elsewhere] = await Promise.all([find(weightFiles, count), ...virtualFolders().map((folder) => discoverVirtual(copies, folder, count))]);
  const directories = await Promise.all([...new Set(files.map((file) => path.dirname(file)))].map(async (directory) => [directory, (await copies.names(directory)).some(isCompanion)] as const));
  return together([{ files, directories: new Set(directories.flatMap(([directory, isCheckpoint]) => (isCheckpoint ? [directory] : []))) }, ...elsewhere]);
}

async function find(pattern: string, count?: number): Promise<string[]> {
  return (await findLocalFiles(pattern, excluded, count)).map(({ fsPath }) => fsPath);
}

function virtualFolders(): vscode.Uri[] {
  return (vscode.workspace.workspaceFolders ?? []).map(({ uri }) => uri).filter(({ scheme }) => scheme !== 'file');
}

async function discoverVirtual(copies: LocalCopies, folder: vscode.Uri, count: number): Promise<Discovered> {
  const files: string[] = [];
  const directories = new Set<string>();
  for await (const { uri, names } of walk(vscode.workspace.fs, folder, excludedDirectories, vscode.Uri.joinPath)) {
    const directory = copies.pathOf(uri);
    files.push(...names.filter(isWeightFile).map((name) => path.join(directory, name)));
    if (names.some(isCompanion)) directories.add(directory);
    if (files.length >= count) break;
  }
  return { files, directories };
}

function together(parts: readonly Discovered[]): Discovered {
  return { files: parts.flatMap(({ files }) => files), directories: new Set(parts.flatMap(({ directories }) => [...directories])) };
}
