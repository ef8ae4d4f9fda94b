import { existsSync } from 'node:fs';
import { describeEditor } from './describe-editor';
import { smallExperiment } from './workspace';

jest.setTimeout(120_000);

describeEditor('a folder that is not trusted', async (workspace) => {
  await workspace.checkpoint('a.safetensors', 1);
  await workspace.checkpoint('b.safetensors', 2);
  workspace.write('soup.yaml', smallExperiment('untrusted', 1000));
}, (editor) => {
  test('is looked at, and nothing in it is executed', async () => {
    const { workbench, workspace } = editor();
    const { page } = workbench;
    await page.locator('.statusbar', { hasText: 'Restricted Mode' }).waitFor();
    await workbench.openView('Soups');
    const inspector = await workbench.inspect('a.safetensors');
    await inspector.getByRole('treeitem', { name: /layers.*3 tensors/ }).waitFor();
    await workbench.openFile('a.safetensors');
    await (await workbench.webviewWith('[data-panel="safetensors-editor"]')).getByText('3 tensors · 63 parameters').waitFor();
    await workbench.openFile('soup.yaml');
    await page.locator('.codelens-decoration a', { hasText: /^\s*Train$/ }).click();
    await workbench.notification('Trainings start only in a trusted workspace').waitFor();
    await page.keyboard.press('F1');
    await workbench.quickInput.locator('input.input').fill('>Rewarded Soups: Train Experts');
    await workbench.quickInput.locator('.monaco-list-row', { hasText: 'Inspect Checkpoint' }).waitFor(); // offered as similar: a viewer
    expect(await workbench.quickInput.locator('.monaco-list-row', { hasText: 'Train Experts' }).count()).toBe(0);
    await page.keyboard.press('Escape');
    expect(existsSync(workspace.at('runs'))).toBe(false);
  });

  test('checkpoints are held against each other, and no soup is written', async () => {
    const { workbench } = editor();
    await workbench.select('a.safetensors', 'b.safetensors');
    await workbench.contextMenu('b.safetensors', /Create Soup/);
    const panel = await workbench.webviewWith('[data-panel="blend"] .blend');
    await panel.getByText('They can be blended').waitFor();
    await panel.getByText('This folder is not trusted').first().waitFor();
    expect(await panel.getByRole('button', { name: 'Save Soup' }).getAttribute('disabled')).not.toBeNull();
  });
}, { trustPrompt: true });
