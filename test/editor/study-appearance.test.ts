import { cpSync } from 'node:fs';
import path from 'node:path';
import { violations } from './accessibility';
import { describeEditor } from './describe-editor';
import { fits, narrow, picture } from './pictures';
import { runStudy, writeSearch, writeStudy } from './study-workspace';
import { showTheme, themes } from './themes';
import { until } from './workbench';
import type { Workspace } from './workspace';

jest.setTimeout(240_000);

/** has folders of a study and of a search that took their time, for the docs */
const { PICTURES: real } = process.env;

describe.each([
  { name: 'study', panel: 'study', row: real ? 'lmc-stress' : 'stress', command: 'Show Study', write: async (workspace: Workspace) => runStudy(writeStudy(workspace, '[0, 4]')) },
  { name: 'search', panel: 'front', row: real ? 'locomotion' : 'found', command: 'Show Pareto Front', write: writeSearch },
])('$name', ({ name, panel, row, command, write }) => {
  describeEditor(name, (workspace) => (real ? cpSync(path.join(real, name), workspace.root, { recursive: true }) : write(workspace)), (editor) => {
    const pageOf = async () => {
      const page = await editor().workbench.webviewWith(`[data-panel="${panel}"]`);
      await until(async () => (await page.locator('.chart svg path').count()) > 5, 'a drawn chart', 60_000);
      if (name === 'search') await page.getByRole('heading', { name: /^Search for min/ }).scrollIntoViewIfNeeded();
      return page;
    };

    beforeAll(async () => {
      const { workbench } = editor();
      await workbench.openView('Soups');
      await workbench.contextMenu(row, command, 'Runs');
    }, 120_000);

    test.each(themes)('axe finds nothing in %s', async (...theme) => {
      const page = await pageOf();
      await showTheme(editor(), theme, page);
      expect(await violations(page)).toEqual([]);
      await picture(editor().workbench, `${name}-${theme[2]}`);
    });

    test('nothing is cut off at 400 px', async () => {
      const { workbench } = editor();
      await workbench.command('View: Close Primary Side Bar');
      await workbench.page.setViewportSize(narrow);
      for (const theme of themes) {
        const page = await pageOf();
        await showTheme(editor(), theme, page);
        await fits(page);
        await picture(workbench, `${name}-${theme[2]}-narrow`);
      }
    });
  }, { width: 1200 });
});
