import { contextKeys } from '../../../src/editor/contributions';

interface Document {
  readonly uri: { readonly fsPath: string };
  getText(): string;
}
const yaml = (fsPath: string, text: string): Document => ({ uri: { fsPath }, getText: () => text });
const told: object[] = [];
const listeners: ((document: Document) => void)[] = [];
const listen = (listener: (document: Document) => void) => (listeners.push(listener), { dispose: () => undefined });

jest.doMock('vscode', () => ({
  commands: { executeCommand: async (command: string, key: string, value: object) => void (command === 'setContext' && key === contextKeys.mergekitFiles && told.push(Object.keys(value))) },
  workspace: { textDocuments: [yaml('/w/open.yaml', 'merge_method: ties'), yaml('/w/notes.md', 'merge_method: ties')], onDidOpenTextDocument: listen, onDidSaveTextDocument: listen },
  Disposable: { from: () => ({ dispose: () => undefined }) },
}), { virtual: true });

test('menus learn of a configuration when it is opened or saved, and that it is none any more', async () => {
  const { followMergekitFiles } = await import('../../../src/editor/mergekit-language/known-files');
  followMergekitFiles();
  expect(told).toEqual([[], ['/w/open.yaml']]);
  const [open, save] = listeners as [(document: Document) => void, (document: Document) => void];
  open(yaml('/w/values.yml', 'weights: [1]'));
  expect(told).toHaveLength(2);
  save(yaml('/w/values.yml', 'merge_method: linear'));
  save(yaml('/w/open.yaml', 'name: other'));
  save(yaml('/w/values.yml', 'merge_method: slerp'));
  expect(told.slice(2)).toEqual([['/w/open.yaml', '/w/values.yml'], ['/w/values.yml']]);
});
