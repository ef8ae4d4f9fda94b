import { existsSync, readFileSync, rmSync } from 'node:fs';
import { readHeader, readTensorBytes, toFloat32 } from '../../src/checkpoint/safetensors';
import { describeEditor } from './describe-editor';
import { until } from './workbench';

jest.setTimeout(180_000);

const names = ['layers.0.bias', 'layers.0.weight', 'layers.1.weight'];

async function valuesOf(file: string): Promise<Float32Array> {
  const header = await readHeader(file);
  const tensors = await Promise.all(names.map(async (name) => [...toFloat32(await readTensorBytes(file, header, name), 'F32')]));
  return Float32Array.from(tensors.flat());
}

/** Σ wᵢθᵢ as the kernels define it: weights, products and sums rounded to float32, from +0, in the order of the inputs. */
function blended(experts: readonly Float32Array[], weights: readonly number[]): Float32Array {
  return Float32Array.from(experts[0]!, (_, k) => experts.reduce((sum, values, i) => Math.fround(sum + Math.fround(Math.fround(weights[i]!) * values[k]!)), 0));
}

const experts: Record<string, Float32Array> = {};

describeEditor('checkpoints', async (workspace) => {
  const base = 'ab'.repeat(32);
  experts.a = await workspace.checkpoint('a.safetensors', 1, { 'soup.kind': 'expert', 'soup.name': 'a', 'soup.score.a': '812.5', 'soup.base_sha256': base });
  experts.b = await workspace.checkpoint('b.safetensors', 2, { 'soup.kind': 'expert', 'soup.name': 'b', 'soup.score.b': '3.25', 'soup.base_sha256': base });
  experts.c = await workspace.checkpoint('sub/c.safetensors', 3);
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

  test('two experts of the tree, right-click, Create Soup: the file is the weighted sum bit for bit', async () => {
    const { workbench, workspace } = editor();
    await workbench.select('a.safetensors', 'b.safetensors');
    await workbench.contextMenu('b.safetensors', /Create Soup/);
    await workbench.answer('λ by name', 'a=0.3, b=0.7');
    await workbench.answer('Output name', 'blend');
    await workbench.notification('Soup blend created').waitFor();
    expect(await valuesOf(workspace.at('blend', 'model.safetensors'))).toEqual(blended([experts.a!, experts.b!], [0.3, 0.7]));
    expect(JSON.parse(readFileSync(workspace.at('blend', 'soup.json'), 'utf8'))).toMatchObject({ method: 'linear', weights: { a: 0.3, b: 0.7 }, base: { sha256: 'ab'.repeat(32) } });
    await workbench.rows('blend', 'Checkpoints').waitFor(); // and the tree follows the disk
    await workbench.rowReads(workbench.rows('blend', 'Checkpoints'), '0.3 a + 0.7 b');
  });

  test('weights off the simplex are refused while they are typed', async () => {
    const { workbench, workspace } = editor();
    await workbench.select('a.safetensors', 'b.safetensors');
    await workbench.contextMenu('a.safetensors', /Create Soup/);
    const input = workbench.quickInput.locator('input.input');
    await workbench.quickInput.filter({ hasText: 'λ by name' }).waitFor();
    await input.fill('a=0.5, b=0.6');
    await workbench.quickInput.filter({ hasText: 'their sum is 1.1' }).waitFor();
    await input.fill('a=-0.5, b=1.5');
    await workbench.quickInput.filter({ hasText: 'a has -0.5' }).waitFor();
    await input.press('Enter');
    expect(await workbench.quickInput.isVisible()).toBe(true);
    await input.press('Escape');
    expect(existsSync(workspace.at('a-0.5-b-0.6'))).toBe(false);
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
    await workbench.rows('a.safetensors', 'Checkpoints').click();
    const inspector = await workbench.webviewWith('[data-panel="inspector"]');
    await inspector.getByRole('treeitem', { name: /layers.*3 tensors/ }).waitFor();
    await inspector.getByText(/63/).first().waitFor(); // parameters: 7 + 35 + 21
    await inspector.getByText('No base of this checkpoint is in the workspace').waitFor();
  });

  test('from the Explorer, files of two folders; the tree follows what is deleted', async () => {
    const { workbench, workspace } = editor();
    await workbench.openView('Explorer');
    await workbench.rows('sub').first().click();
    await workbench.select('a.safetensors', 'c.safetensors');
    await workbench.contextMenu('c.safetensors', /Create Soup/);
    await workbench.answer('λ by name');
    await workbench.answer('Output name', 'from-explorer');
    await until(() => existsSync(workspace.at('from-explorer', 'soup.json')), 'the soup');
    expect(await valuesOf(workspace.at('from-explorer', 'model.safetensors'))).toEqual(blended([experts.a!, experts.c!], [0.5, 0.5]));
    rmSync(workspace.at('from-explorer'), { recursive: true });
    await workbench.openView('Soups');
    await workbench.rows('from-explorer', 'Checkpoints').waitFor({ state: 'detached' });
  });
});
