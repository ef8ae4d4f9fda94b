import { cpSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { FrameLocator } from 'playwright-core';
import { readHeader, readTensorBytes, toFloat32, writeSafetensors } from '../../src/checkpoint/safetensors';
import { mergeFromConfig } from '../../src/merge/mergekit/merge';
import { violations } from './accessibility';
import { describeEditor } from './describe-editor';
import { showTheme, themes } from './themes';
import { repository, until } from './workbench';

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
    await workbench.rowReads(workbench.rows('blend', 'Checkpoints'), 'a 0.3, b 0.7');
    await until(async () => /\bselected\b/.test((await workbench.rows('blend', 'Checkpoints').getAttribute('class')) ?? ''), 'the soup revealed in the tree');
  });

  test('the copied configuration gives the bytes that Save gave', async () => {
    const { workbench, workspace } = editor();
    const { page: browser } = workbench;
    const page = await open('a.safetensors', 'b.safetensors');
    await page.getByLabel('λ of a', { exact: true }).fill('0.3');
    await page.getByRole('button', { name: 'Copy as mergekit YAML' }).click();
    await page.getByText('The mergekit configuration is in the clipboard').waitFor();
    await browser.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    const configuration = workspace.write('copied/merge.yml', await browser.evaluate(() => navigator.clipboard.readText()));
    await mergeFromConfig({ config: configuration, output: workspace.at('copied', 'merged') });
    expect(await valuesOf(workspace.at('copied', 'merged', 'model.safetensors'))).toEqual(await valuesOf(workspace.at('blend', 'model.safetensors')));
    rmSync(workspace.at('copied'), { recursive: true });
  });

  test('a checkpoint of the workspace that was not chosen may be the base', async () => {
    const { workbench, workspace } = editor();
    const page = await open('a.safetensors', 'b.safetensors');
    await page.getByRole('button', { name: 'Choose… another base' }).click();
    await workbench.quickInput.locator('.monaco-list-row', { hasText: 'same shapes' }).first().waitFor({ timeout: 60_000 });
    await workbench.pick('c.safetensors');
    await page.getByText(/a is .* away from the base/).waitFor({ timeout: 60_000 });
    const base = await page.locator('vscode-dropdown[aria-label="Base"]').evaluate((list) => (list as HTMLSelectElement).value);
    expect(base).toBe(workspace.at('sub', 'c.safetensors'));
  });

  test('weights off the simplex are refused while they are typed', async () => {
    const { workspace } = editor();
    const page = await open('a.safetensors', 'b.safetensors');
    await page.getByLabel('λ of a', { exact: true }).fill('1.5');
    await page.getByText('a has 1.5: weights that sum to 1 lie between 0 and 1').first().waitFor();
    const button = page.getByRole('button', { name: 'Save Soup' });
    await until(() => button.isDisabled(), 'Save is not to be pressed');
    await page.getByLabel('λ of a', { exact: true }).fill('0.5');
    await page.getByRole('checkbox', { name: 'Weights sum to 1' }).click();
    await page.getByLabel('λ of b', { exact: true }).fill('0.6');
    await page.getByText('their sum is 1.1').first().waitFor();
    await until(() => button.isDisabled(), 'Save is not to be pressed');
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
    await until(async () => {
      await again.getByRole('button', { name: 'Show a in the inspector' }).press('Enter');
      const inspector = await workbench.webviewWith('[data-panel="inspector"]');
      return inspector.locator('h1', { hasText: /^a\b/ }).waitFor({ timeout: 5000 }).then(() => true, () => false);
    }, 'the inspector on an expert of the panel', 60_000);
  });

  test('its tab that came back with the window and was not shown since is shown, and gets no twin', async () => {
    const { workbench, workspace } = editor();
    const page = await open('a.safetensors', 'b.safetensors');
    await page.getByLabel('λ of a', { exact: true }).fill('0.375');
    await until(async () => (await page.getByLabel('λ of b', { exact: true }).inputValue()) === '0.625', 'λ of b');
    workspace.write('in-front.txt', '');
    await workbench.openFile('in-front.txt');
    await workbench.reload();
    await workbench.openView('Soups');
    await workbench.select('b.safetensors', 'a.safetensors'); // in another order
    await workbench.contextMenu('a.safetensors', /Create Soup/);
    const again = await panel();
    await until(async () => (await again.getByLabel('λ of b', { exact: true }).inputValue()) === '0.625', 'λ as it was left');
    expect(await workbench.tab('Create Soup').count()).toBe(1);
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

describeEditor('the playground of the blend panel', async (workspace) => {
  const fixtures = path.join(repository, 'test', 'fixtures', 'text');
  cpSync(path.join(fixtures, 'models', 'llama3'), workspace.at('base'), { recursive: true });
  for (const name of ['first', 'second']) {
    cpSync(path.join(fixtures, 'adapters', 'llama3'), workspace.at(name), { recursive: true });
    const config = JSON.parse(readFileSync(workspace.at(name, 'adapter_config.json'), 'utf8')) as object;
    writeFileSync(workspace.at(name, 'adapter_config.json'), JSON.stringify({ ...config, base_model_name_or_path: '../base' }));
  }
  // the second is the first with its B turned round and its A bent
  const file = workspace.at('second', 'adapter_model.safetensors');
  const header = await readHeader(file);
  const tensors = await Promise.all([...header.tensors.values()].map(async ({ name, shape, dtype }) => ({ name, shape, dtype: 'F32' as const, data: new Uint8Array(Float32Array.from(toFloat32(await readTensorBytes(file, header, name), dtype), (value, index) => (name.includes('lora_B') ? -2 * value : value * (1 + (index % 3)))).buffer) })));
  await writeSafetensors(file, tensors, {});
}, (editor) => {
  test('base, experts and the soup answer side by side; the soup follows λ, and nothing is written', async () => {
    const { workbench, workspace } = editor();
    const before = readdirSync(workspace.root).sort();
    await workbench.openView('Soups');
    await workbench.select('first', 'second');
    await workbench.contextMenu('second', /Create Soup/);
    const page = await workbench.webviewWith('[data-panel="blend"] .blend');
    await page.getByText(/differs from the exact one by up to/).waitFor({ timeout: 60_000 });
    await page.getByRole('button', { name: 'Open Preview' }).click();
    await page.getByLabel('Prompt', { exact: true }).fill('t2 t3', { timeout: 120_000 });
    await page.getByRole('button', { name: 'Generate' }).click();
    const done = page.getByText('Done. The soup follows λ.');
    await done.waitFor({ timeout: 120_000 });
    const card = (name: string) => page.getByRole('article', { name, exact: true });
    const texts = await Promise.all(['base', 'expert first', 'expert second', 'soup first 0.5, second 0.5'].map((name) => card(name).locator('.preview-text').textContent()));
    for (const text of texts) expect(text!.length).toBeGreaterThan(5);
    expect(texts[1]).not.toBe(texts[2]);
    const slider = page.getByRole('slider', { name: 'λ from first to second' });
    await slider.focus();
    await slider.press('Home');
    await card('soup first 1').waitFor({ timeout: 60_000 });
    await done.waitFor({ timeout: 60_000 });
    await until(async () => (await card('soup first 1').locator('.preview-text').textContent()) === texts[1], 'the soup at λ of the first expert says what that expert says');
    expect(readdirSync(workspace.root).sort()).toEqual(before);
  });
}, { width: 1400, height: 1000 });

describeEditor('the blend panel of three experts', async (workspace) => {
  for (const [index, name] of ['a', 'b', 'c'].entries()) await workspace.checkpoint(`${name}.safetensors`, 1 + index / 10);
}, (editor) => {
  const panel = (): Promise<FrameLocator> => editor().workbench.webviewWith('[data-panel="blend"] .blend');
  const look = async (name: string): Promise<void> => {
    await editor().workbench.screenshot(`look-blend-${name}`);
    expect(await violations(await panel())).toEqual([]);
  };

  test.each(themes)('the triangle, parameters of experts and λ over the layers in %s: axe-core finds nothing', async (theme, kind) => {
    const { workbench } = editor();
    await workbench.command('View: Close All Editors');
    await workbench.openView('Soups');
    await workbench.select('a.safetensors', 'b.safetensors', 'c.safetensors');
    await workbench.contextMenu('c.safetensors', /Create Soup/);
    const page = await panel();
    await page.getByText('They can be blended').waitFor();
    await showTheme(editor(), [theme, kind], page);
    const triangle = page.getByRole('application');
    await triangle.focus();
    for (let step = 0; step < 3; step++) await triangle.press('Shift+ArrowRight');
    await until(async () => (await page.getByLabel('λ of b', { exact: true }).inputValue()).startsWith('0.6333'), 'λ of b'); // 1/3 + 0.3
    await page.getByRole('combobox', { name: 'Method' }).click();
    await page.getByRole('option', { name: 'dare_ties', exact: true }).click();
    await page.getByText('Base is not chosen yet').waitFor();
    await page.getByLabel('density of a', { exact: true }).fill('0.5');
    await look(`triangle-${kind}`);
    await page.getByRole('checkbox', { name: 'λ changes over the layers' }).click();
    await page.getByText('Numbers', { exact: true }).click();
    const handle = page.getByRole('slider', { name: 'λ of a at layer 1', exact: true });
    await handle.focus();
    for (let step = 0; step < 3; step++) await handle.press('Shift+ArrowUp');
    await look(`layers-${kind}`);
  });

  test('nothing is cut off where the editor is narrow', async () => {
    const { workbench } = editor();
    await workbench.command('View: Close Primary Side Bar');
    await workbench.page.setViewportSize({ width: 450, height: 900 });
    const page = await panel();
    await until(() => page.locator('html').evaluate((html) => html.scrollWidth <= html.clientWidth + 1), 'a page as wide as its tab');
    await workbench.screenshot('look-blend-layers-narrow');
  });
}, { width: 1400, height: 1000 });
