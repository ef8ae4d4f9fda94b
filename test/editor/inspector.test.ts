import { mkdirSync } from 'node:fs';
import { describeEditor } from './describe-editor';
import { sleep, until } from './workbench';

jest.setTimeout(180_000);

let base: Float32Array;
const experts: Record<string, Float32Array> = {};
const minus = (a: Float32Array, b: Float32Array) => Float64Array.from(a, (value, k) => value - b[k]!);
const dot = (a: ArrayLike<number>, b: ArrayLike<number>) => Array.from(a).reduce((sum, value, k) => sum + value * b[k]!, 0);
const norm = (a: ArrayLike<number>) => Math.sqrt(dot(a, a));
/** Four digits, as the page writes numbers between 0.001 and a million. */
const fourDigits = (value: number) => value.toPrecision(4).replace('-', '−');

describeEditor('the inspector', async (workspace) => {
  const lies = (name: string, seed: number, kind: string) => {
    mkdirSync(workspace.at(name), { recursive: true });
    return workspace.checkpoint(`${name}/model.safetensors`, seed, { 'soup.kind': kind, 'soup.name': name.split('/').at(-1)! });
  };
  base = await lies('runs/lab/base', 1, 'base');
  experts.risky = await lies('runs/lab/experts/risky', 1.3, 'expert');
  experts.cautious = await lies('runs/lab/experts/cautious', 0.8, 'expert');
  for (const directory of ['base', 'experts/risky', 'experts/cautious']) workspace.write(`runs/lab/${directory}/config.json`, '{}');
  workspace.write('runs/lab/experts/risky/soup.json', JSON.stringify({ method: 'linear', weights: { cautious: 0.25 }, inputs: [{ name: 'cautious', path: '../cautious', sha256: '' }], base: null }));
}, (editor) => {
  const page = async () => editor().workbench.webviewWith('[data-panel="inspector"]');
  const fact = async (label: string) => (await page()).locator('dt', { hasText: label }).first().locator('+ dd').textContent();

  test('measures an expert against its base', async () => {
    const { workbench } = editor();
    await workbench.openView('Soups');
    const inspector = await workbench.inspect('risky');
    await inspector.getByText('cos(θ, θ₀)').first().waitFor();
    const task = minus(experts.risky!, base);
    expect(await fact('‖θ − θ₀‖ / ‖θ₀‖')).toBe(`${fourDigits((100 * norm(task)) / norm(base))} %`);
    expect(await fact('cos(θ, θ₀)')).toBe(fourDigits(dot(experts.risky!, base) / norm(experts.risky!) / norm(base)));
    const opposite = Array.from(experts.risky!).filter((value, k) => value * base[k]! < 0).length;
    expect(await fact('opposite signs')).toBe(`${fourDigits((100 * opposite) / 63)} %`);
  });

  test('statistics of the tensors of a branch, and the histogram of one', async () => {
    const inspector = await page();
    await inspector.locator('.tree-item[aria-level="1"] > .tree-row', { hasText: 'layers' }).click();
    await inspector.locator('.tree-item[aria-level="2"] > .tree-row', { hasText: /^0/ }).click();
    const leaf = inspector.locator('.tree-item[aria-level="3"]', { hasText: 'weight' });
    await leaf.getByText(/mean/).waitFor();
    await leaf.locator('.tree-row').click();
    const weight = experts.risky!.subarray(7, 42); // layers.0.weight, [7, 5]
    await until(async () => (await fact('Least, greatest')) === `${fourDigits(Math.min(...weight))}, ${fourDigits(Math.max(...weight))}`, 'the range');
    expect(await fact('L2 norm')).toBe(fourDigits(norm(weight)));
    const figure = inspector.locator('section[aria-label="Chosen tensor"] .figure');
    await figure.locator('svg').waitFor();
    await figure.getByRole('button', { name: 'Table' }).click();
    const counts = await figure.locator('tbody td:last-child').allTextContents();
    expect(counts.reduce((sum, text) => sum + Number(text), 0)).toBe(35);
  });

  test('a click on a cell of the heat map shows its tensor', async () => {
    const inspector = await page();
    const cells = inspector.locator('.figure').first().locator('svg path[aria-roledescription="rect mark"]');
    await until(async () => (await cells.count()) === 3, 'three cells');
    await until(async () => {
      await cells.nth(0).scrollIntoViewIfNeeded();
      await cells.nth(0).click();
      await sleep(300);
      return (await inspector.locator('section[aria-label="Chosen tensor"] h2').first().textContent()) === 'layers.0.bias';
    }, 'the tensor of the cell');
  });

  test('two selected experts are compared by their task vectors', async () => {
    const { workbench } = editor();
    await workbench.select('risky', 'cautious');
    const inspector = await page();
    await inspector.getByText('cos(τ, τ′)').first().waitFor();
    const [a, b] = [minus(experts.risky!, base), minus(experts.cautious!, base)];
    expect(await fact('cos(τ, τ′)')).toBe(fourDigits(dot(a, b) / norm(a) / norm(b)));
  });

  test('provenance leads to where it comes from', async () => {
    const { workbench } = editor();
    await workbench.page.keyboard.press('Escape');
    const inspector = await workbench.inspect('risky');
    await inspector.getByText('λ = 0.25').waitFor();
    await inspector.getByRole('button', { name: /Inspect .*cautious/ }).click();
    await inspector.locator('h1', { hasText: 'cautious' }).waitFor();
  });

  test('follows the file that is opened', async () => {
    const { workbench } = editor();
    await workbench.openFile('risky/model.safetensors');
    await (await page()).locator('h1', { hasText: 'risky' }).waitFor();
  });
});
