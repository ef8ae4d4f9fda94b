import { views } from '../../../../src/editor/contributions';
import { recordedEditor } from '../recorded-editor';

const { vscode } = recordedEditor();
const { commands } = vscode as { commands: object };
jest.doMock('vscode', () => vscode, { virtual: true });

test('a view that was never open is opened without taking the focus from the panel, and so is a hidden one', async () => {
  const asked: unknown[] = [];
  Object.defineProperty(commands, 'executeCommand', { value: async (...call: unknown[]) => void asked.push(call) });
  const { InspectorView } = await import('../../../../src/editor/inspector/inspector-view');
  const inspector = new InspectorView({} as never, null as never, null as never, null as never);
  inspector.reveal();
  expect(asked).toEqual([[`${views.inspector}.focus`, { preserveFocus: true }]]);
  const view = { webview: { onDidReceiveMessage: () => undefined, asWebviewUri: () => 'https://page', cspSource: '' }, onDidDispose: () => undefined, show: (preserveFocus: boolean) => void asked.push(preserveFocus) };
  inspector.resolveWebviewView(view as never);
  inspector.reveal();
  expect(asked.slice(1)).toEqual([true]);
});
