import { existsSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { violations } from './accessibility';
import { repository, until, whyNoEditor, Workbench } from './workbench';

jest.setTimeout(300_000);

const workspace = path.join(repository, 'examples', 'locomotion');
const hasRuns = existsSync(path.join(workspace, 'runs', 'locomotion', 'sweep', 'results.jsonl'));
const reason = whyNoEditor() ?? (hasRuns ? null : 'the locomotion example has not been run: npm run demo');
const describeLook = reason ? describe.skip : describe;

const themes = [
  ['light', 'Default Light Modern'],
  ['dark', 'Default Dark Modern'],
  ['high-contrast', 'Default High Contrast'],
  ['high-contrast-light', 'Default High Contrast Light'],
] as const;
const panels = [
  ['reward-curves', 'Show Reward Curves'],
  ['lmc-check', 'Show LMC Check'],
  ['spider-map', 'Show Spider Map'],
  ['front', 'Show Pareto Front'],
] as const;
const wide = { width: 1200, height: 780 };
const narrow = { width: 450, height: 780 };

/** Pictures for the README where PICTURES is set: `PICTURES=1 npx jest test/editor/appearance`. */
async function picture(workbench: Workbench, name: string): Promise<void> {
  await workbench.screenshot(`look-${name}`);
  if (!process.env.PICTURES || !/-(light|dark)$/.test(name) || name.includes('high-contrast')) return;
  mkdirSync(path.join(repository, 'media'), { recursive: true });
  await workbench.page.screenshot({ path: path.join(repository, 'media', `${name}.png`) });
}

describeLook.each(themes)(`panels in the %s theme${reason ? ` [${reason}]` : ''}`, (theme, colorTheme) => {
  let workbench: Workbench;
  beforeAll(async () => {
    workbench = await Workbench.open({ workspace, settings: { 'workbench.colorTheme': colorTheme }, ...wide });
    await workbench.openView('Soups');
    await workbench.rows('risky', 'Checkpoints').click();
  }, 240_000);
  afterAll(() => workbench.close(), 60_000);

  test.each(panels)('%s', async (panel, command) => {
    await workbench.command(`Rewarded Soups: ${command}`);
    const document = await workbench.webviewWith(`[data-panel="${panel}"]`);
    await document.locator('.chart svg').first().waitFor();
    await until(async () => (await document.locator('.chart svg path').count()) > 10, 'a drawn chart');
    await picture(workbench, `${panel}-${theme}`);
    expect(await violations(document)).toEqual([]);

    await workbench.command('View: Close Primary Side Bar');
    await workbench.page.setViewportSize(narrow);
    try {
      const page = await workbench.webviewWith(`[data-panel="${panel}"]`); // without the inspector it is another frame in the row
      await until(() => page.locator('html').evaluate((html) => html.scrollWidth <= html.clientWidth + 1), 'a page as wide as its tab');
      await workbench.screenshot(`look-${panel}-${theme}-narrow`);
    } finally {
      await workbench.page.setViewportSize(wide);
      await workbench.openView('Soups');
    }
  });
});
