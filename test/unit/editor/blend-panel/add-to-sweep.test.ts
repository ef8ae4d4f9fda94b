import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { WorkerThread } from '../../../../src/checkpoint/worker/worker-thread';
import type { LanguageWork, LanguageWorker } from '../../../../src/editor/yaml-language/worker/work';
import { parseExperiment } from '../../../../src/experiment/parse';
import { recordedEditor } from '../recorded-editor';

/** A file of the editor, in which edits count characters. */
class Document {
  version = 1;
  constructor(private text: string) {}
  readonly getText = () => this.text;
  readonly positionAt = (offset: number) => offset;
  readonly save = async () => true;
  insert(offset: number, text: string): void {
    this.version++;
    this.text = this.text.slice(0, offset) + text + this.text.slice(offset);
  }
}

const { vscode } = recordedEditor();
let document: Document;
class WorkspaceEdit {
  insert(_: unknown, offset: number, text: string): void {
    document.insert(offset, text);
  }
}
Object.defineProperties(vscode, { WorkspaceEdit: { value: WorkspaceEdit } });
Object.defineProperties((vscode as { workspace: object }).workspace, { openTextDocument: { value: async () => document }, applyEdit: { value: async () => true } });
jest.doMock('vscode', () => vscode, { virtual: true });

const linguist: LanguageWorker = new WorkerThread(path.resolve(__dirname, '../../../../dist/language-worker.js'));
afterAll(() => linguist.dispose());

test('a λ goes to its place also where the file is edited while it is parsed', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'add-to-sweep-'));
  const text = 'name: demo\ntask: { type: locomotion, environment: half-cheetah }\nrewards: { a: velocity, b: -energy }\ntrain: { steps: 1000 }\nsweep: { grid: 3 }\n';
  await writeFile(path.join(folder, 'soup.yaml'), text);
  document = new Document(text);
  const run = (work: LanguageWork) => {
    if (work.kind === 'sweep-point' && document.version === 1) document.insert(0, '# typed meanwhile\n');
    return linguist.run(work);
  };
  const { addToSweep } = await import('../../../../src/editor/blend-panel/add-to-sweep');
  expect(await addToSweep(path.join(folder, 'runs', 'demo'), { a: 0.25, b: 0.75 }, { run } as never)).toBe('soup.yaml');
  expect(document.getText().startsWith('# typed meanwhile\nname: demo')).toBe(true);
  expect(parseExperiment(document.getText()).experiment?.sweep).toMatchObject({ grid: 3, points: [{ a: 0.25, b: 0.75 }] });
  await rm(folder, { recursive: true });
});
