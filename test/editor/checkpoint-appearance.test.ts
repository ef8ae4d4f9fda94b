import { violations } from './accessibility';
import { describeEditor } from './describe-editor';
import { fits, narrow, picture } from './pictures';
import { showTheme, themes } from './themes';
import { until } from './workbench';

jest.setTimeout(180_000);

describeEditor('inspector and safetensors editor', async (workspace) => {
  for (const [name, seed, kind] of [['base', 1, 'base'], ['experts/risky', 1.05, 'expert']] as const) {
    await workspace.checkpoint(`runs/lab/${name}/model.safetensors`, seed, { 'soup.kind': kind, 'soup.name': name.split('/').at(-1)! });
    workspace.write(`runs/lab/${name}/config.json`, '{}');
  }
}, (editor) => {
  beforeAll(async () => {
    const { workbench } = editor();
    await workbench.openView('Soups');
    await workbench.page.locator('.pane-header[aria-label^="Runs"]').click(); // room for the inspector
    await workbench.openFile('risky/model.safetensors');
    const file = await workbench.webviewWith('[data-panel="safetensors-editor"]');
    await file.getByRole('button', { name: 'layers.0.weight' }).click();
    await until(async () => (await file.locator('.values tbody tr').count()) === 7, 'the values');
    const inspector = await workbench.webviewWith('[data-panel="inspector"]');
    await inspector.getByText('cos(θ, θ₀)').first().waitFor();
    await inspector.locator('.tree-item[aria-level="1"] > .tree-row').click();
    await inspector.locator('.tree-item[aria-level="2"] > .tree-row').last().click(); // layer 1 has one tensor
    await inspector.locator('section[aria-label="Chosen tensor"] svg').waitFor();
  }, 240_000);

  test.each(themes)('axe-core finds nothing in %s, and charts stand in its colours', async (...theme) => {
    const { workbench } = editor();
    const inspector = await workbench.webviewWith('[data-panel="inspector"]');
    const foreground = () => inspector.locator('body').evaluate((body) => getComputedStyle(body).getPropertyValue('--vscode-foreground').trim().toLowerCase());
    await showTheme(editor(), theme, inspector);
    await until(async () => (await inspector.locator('.figure svg').first().innerHTML()).toLowerCase().includes(`fill="${await foreground()}"`), 'the chart in its colours');
    expect(await violations(inspector)).toEqual([]);
    expect(await violations(await workbench.webviewWith('[data-panel="safetensors-editor"]'))).toEqual([]);
    await picture(workbench, `checkpoint-${theme[2]}`);
  });

  test('nothing is cut off where the editor is narrow', async () => {
    const { workbench } = editor();
    await workbench.page.setViewportSize({ width: 800, height: 900 });
    const file = await workbench.webviewWith('[data-panel="safetensors-editor"]');
    await fits(file);
    await until(() => file.locator('.values td').evaluateAll((cells) => cells.every((cell) => cell.scrollWidth <= cell.clientWidth + 1)), 'cells as wide as their values');
    await workbench.command('View: Close Primary Side Bar');
    await workbench.page.setViewportSize(narrow);
    for (const theme of themes) {
      await showTheme(editor(), theme, file);
      await fits(file);
      await picture(workbench, `checkpoint-${theme[2]}-narrow`);
    }
  });
}, { height: 1100 });
