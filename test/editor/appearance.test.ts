import { existsSync } from 'node:fs';
import path from 'node:path';
import { violations } from './accessibility';
import { fits, narrow, picture } from './pictures';
import { themes } from './themes';
import { repository, until, whyNoEditor, Workbench } from './workbench';

jest.setTimeout(300_000);

const workspace = path.join(repository, 'examples', 'locomotion');
const hasRuns = existsSync(path.join(workspace, 'runs', 'locomotion', 'sweep', 'results.jsonl'));
const reason = whyNoEditor() ?? (hasRuns ? null : 'the locomotion example has not been run: npm run demo');
const describeLook = reason ? describe.skip : describe;

const panels = [
  ['reward-curves', 'Show Reward Curves'],
  ['lmc-check', 'Show LMC Check'],
  ['spider-map', 'Show Spider Map'],
  ['front', 'Show Pareto Front'],
] as const;
const wide = { width: 1200, height: 780 };

/** In a tab of a phone's width nothing is cut off. */
async function looksNarrow(workbench: Workbench, panel: string, theme: string): Promise<void> {
  await workbench.command('View: Close Primary Side Bar');
  await workbench.page.setViewportSize(narrow);
  try {
    await fits(await workbench.webviewWith(`[data-panel="${panel}"]`)); // without the inspector it is another frame in the row
    await picture(workbench, `${panel}-${theme}-narrow`);
  } finally {
    await workbench.page.setViewportSize(wide);
    await workbench.openView('Soups');
  }
}

describeLook.each(themes)(`panels in %s${reason ? ` [${reason}]` : ''}`, (colorTheme, _, theme) => {
  let workbench: Workbench;
  beforeAll(async () => {
    workbench = await Workbench.open({ workspace, settings: { 'workbench.colorTheme': colorTheme }, ...wide });
    await workbench.openView('Soups');
    await workbench.inspect('risky');
  }, 240_000);
  afterAll(() => workbench.close(), 60_000);

  test.each(panels)('%s', async (panel, command) => {
    await workbench.command(`Rewarded Soups: ${command}`);
    const document = await workbench.webviewWith(`[data-panel="${panel}"]`);
    await document.locator('.chart svg').first().waitFor();
    await until(async () => (await document.locator('.chart svg path').count()) > 10, 'a drawn chart');
    await picture(workbench, `${panel}-${theme}`);
    expect(await violations(document)).toEqual([]);

    await looksNarrow(workbench, panel, theme);
  });

  test('blend', async () => {
    await workbench.command('View: Close All Editors');
    await workbench.select('risky', 'cautious');
    await workbench.contextMenu('cautious', /Create Soup/);
    const document = await workbench.webviewWith('[data-panel="blend"] .blend');
    await document.getByText(/cautious is .* % away from the base/).waitFor({ timeout: 60_000 });
    await document.getByRole('button', { name: 'Best λ' }).click();
    await document.getByText(/cross-validated/).first().waitFor({ timeout: 60_000 });
    await picture(workbench, `blend-${theme}`);
    expect(await violations(document)).toEqual([]);

    await document.getByRole('button', { name: 'Open Preview' }).click();
    await document.getByLabel('Episodes', { exact: true }).fill('2', { timeout: 120_000 });
    await document.getByRole('button', { name: 'Play' }).click();
    await document.getByText('Done. The soup follows λ.').waitFor({ timeout: 120_000 });
    await document.getByRole('article').last().scrollIntoViewIfNeeded();
    await picture(workbench, `blend-preview-${theme}`);
    expect(await violations(document)).toEqual([]);
    await looksNarrow(workbench, 'blend', theme);
  });
});
