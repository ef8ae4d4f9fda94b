import path from 'node:path';
import { Workbench, whyNoEditor } from './workbench';
import { Workspace } from './workspace';

type Options = Omit<Parameters<typeof Workbench.open>[0], 'workspace'> & {
  /** the editor gets the folder's contents from memory */
  readonly isVirtual?: boolean;
};

/** What the tests of one file share: an editor on a folder of their own. */
export interface EditorTest {
  readonly workbench: Workbench;
  readonly workspace: Workspace;
}

/**
 * Tests in a real VS Code, one for all tests of the block; where none can be driven they are skipped, and their names say why.
 * @param prepare fills the folder before the editor opens on it
 */
export function describeEditor(title: string, prepare: (workspace: Workspace) => Promise<void> | void, tests: (editor: () => EditorTest) => void, { isVirtual = false, ...options }: Options = {}): void {
  const reason = whyNoEditor();
  if (reason) {
    describe.skip(`${title} [${reason}]`, () => tests(() => { throw new Error(reason); }));
    return;
  }
  describe(title, () => {
    let opened: EditorTest | null = null;
    beforeAll(async () => {
      const workspace = new Workspace();
      await prepare(workspace);
      const memory = { workspace: `memory:${workspace.root}`, companions: [path.join(__dirname, 'memory-files')] };
      opened = { workspace, workbench: await Workbench.open({ ...options, ...(isVirtual ? memory : { workspace: workspace.root }) }) };
    }, 240_000);
    afterEach(async () => {
      const name = expect.getState().currentTestName ?? title;
      await opened?.workbench.screenshot(name.replace(/[^\w-]+/g, '-').slice(0, 100));
    });
    afterAll(async () => {
      await opened?.workbench.close();
      opened?.workspace.remove();
    }, 60_000);
    tests(() => {
      if (!opened) throw new Error('the editor is not open');
      return opened;
    });
  });
}
