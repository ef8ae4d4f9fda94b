import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { recordedEditor } from '../recorded-editor';

const { vscode } = recordedEditor();
const { workspace } = vscode as { workspace: object };
jest.doMock('vscode', () => vscode, { virtual: true });

const uriOf = (fsPath: string) => ({ scheme: 'file', fsPath, path: fsPath, authority: '' });

/** A workspace of checkpoints, of which no watcher tells anything but that a folder is gone. */
async function indexOf(names: readonly string[]) {
  const root = await mkdtemp(path.join(os.tmpdir(), 'index-'));
  const files: string[] = [];
  const add = async (name: string): Promise<void> => {
    const file = path.join(root, name, 'model.safetensors');
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, 'no safetensors');
    files.push(file);
  };
  for (const name of names) await add(name);
  const deleted: ((uri: object) => void)[] = [];
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
  const found = () => index.checkpoints.map((checkpoint) => path.relative(root, checkpoint.path).split(path.sep)[0]!);
  await index.loaded();
  return {
    add,
    index,
    found,
    until: (count: number) => new Promise<void>((resolve) => index.onDidChange(() => index.checkpoints.length === count && resolve())),
    async removeFolder(name: string) {
      files.splice(0, files.length, ...files.filter((file) => !file.startsWith(path.join(root, name, path.sep))));
      await rm(path.join(root, name), { recursive: true });
      deleted.forEach((tell) => tell(uriOf(path.join(root, name))));
    },
    async [Symbol.asyncDispose]() {
      index.dispose();
      await rm(root, { recursive: true });
    },
  };
}

test('a folder that is deleted takes its checkpoints along, though no file of it is told of', async () => {
  await using opened = await indexOf(['kept', 'soups/gone']);
  expect(opened.found()).toEqual(['kept', 'soups']);
  const seen = opened.until(1);
  await opened.removeFolder('soups');
  await seen;
  expect(opened.found()).toEqual(['kept']);
});

test('what comes before the file watchers have started is found by a second look', async () => {
  await using opened = await indexOf(['early']);
  const seen = opened.until(2);
  await opened.add('meanwhile');
  await seen;
  expect(opened.found()).toEqual(['early', 'meanwhile']);
}, 60_000);
