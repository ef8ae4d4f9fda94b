import { existsSync, readFileSync } from 'node:fs';
import { readHeader, readTensorBytes, toFloat32 } from '../../src/checkpoint/safetensors';
import { describeEditor } from './describe-editor';

jest.setTimeout(180_000);

const configuration = `models:
  - model: a.safetensors
    parameters:
      weight:
        - filter: bias
          value: 1
        - value: 0.25
  - model: b.safetensors
    parameters:
      weight:
        - filter: bias
          value: 0
        - value: 0.75
merge_method: linear
dtype: float32
`;
const experts: Record<string, Float32Array> = {};

describeEditor('a mergekit configuration', async (workspace) => {
  experts.a = await workspace.checkpoint('a.safetensors', 1);
  experts.b = await workspace.checkpoint('b.safetensors', 2);
  workspace.write('mix.yaml', configuration.replace('merge_method: linear', 'merge_method: liner'));
}, (editor) => {
  test('a method that is not known is a problem with the nearest name', async () => {
    const { workbench, workspace } = editor();
    const { page } = workbench;
    await workbench.openFile('mix.yaml');
    await page.locator('.squiggly-error').first().waitFor();
    await page.keyboard.press('F8');
    await page.locator('.zone-widget', { hasText: 'did you mean "linear"?' }).waitFor();
    await page.keyboard.press('Escape');
    workspace.write('mix.yaml', configuration);
    await page.locator('.squiggly-error').first().waitFor({ state: 'detached' });
  });

  test('the hover of a filter says which tensors it resolves to, with their value', async () => {
    const { workbench } = editor();
    const { page } = workbench;
    await page.locator('.view-line', { hasText: 'filter' }).first().click();
    await page.keyboard.press('End');
    await page.keyboard.press('Control+K');
    await page.keyboard.press('Control+I'); // Show Hover
    await page.locator('.monaco-hover', { hasText: /weight of 1 tensor in a\.safetensors/ }).waitFor();
    await page.locator('.monaco-hover', { hasText: /layers\.0\.bias\s*1/ }).waitFor();
    await page.keyboard.press('Escape');
  });

  test('Run Merge from the Explorer makes the model that the file describes', async () => {
    const { workbench, workspace } = editor();
    await workbench.openView('Explorer');
    await workbench.contextMenu('mix.yaml', /Run Merge/);
    await workbench.answer('Output name', 'merged');
    await workbench.notification('Merged into merged: linear, 3 tensors').waitFor({ timeout: 60_000 });
    const file = workspace.at('merged', 'model.safetensors');
    const header = await readHeader(file);
    const values = async (name: string) => [...toFloat32(await readTensorBytes(file, header, name), 'F32')];
    expect(await values('layers.0.bias')).toEqual([...experts.a!.subarray(0, 7)]);
    const expected = Array.from({ length: 35 }, (_, k) => 0.25 * experts.a![7 + k]! + 0.75 * experts.b![7 + k]!);
    for (const [k, value] of (await values('layers.0.weight')).entries()) expect(value).toBeCloseTo(expected[k]!, 6);
    expect(existsSync(workspace.at('merged', 'soup.json'))).toBe(true);
    expect(readFileSync(workspace.at('merged', 'mergekit_config.yml'), 'utf8')).toBe(configuration);
  });

  test('the Explorer offers Run Merge where a file is known to be a configuration: by what is in it, or by its name', async () => {
    const { workbench, workspace } = editor();
    workspace.write('values.yaml', 'weights: [1, 2]\n');
    workspace.write('never-open.mergekit.yaml', configuration);
    await workbench.openView('Explorer');
    const offers = async (file: string): Promise<boolean> => {
      await workbench.rows(file).first().click({ button: 'right' });
      await workbench.page.getByRole('menuitem', { name: /^Copy Path/ }).waitFor();
      const isOffered = (await workbench.page.getByRole('menuitem', { name: /Run Merge/ }).count()) > 0;
      await workbench.page.keyboard.press('Escape');
      await workbench.page.getByRole('menuitem', { name: /^Copy Path/ }).waitFor({ state: 'detached' });
      return isOffered;
    };
    const files = ['mix.yaml', 'never-open.mergekit.yaml', 'values.yaml'];
    for (const file of files) await workbench.rows(file).first().waitFor(); // a row that comes meanwhile moves the others
    const offered = [];
    for (const file of files) if (await offers(file)) offered.push(file);
    expect(offered).toEqual(['mix.yaml', 'never-open.mergekit.yaml']);
  });

  test('keys are completed from the table of the method, and a quick fix takes the nearest name', async () => {
    const { workbench, workspace } = editor();
    const { page } = workbench;
    workspace.write('keys.yaml', `merge_method: ties\nbase_model: a.safetensors\nmodels:\n  - model: b.safetensors\nparameters:\n  densty: 0.5\n`);
    await workbench.openFile('keys.yaml');
    await page.locator('.squiggly-error').first().waitFor();
    await page.keyboard.press('F8');
    await page.keyboard.press('Escape');
    await page.keyboard.press('Control+.');
    await page.locator('.action-widget .monaco-list-row', { hasText: 'Change to density' }).waitFor();
    await page.keyboard.press('Enter');
    await page.locator('.squiggly-error').first().waitFor({ state: 'detached' });
    await page.keyboard.press('Control+End');
    await page.keyboard.type('  lam');
    await page.keyboard.press('Control+Space');
    await page.locator('.suggest-widget .monaco-list-row', { hasText: 'lambda' }).waitFor();
    await page.keyboard.press('Escape');
  });

  test('F12 on a model leads to its file', async () => {
    const { workbench } = editor();
    await workbench.page.locator('.view-line', { hasText: 'b.safetensors' }).getByText('b.safetensors').click();
    await workbench.page.keyboard.press('F12');
    await workbench.tab('b.safetensors').waitFor();
  });
});
