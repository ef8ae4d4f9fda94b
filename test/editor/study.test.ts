import { violations } from './accessibility';
import { describeEditor, type EditorTest } from './describe-editor';
import { runStudy, writeSearch, writeStudy } from './study-workspace';
import { until } from './workbench';

jest.setTimeout(240_000);

const tabs = ({ workbench }: EditorTest, title: string) => workbench.page.locator('.tabs-container .tab', { has: workbench.page.getByText(title, { exact: true }) });
const panelOf = ({ workbench }: EditorTest) => workbench.webviewWith('[data-panel="study"]');
const frontOf = ({ workbench }: EditorTest) => workbench.webviewWith('[data-panel="front"]');

describeEditor('a study, and a search', async (workspace) => {
  await runStudy(writeStudy(workspace, '[0]'));
  writeStudy(workspace, '[0, 4]');
  await writeSearch(workspace);
}, (editor) => {
  test('Study above its key shows what the seed that is measured says, with a chart and its table', async () => {
    const { workbench } = editor();
    await workbench.openFile('stress.soup.yaml');
    await workbench.page.locator('.codelens-decoration a', { hasText: /^\s*Study$/ }).click();
    const panel = await panelOf(editor());
    await panel.getByText('1 seed of 2 so far, 2 cells each.').waitFor({ timeout: 60_000 });
    await panel.getByText('Does linear mode connectivity hold in every cell?').waitFor();
    await panel.getByText('2 of 4 cells measured, 12 of 24 points').waitFor();
    await until(async () => (await panel.locator('.chart svg path').count()) > 5, 'a drawn chart');
    await until(async () => (await panel.locator('table tbody tr').count()) === 2, 'one row a cell');
  });

  test('it follows the study: a seed that is measured later', async () => {
    await runStudy(editor().workspace.at('stress.soup.yaml'));
    const panel = await panelOf(editor());
    await panel.getByText('2 seeds, 2 cells each. Intervals are 95 %, Student’s over seeds.').waitFor({ timeout: 60_000 });
    await panel.getByText(/cells measured/).waitFor({ state: 'hidden' });
    await panel.getByRole('button', { name: 'Table' }).press('Enter');
    await until(async () => !(await panel.locator('table').isVisible()), 'the table to be hidden by a key');
  });

  test('it is there again after a reload, as it was left, and is opened from the row of its runs', async () => {
    const { workbench } = editor();
    await workbench.reload();
    const panel = await panelOf(editor());
    await panel.getByText('2 seeds, 2 cells each.').waitFor({ timeout: 60_000 });
    await until(async () => (await panel.locator('.chart svg path').count()) > 5, 'a drawn chart');
    expect(await panel.locator('table').isVisible()).toBe(false);
    await workbench.openView('Soups');
    await workbench.rowReads(workbench.rows('stress', 'Runs'), 'succeeded');
    await workbench.openFile('stress.soup.yaml');
    await workbench.contextMenu('stress', 'Show Study');
    await panelOf(editor());
    expect(await tabs(editor(), 'Study: stress').count()).toBe(1);
  });

  test('a variant has a tab of its own, opened above its line', async () => {
    const { workbench } = editor();
    await workbench.openFile('stress.soup.yaml');
    await workbench.page.locator('.codelens-decoration a', { hasText: /^\s*Study quick$/ }).click();
    await tabs(editor(), 'Study: stress-quick').waitFor({ timeout: 60_000 });
    await (await panelOf(editor())).getByText('0 of 2 cells measured, 0 of 12 points').waitFor({ timeout: 60_000 });
    expect(await tabs(editor(), 'Study: stress').count()).toBe(1);
  });

  test('a tab that came back with the window and was not shown since is shown, and gets no twin', async () => {
    const { workbench } = editor();
    await workbench.reload(); // with the variant's tab in front
    await (await panelOf(editor())).getByText('0 of 2 cells measured, 0 of 12 points').waitFor({ timeout: 60_000 });
    await workbench.openView('Soups');
    await workbench.rowReads(workbench.rows('stress', 'Runs'), 'succeeded');
    await workbench.contextMenu('stress', 'Show Study', 'Runs');
    const panel = await workbench.webviewWith('[data-panel="study"]:has-text("2 seeds, 2 cells each.")');
    expect(await tabs(editor(), 'Study: stress').count()).toBe(1);
    expect(await panel.locator('table').isVisible()).toBe(false); // as it was left
  });

  test('a search for λ stands below the front: what was tried, and what it found', async () => {
    const { workbench } = editor();
    await workbench.openView('Soups');
    await workbench.contextMenu('found', 'Show Pareto Front', 'Runs');
    const panel = await frontOf(editor());
    await panel.getByRole('heading', { name: 'Search for min(faithful, brief)' }).waitFor({ timeout: 60_000 });
    await until(async () => (await panel.locator('.figure').nth(1).locator('svg path').count()) > 10, 'a drawn chart');
    await until(async () => (await panel.locator('.figure').nth(1).locator('tbody tr').count()) === 24, 'one row an evaluation');
    await panel.getByText('The soup is better, beyond chance.').first().waitFor();
  });

  test('a click on a point of the chart opens the inspector on it, also where the side bar is closed', async () => {
    const { workbench } = editor();
    await workbench.command('View: Close Primary Side Bar');
    const panel = await frontOf(editor());
    const point = panel.locator('.figure').first().locator('[aria-roledescription="point"][aria-label*="name: a;"]');
    await until(async () => {
      await point.click({ timeout: 10_000 }); // a drawing that is being replaced takes none
      const inspector = await workbench.webviewWith('[data-panel="inspector"]');
      return inspector.locator('h1', { hasText: /^a$/ }).waitFor({ timeout: 10_000 }).then(() => true);
    }, 'the inspector on the expert whose point was clicked', 180_000);
  });

  test('what can be done with a row is in sight beside the other columns, in wide and in narrow windows', async () => {
    const { workbench } = editor();
    await workbench.command('View: Close Primary Side Bar');
    const panel = await frontOf(editor());
    const tables = panel.locator('.table-scroll');
    await until(async () => (await tables.count()) === 3, 'the tables of the front and of two searches');
    // whose middle is neither covered nor cut off
    const inSight = () => tables.evaluateAll((all) => all.map((table) => {
      table.scrollIntoView({ block: 'center' });
      const links = [...table.querySelectorAll('tbody tr:nth-child(4) .link')]; // of a soup, behind three experts
      return links.filter((link) => {
        const { left, top, width: across, height } = link.getBoundingClientRect();
        return document.elementFromPoint(left + across / 2, top + height / 2) === link;
      }).length;
    }));
    for (const width of [1200, 400]) {
      await workbench.page.setViewportSize({ width, height: 900 });
      await until(async () => (await inSight()).join() === '2,2,2', `both links of every table in sight at ${width} px`);
      await workbench.screenshot(`look-front-searches-${width}`);
      expect(await violations(panel)).toEqual([]);
    }
    await workbench.page.setViewportSize({ width: 1280, height: 800 });
  });
});
