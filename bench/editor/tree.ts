import { copyFileSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import * as vscode from 'vscode';
import { fromFloat32, writeSafetensors } from '../../src/checkpoint/safetensors';
import { CheckpointIndex } from '../../src/editor/checkpoint-tree/checkpoint-index';
import { CheckpointTreeProvider } from '../../src/editor/checkpoint-tree/checkpoint-tree-provider';
import { copies, log, threadsOf, uriOf, type Surface } from './rows';

const groups = 20;
const bases = 4;

/** Checkpoints of matrices in groups of one architecture each, whose members come from different bases. */
async function writeCheckpoints(directory: string, count: number): Promise<string[]> {
  const matrix = (seed: number) => fromFloat32(Float32Array.from({ length: 48 * 32 }, (_, k) => Math.sin((k + 1) * (seed + 1.1) * 7.3)), 'F32');
  const files: string[] = [];
  for (let index = 0; index < count; index++) {
    const [group, base] = [index % groups, Math.floor(index / groups) % bases];
    const file = path.join(directory, `group-${group}`, `expert-${index}.safetensors`);
    if (index < groups) mkdirSync(path.dirname(file));
    if (index >= groups * bases) copyFileSync(files[index % (groups * bases)]!, file);
    else await writeSafetensors(file, Array.from({ length: 6 }, (_, layer) => ({ name: `model.layers.${layer}.mlp.up_proj_${group}.weight`, dtype: 'F32', shape: [48, 32], data: matrix(base * 6 + layer) })));
    files.push(file);
  }
  return files;
}

/** The Checkpoints view: index, reader, grouping in turns and the rows that VS Code asks for. */
export const timeTree: Surface = async (rows, directory, settings) => {
  const files = (await writeCheckpoints(directory, settings.checkpoints)).map(uriOf);
  Object.defineProperties(vscode.workspace, {
    workspaceFolders: { value: [{ uri: uriOf(directory) }] },
    findFiles: { value: async (pattern: string, _: string, limit = Infinity) => (pattern.includes('safetensors') ? files.slice(0, limit) : []) },
  });
  const index = new CheckpointIndex(copies, threadsOf(settings).reader, log);
  const provider = new CheckpointTreeProvider(index, (error) => Promise.reject(error));
  const shown = async (): Promise<number> => {
    const roots = await provider.getChildren();
    const children = await Promise.all(roots.map((node) => provider.getChildren(node)));
    return [...roots, ...children.flat()].map((node) => provider.getTreeItem(node)).length;
  };
  const change = (changed: () => void): Promise<void> => new Promise((resolve) => {
    provider.onDidUpdate(resolve);
    changed();
  });
  const what = `tree of ${settings.checkpoints} checkpoints`;
  await rows.time(`${what}: first rows`, shown);
  await rows.time(`${what}: all headers, grouped`, async () => {
    index.wanted = true;
    await index.loaded();
    await shown();
  });
  await rows.time(`${what}: filtered`, () => change(() => (provider.filter = 'expert-1')));
  await rows.time(`${what}: sorted`, () => change(() => (provider.order = 'newest')));
  index.dispose();
};
