import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describeEditor } from './describe-editor';
import { repository, until } from './workbench';

jest.setTimeout(120_000);

describeEditor('the walkthrough', (workspace) => {
  workspace.write('README.md', 'Nothing else is here.\n');
}, (editor) => {
  test('opens from the empty Runs view, puts the example into the folder, and ticks its step', async () => {
    const { workbench, workspace } = editor();
    const { page } = workbench;
    await workbench.openView('Soups');
    await page.locator('.sidebar .welcome-view-content', { hasText: 'No runs yet' }).getByRole('button', { name: 'Make Your First Soup' }).click();
    const steps = page.locator('.getting-started-step');
    await until(async () => (await steps.count()) === 7, 'seven steps');
    await page.locator('.getting-started-step', { hasText: 'Open the example' }).getByRole('button', { name: 'Open Example' }).click();
    await workbench.tab('soup.yaml').waitFor();
    expect(readFileSync(workspace.at('soup.yaml'), 'utf8')).toBe(readFileSync(path.join(repository, 'examples/locomotion/soup.yaml'), 'utf8'));
    expect(await page.locator('.squiggly-error').count()).toBe(0);
    await workbench.tab('Welcome').click();
    await page.locator('.getting-started-step', { hasText: 'Open the example' }).locator('.step-indicator-icon.complete, .codicon-getting-started-step-checked').first().waitFor();
    await workbench.screenshot('walkthrough');
  });

  test('opened again, the example is the one that is there', async () => {
    const { workbench, workspace } = editor();
    workspace.write('soup.yaml', readFileSync(workspace.at('soup.yaml'), 'utf8').replace('steps: 400000', 'steps: 400'));
    await workbench.command('Rewarded Soups: Open Example');
    await workbench.tab('soup.yaml').waitFor();
    expect(readFileSync(workspace.at('soup.yaml'), 'utf8')).toContain('steps: 400\n');
    await expect(async () => readFileSync(workspace.at('locomotion.soup.yaml'))).rejects.toThrow(/ENOENT/);
  });
});
