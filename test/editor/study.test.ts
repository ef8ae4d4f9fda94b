import path from 'node:path';
import { runPipeline } from '../../src/runs/pipeline';
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
`);
}

const run = async (file: string): Promise<void> => expect((await runPipeline({ file, trainer, stages: ['train', 'sweep'] })).state).toBe('succeeded') as never;
const panelOf = ({ workbench }: EditorTest) => workbench.webviewWith('[data-panel="study"]', 60_000);

describeEditor('a study', async (workspace) => {
  await run(writeStudy(workspace, '[0]'));
  writeStudy(workspace, '[0, 4]');
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
    await workbench.contextMenu('stress', 'Show Study');
    await until(async () => (await workbench.tab('Study: stress').count()) === 2, 'the panel on its runs, beside that on its file', 60_000);
  });
});
