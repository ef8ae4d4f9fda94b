import { readFileSync } from 'node:fs';
import { describeEditor } from './describe-editor';
import { smallExperiment } from './workspace';
import { until } from './workbench';

jest.setTimeout(120_000);

describeEditor('an experiment file', (workspace) => {
  workspace.write('wrong.soup.yaml', smallExperiment('wrong', 1000).replace('velocity - 3 * energy', 'velocty - 3 * energy'));
}, (editor) => {
  test('an unknown metric is a problem at its place, with the nearest name as a fix', async () => {
    const { workbench, workspace } = editor();
    const { page } = workbench;
    await workbench.openFile('wrong.soup.yaml');
    await page.locator('.squiggly-error').first().waitFor();
    await page.keyboard.press('F8'); // next problem
    await page.locator('.zone-widget', { hasText: /velocty.*velocity/ }).waitFor();
    await page.keyboard.press('Escape');
    await page.keyboard.press('Control+.');
    await page.locator('.action-widget .monaco-list-row', { hasText: 'Change to velocity' }).waitFor();
    await page.keyboard.press('Enter');
    await page.locator('.squiggly-error').first().waitFor({ state: 'detached' });
    await page.keyboard.press('Control+S');
    await until(() => readFileSync(workspace.at('wrong.soup.yaml'), 'utf8').includes('cautious: velocity - 3 * energy'), 'the corrected file');
  });

  test('with a problem in it, Train starts nothing and says where it is', async () => {
    const { workbench, workspace } = editor();
    workspace.write('wrong.soup.yaml', smallExperiment('wrong', 1000).replace('risky: velocity', 'risky: speed'));
    await until(async () => (await workbench.page.locator('.squiggly-error').count()) > 0, 'the problem');
    await workbench.page.locator('.codelens-decoration a', { hasText: /^\s*Train$/ }).click();
    await workbench.notification(/wrong\.soup\.yaml.*speed/s).waitFor();
  });

  test('completion offers metrics and rewards, and says what they are', async () => {
    const { workbench } = editor();
    const { page } = workbench;
    await page.locator('.view-line', { hasText: 'cautious:' }).click();
    await page.keyboard.press('End');
    await page.keyboard.type(' + al');
    await page.keyboard.press('Control+Space');
    await page.locator('.suggest-widget .monaco-list-row', { hasText: 'alive' }).waitFor();
    await page.keyboard.press('Escape');
  });
});
