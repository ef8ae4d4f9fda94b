import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { recordedEditor } from '../recorded-editor';

const { vscode } = recordedEditor();
const { workspace } = vscode as { workspace: object };
jest.doMock('vscode', () => vscode, { virtual: true });

test('a folder that is deleted takes its checkpoints along, though no file of it is told of', async () => {
  const root = await mkdtemp(path.join(os.tmpdir(), 'index-'));
  for (const name of ['kept', 'soups/gone']) await mkdir(path.join(root, name), { recursive: true });
  let files = ['kept', 'soups/gone'].map((name) => path.join(root, name, 'model.safetensors'));
  for (const file of files) await writeFile(file, 'no safetensors');
  const deleted: ((uri: object) => void)[] = [];
  const uriOf = (fsPath: string) => ({ scheme: 'file', fsPath, path: fsPath, authority: '' });
  const nothing = { dispose: () => undefined };
  const defineAll = (members: Readonly<Record<string, unknown>>) => Object.entries(members).forEach(([name, value]) => Object.defineProperty(workspace, name, { value, configurable: true }));
  defineAll({
    workspaceFolders: [{ uri: uriOf(root) }],
    asRelativePath: ({ fsPath }: { fsPath: string }) => path.relative(root, fsPath),
    findFiles: async (pattern: unknown) => (String(pattern).includes('safetensors') ? files.map(uriOf) : []),
    createFileSystemWatcher: (pattern: string) => ({ onDidCreate: () => nothing, onDidChange: () => nothing, onDidDelete: (listener: (uri: object) => void) => (pattern === '**' && deleted.push(listener), nothing), dispose: () => undefined }),
  });
  const { CheckpointIndex } = await import('../../../../src/editor/checkpoint-tree/checkpoint-index');
  const { LocalCopies } = await import('../../../../src/editor/virtual-files/local-copies');
  const index = new CheckpointIndex(new LocalCopies({} as never, { file: uriOf, from: uriOf } as never), { run: async () => { throw new Error('no reader'); } } as never, { warn: () => undefined, debug: () => undefined, error: () => undefined } as never);
  await index.loaded();
  expect(index.checkpoints.map((found) => path.relative(root, found.path))).toHaveLength(2);
  files = files.slice(0, 1);
  await rm(path.join(root, 'soups'), { recursive: true });
  deleted.forEach((tell) => tell(uriOf(path.join(root, 'soups'))));
  await new Promise<void>((resolve) => index.onDidChange(() => index.checkpoints.length === 1 && resolve()));
  expect(index.checkpoints.map((found) => path.relative(root, found.path).split('/')[0])).toEqual(['kept']);
  index.dispose();
});
