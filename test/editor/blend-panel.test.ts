import { existsSync, readFileSync, rmSync } from 'node:fs';
import type { FrameLocator } from 'playwright-core';
import { readHeader, readTensorBytes, toFloat32 } from '../../src/checkpoint/safetensors';
import { describeEditor } from './describe-editor';
import { until } from './workbench';

jest.setTimeout(240_000);

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

describeEditor('the blend panel', async (workspace) => {
  const base = 'ab'.repeat(32);
  experts.a = await workspace.checkpoint('a.safetensors', 1, { 'soup.kind': 'expert', 'soup.name': 'a', 'soup.base_sha256': base });
  experts.b = await workspace.checkpoint('b.safetensors', 2, { 'soup.kind': 'expert', 'soup.name': 'b', 'soup.base_sha256': base });
  experts.c = await workspace.checkpoint('sub/c.safetensors', 3);
  workspace.write('truncated.safetensors', readFileSync(workspace.at('a.safetensors')).subarray(0, 300));
}, (editor) => {
  const panel = (): Promise<FrameLocator> => editor().workbench.webviewWith('[data-panel="blend"] .blend');
  /** Opens the panel of two rows of the tree; one that is open already is closed before. */
  const open = async (...rows: string[]): Promise<FrameLocator> => {
    const { workbench } = editor();
    await workbench.command('View: Close All Editors');
    await workbench.openView('Soups');
    await workbench.select(...rows);
    await workbench.contextMenu(rows.at(-1)!, /Create Soup/);
    const page = await panel();
    await page.getByText('They can be blended').waitFor();
    return page;
  };
  test('two experts of the tree, λ by keyboard, Save: the file is the weighted sum bit for bit', async () => {
    const { workbench, workspace } = editor();
    const page = await open('a.safetensors', 'b.safetensors');
    await page.getByText('all were trained from base abababababab').waitFor();
    await page.getByText('252 B in 3 tensors, 63 parameters').waitFor();
    const slider = page.getByRole('slider', { name: 'λ from a to b' });
    await slider.focus();
    for (let step = 0; step < 20; step++) await slider.press('ArrowRight');
    await until(async () => (await page.getByLabel('λ of b', { exact: true }).inputValue()) === '0.7', 'λ of b');
    expect(await page.getByLabel('λ of a', { exact: true }).inputValue()).toBe('0.3');
    await workbench.saveSoup('blend');
    expect(await valuesOf(workspace.at('blend', 'model.safetensors'))).toEqual(blended([experts.a!, experts.b!], [0.3, 0.7]));
    expect(JSON.parse(readFileSync(workspace.at('blend', 'soup.json'), 'utf8'))).toMatchObject({ method: 'linear', weights: { a: 0.3, b: 0.7 }, base: { sha256: 'ab'.repeat(32) } });
    await workbench.rows('blend', 'Checkpoints').waitFor(); // and the tree follows the disk
    await workbench.rowReads(workbench.rows('blend', 'Checkpoints'), '0.3 a + 0.7 b');
    await until(async () => /\bselected\b/.test((await workbench.rows('blend', 'Checkpoints').getAttribute('class')) ?? ''), 'the soup revealed in the tree');
  });

  test('weights off the simplex are refused while they are typed', async () => {
    const { workspace } = editor();
    const page = await open('a.safetensors', 'b.safetensors');
    await page.getByLabel('λ of a', { exact: true }).fill('1.5');
    await page.getByText('a has 1.5: weights that sum to 1 lie between 0 and 1').first().waitFor();
    const button = page.getByRole('button', { name: 'Save Soup' });
    expect(await button.getAttribute('disabled')).not.toBeNull();
    await page.getByLabel('λ of a', { exact: true }).fill('0.5');
    await page.getByRole('checkbox', { name: 'Together 1' }).click();
    await page.getByLabel('λ of b', { exact: true }).fill('0.6');
    await page.getByText('their sum is 1.1').first().waitFor();
    expect(await button.getAttribute('disabled')).not.toBeNull();
    await page.getByLabel('λ of a', { exact: true }).fill('-0.5');
    await page.getByText('a has -0.5, expected at least 0').first().waitFor();
    expect(existsSync(workspace.at('a-0.5-b-0.6'))).toBe(false);
  });

  test('the panel comes back after a reload, with its λ', async () => {
    const { workbench } = editor();
    const page = await open('a.safetensors', 'b.safetensors');
    await page.getByLabel('λ of a', { exact: true }).fill('0.125');
    await until(async () => (await page.getByLabel('λ of b', { exact: true }).inputValue()) === '0.875', 'λ of b');
    await workbench.reload();
    const again = await panel();
    await until(async () => (await again.getByLabel('λ of b', { exact: true }).inputValue()) === '0.875', 'the same λ of b');
    await again.getByText('They can be blended').waitFor();
  });

  test('a truncated file is said to be one, and nothing else is offered', async () => {
    const { workbench } = editor();
    await workbench.command('View: Close All Editors');
    await workbench.openView('Soups');
    await workbench.select('a.safetensors', 'truncated.safetensors');
    await workbench.contextMenu('truncated.safetensors', /Create Soup/);
    const page = await workbench.webviewWith('[data-panel="blend"] .failure');
    await page.getByText(/truncated\.safetensors.*(header|bytes)/s).first().waitFor();
    expect(await page.getByRole('button', { name: 'Save Soup' }).count()).toBe(0);
  });

  test('from the Explorer, files of two folders; the tree follows what is deleted', async () => {
    const { workbench, workspace } = editor();
    await workbench.command('View: Close All Editors');
    await workbench.openView('Explorer');
    await workbench.rows('sub').first().click();
    await workbench.select('a.safetensors', 'c.safetensors');
    await workbench.contextMenu('c.safetensors', /Create Soup/);
    await workbench.saveSoup('from-explorer');
    expect(await valuesOf(workspace.at('from-explorer', 'model.safetensors'))).toEqual(blended([experts.a!, experts.c!], [0.5, 0.5]));
    rmSync(workspace.at('from-explorer'), { recursive: true });
    await workbench.openView('Soups');
    await workbench.rows('from-explorer', 'Checkpoints').waitFor({ state: 'detached' });
  });
}, { width: 1400, height: 1000 });
