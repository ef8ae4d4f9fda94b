import Module, { createRequire } from 'node:module';
import path from 'node:path';
import { recordedEditor } from '../../test/unit/editor/recorded-editor';
import type { Surface } from './rows';

const require = createRequire(__filename);

/** Loading the bundle and activating in an editor that answers at once: what is left is our own code. */
export const timeActivation: Surface = async (rows, _, { extension }) => {
  const { vscode } = recordedEditor();
  const loader = Module as unknown as { _load(name: string, ...rest: unknown[]): unknown };
  const load = loader._load;
  loader._load = (name, ...rest) => (name === 'vscode' ? vscode : load(name, ...rest));
  const { activate } = await rows.time('activation: loading', async () => require(path.join(extension, 'dist', 'extension.js')) as { activate(context: object): void });
  await rows.time('activation: activating', async () => activate({ subscriptions: [], extensionUri: vscode, workspaceState: { get: () => undefined, update: async () => undefined } }));
};
