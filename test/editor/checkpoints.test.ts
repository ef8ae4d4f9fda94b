import { readFileSync } from 'node:fs';
import { describeEditor } from './describe-editor';

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
