import path from 'node:path';
import { proposeWeights } from '../../src/analysis/preference-search';
import type { ResultPoint } from '../../src/analysis/results';
import { vertexOf, type Weights } from '../../src/analysis/simplex';
import { runPipeline } from '../../src/runs/pipeline';
import { newRunRecord } from '../../src/runs/run-directory';
import { violations } from './accessibility';
import { describeEditor, type EditorTest } from './describe-editor';
import { showTheme, themes } from './themes';
import { repository, until } from './workbench';
import type { Workspace } from './workspace';

jest.setTimeout(240_000);

const trainer = path.join(repository, 'test', 'fixtures', 'fake-trainer', 'trainer.cjs');

/** A study whose trainings take no time; its seeds as the file has them now. */
function writeStudy(workspace: Workspace, seeds: string): string {
  return workspace.write('stress.soup.yaml', `name: stress
task: { type: locomotion, environment: half-cheetah, episodeSteps: 10 }
rewards: { fast_a: velocity, fast_b: -energy }
train: { steps: 1000 }
sweep: { grid: 5, samples: 4 }
check: { resamples: 100 }
study: { type: lmc-stress, seeds: ${seeds}, vary: { angle: [45] } }
variants: { quick: { study: { seeds: [7] } } }
`);
}

/** What a sweep leaves that has searched for two preferences among three experts, of which one is still there; each reward falls with the distance to a λ of its own. */
async function writeSearch(workspace: Workspace): Promise<void> {
  const best: Readonly<Record<string, Weights>> = { faithful: { a: 0.6, b: 0.4, c: 0 }, brief: { a: 0, b: 0.3, c: 0.7 } };
  const measured = (weights: Weights): ResultPoint => {
    const expert = vertexOf(weights);
    const rewards = Object.entries(best).map(([reward, peak]) => {
      const level = 1 - ['a', 'b', 'c'].reduce((sum, name) => sum + (weights[name]! - peak[name]!) ** 2, 0);
      const samples = Array.from({ length: 40 }, (_, k) => level + 0.2 * Math.sin(9 * k) + 0.02 * Math.sin(k * k + 40 * level));
      return [reward, { mean: samples.reduce((sum, value) => sum + value) / 40, n: 40, samples }] as const;
    });
    return { kind: expert === null ? 'soup' : 'expert', name: expert ?? JSON.stringify(weights), weights, rewards: Object.fromEntries(rewards) };
  };
  const preferences = ['min(faithful, brief)', '0.8*faithful + 0.2*brief'];
  const points = [{ a: 1, b: 0, c: 0 }, { a: 0, b: 1, c: 0 }, { a: 0, b: 0, c: 1 }].map(measured);
  for (let seed = 0; points.length < 24; seed++) points.push(...proposeWeights(points, { preference: preferences[seed % 2]! }, { count: 3, seed }).map(measured));
  workspace.write('runs/found/experts/a/run.json', JSON.stringify(newRunRecord({ kind: 'expert', name: 'a', version: '', state: 'succeeded' })));
  await workspace.checkpoint('runs/found/experts/a/model.safetensors', 1);
  const record = newRunRecord({ kind: 'sweep', name: 'sweep', version: '', state: 'succeeded' });
  workspace.write('runs/found/sweep/run.json', JSON.stringify({ ...record, job: { kind: 'sweep', points: [], search: { preferences, appliesTo: 'samples', budget: 24, batch: 3 } } }));
  workspace.write('runs/found/sweep/results.jsonl', points.map((point) => `${JSON.stringify(point)}\n`).join(''));
}

const run = async (file: string): Promise<void> => expect((await runPipeline({ file, trainer, stages: ['train', 'sweep'] })).state).toBe('succeeded') as never;
const tabs = ({ workbench }: EditorTest, title: string) => workbench.page.locator('.tabs-container .tab', { has: workbench.page.getByText(title, { exact: true }) });
const panelOf = ({ workbench }: EditorTest) => workbench.webviewWith('[data-panel="study"]', 60_000);
const frontOf = ({ workbench }: EditorTest) => workbench.webviewWith('[data-panel="front"]', 60_000);

describeEditor('a study, and a search', async (workspace) => {
  await run(writeStudy(workspace, '[0]'));
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

  test.each(themes)('axe finds nothing in %s', async (...theme) => {
    const panel = await panelOf(editor());
    await showTheme(editor(), theme, panel);
    expect(await violations(panel)).toEqual([]);
  });

  test('it follows the study: a seed that is measured later', async () => {
    await run(editor().workspace.at('stress.soup.yaml'));
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
    const panel = await workbench.webviewWith('[data-panel="study"]:has-text("2 seeds, 2 cells each.")', 60_000);
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

  test.each(themes)('axe finds nothing in a search in %s', async (...theme) => {
    const panel = await frontOf(editor());
    await showTheme(editor(), theme, panel);
    await panel.getByRole('heading', { name: 'Search for min(faithful, brief)' }).scrollIntoViewIfNeeded();
    expect(await violations(panel)).toEqual([]);
  });
});
