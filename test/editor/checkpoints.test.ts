import { readFileSync } from 'node:fs';
import { encodeHeader } from '../../src/checkpoint/safetensors-header';
import { describeEditor } from './describe-editor';
import { until } from './workbench';

jest.setTimeout(180_000);

describeEditor('checkpoints', async (workspace) => {
  const base = 'ab'.repeat(32);
  await workspace.checkpoint('a.safetensors', 1, { 'soup.kind': 'expert', 'soup.name': 'a', 'soup.score.a': '812.5', 'soup.base_sha256': base });
  await workspace.checkpoint('b.safetensors', 2, { 'soup.kind': 'expert', 'soup.name': 'b', 'soup.score.b': '3.25', 'soup.base_sha256': base });
  await workspace.checkpoint('sub/c.safetensors', 3);
  workspace.write('truncated.safetensors', readFileSync(workspace.at('a.safetensors')).subarray(0, 300));
}, (editor) => {
  test('the tree groups by base and says what an expert scores', async () => {
    const { workbench } = editor();
    await workbench.openView('Soups');
    await workbench.rows('a.safetensors', 'Checkpoints').waitFor();
    await workbench.rowReads(workbench.rows('base abababab', 'Checkpoints'), '2 checkpoints');
    await workbench.rowReads(workbench.rows('a.safetensors', 'Checkpoints'), 'a 812.50');
    expect(await workbench.rows('c.safetensors', 'Checkpoints').count()).toBe(1);
  });

  test('a truncated file stays in the tree and says what is wrong', async () => {
    const { workbench } = editor();
    const row = workbench.rows('truncated.safetensors', 'Checkpoints');
    await row.waitFor();
    await workbench.rowReads(row, 'unreadable');
    await row.click();
    const inspector = await workbench.webviewWith('[data-panel="inspector"]');
    await inspector.getByText(/truncated\.safetensors.*(header|bytes)/s).first().waitFor();
  });

  test('the inspector shows what is selected', async () => {
    const { workbench } = editor();
    const inspector = await workbench.inspect('a.safetensors');
    await inspector.getByRole('treeitem', { name: /layers.*3 tensors/ }).waitFor();
    await inspector.getByText(/63/).first().waitFor(); // parameters: 7 + 35 + 21
    await inspector.getByText('No base of this checkpoint is in the workspace').waitFor();
  });
});

describeEditor('a folder of another file system', async (workspace) => {
  const base = 'ab'.repeat(32);
  await workspace.checkpoint('runs/lab/experts/a/model.safetensors', 1, { 'soup.kind': 'expert', 'soup.name': 'a', 'soup.base_sha256': base });
  workspace.write('runs/lab/experts/a/config.json', '{"model_type":"gpt2"}');
  workspace.write('runs/lab/sweep/results.jsonl', `${JSON.stringify({ kind: 'expert', name: 'a', weights: { a: 1 }, rewards: { a: { mean: 812, stderr: 9, n: 20 } } })}\n`);
  await workspace.checkpoint('b.safetensors', 2);
  workspace.write('truncated.safetensors', readFileSync(workspace.at('b.safetensors')).subarray(0, 300));
  const large = encodeHeader([{ name: 'w', dtype: 'F32', shape: [10_000_000] }], {}, 'large.safetensors');
  workspace.write('large.safetensors', Buffer.concat([large.bytes, Buffer.alloc(40_000_000)]));
}, (editor) => {
  test('its checkpoints are in the tree, with what their headers and the sweep say', async () => {
    const { workbench, workspace } = editor();
    await workbench.openView('Soups');
    await workbench.rows('a', 'Checkpoints').waitFor({ timeout: 60_000 });
    await workbench.rowReads(workbench.rows('a', 'Checkpoints'), '63 · f32 · reward a 812 ± 9');
    await workbench.rowReads(workbench.rows('lab', 'Checkpoints'), 'base abababab');
    await workbench.rowReads(workbench.rows('truncated.safetensors', 'Checkpoints'), 'unreadable');
    await workbench.rowReads(workbench.rows('large.safetensors', 'Checkpoints'), '40 MB, not read');
    workspace.remove(); // it is served from memory
    await workbench.command('Rewarded Soups: Refresh Checkpoints');
    await workbench.rowReads(workbench.rows('b.safetensors', 'Checkpoints'), '63 · f32');
  });

  test('the inspector reads their values, and a large one when it is selected', async () => {
    const { workbench, workspace } = editor();
    const inspector = await workbench.inspect('b.safetensors');
    await inspector.getByRole('treeitem', { name: /layers.*3 tensors/ }).click();
    await inspector.getByText('No base of this checkpoint is in the workspace').waitFor({ timeout: 60_000 });
    expect(await inspector.locator('h1').getAttribute('title')).toBe(`memory:${workspace.at('b.safetensors')}`);
    await (await workbench.inspect('large.safetensors')).getByText('10,000,000').first().waitFor({ timeout: 60_000 });
  });

  test('the safetensors editor shows their values', async () => {
    const { workbench } = editor();
    await workbench.openView('Explorer');
    await workbench.rows('b.safetensors').first().waitFor({ timeout: 60_000 });
    await until(async () => {
      await workbench.rows('b.safetensors').first().dblclick();
      return workbench.tab('b.safetensors').waitFor({ timeout: 5000 }).then(() => true, () => false);
    }, 'the editor of b.safetensors', 60_000);
    const file = await workbench.webviewWith('[data-panel="safetensors-editor"]');
    await file.getByText('3 tensors · 63 parameters · F32').waitFor();
    await file.getByRole('button', { name: 'layers.0.bias' }).click();
    await until(async () => Math.fround(Number(await file.locator('.values tbody td').first().textContent())) === Math.fround(Math.sin(2 * 7.3 + 'layers.0.bias'.length)), 'its first value');
  });

  test('what needs a disk is not offered', async () => {
    const { workbench } = editor();
    const { page } = workbench;
    await workbench.openView('Soups');
    await page.getByText('Trainings are processes').first().waitFor();
    await page.keyboard.press('F1');
    await workbench.quickInput.locator('input.input').fill('>Rewarded Soups: ');
    await workbench.quickInput.locator('.monaco-list-row', { hasText: 'Inspect Checkpoint' }).waitFor();
    for (const hidden of ['Create Soup', 'Train Experts', 'Run Merge', 'New Experiment']) expect(await workbench.quickInput.locator('.monaco-list-row', { hasText: hidden }).count()).toBe(0);
    await page.keyboard.press('Escape');
  });
}, { isVirtual: true });
