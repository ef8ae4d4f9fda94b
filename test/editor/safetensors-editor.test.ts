import { closeSync, ftruncateSync, openSync, readFileSync, writeFileSync, writeSync } from 'node:fs';
import path from 'node:path';
import { encodeHeader, type TensorLayout } from '../../src/checkpoint/safetensors-header';
import { describeEditor } from './describe-editor';
import { repository, until } from './workbench';

jest.setTimeout(180_000);

const { data, slices } = JSON.parse(readFileSync(path.join(repository, 'test/fixtures/safetensors/values.json'), 'utf8')) as {
  data: Record<string, { shape: number[]; data: string }>;
  slices: { dtype: string; slice: string; npy: string }[];
};

/** A file whose tensors are a hole but for their first bytes. */
function sparse(file: string, layouts: readonly TensorLayout[], start: Uint8Array): void {
  const { bytes, header } = encodeHeader(layouts, { format: 'pt' }, file);
  const handle = openSync(file, 'w');
  writeSync(handle, bytes);
  writeSync(handle, start);
  ftruncateSync(handle, header.sizeBytes);
  closeSync(handle);
}

describeEditor('a safetensors file', async (workspace) => {
  await workspace.checkpoint('small.safetensors', 1, { 'soup.name': 'small' });
  writeFileSync(workspace.at('cut.safetensors'), readFileSync(workspace.at('small.safetensors')).subarray(0, 300));
  const { shape, data: values } = data.F32!;
  sparse(workspace.at('large.safetensors'), [{ name: 'cube', dtype: 'F32', shape }, { name: 'embed', dtype: 'BF16', shape: [6_400_000, 4096] }], Buffer.from(values, 'base64'));
}, (editor) => {
  const page = async () => editor().workbench.webviewWith('[data-panel="safetensors-editor"]');

  test('opens with its header, and shows the values of a tensor', async () => {
    const { workbench } = editor();
    await workbench.openFile('small.safetensors');
    const file = await page();
    await file.getByText('3 tensors · 63 parameters · F32').waitFor();
    await file.getByRole('button', { name: 'layers.0.weight' }).click();
    await until(async () => (await file.locator('.values tbody tr').count()) === 7, 'seven rows');
    const shown = await file.locator('.values tbody td').allTextContents();
    const columns = shown.length / 7; // as many of the five as fit
    const expected = Array.from({ length: shown.length }, (_, cell) => Math.fround(Math.sin(7.3 + (Math.floor(cell / columns) * 5 + (cell % columns)) * 1.7 + 'layers.0.weight'.length)));
    expect(columns).toBeGreaterThan(2);
    expect(shown.map((text) => Math.fround(Number(text)))).toEqual(expected);
  });

  test('of 52 GB that are mostly a hole: values of both ends, by keys and by index', async () => {
    const { workbench } = editor();
    await workbench.openFile('large.safetensors');
    const file = await page();
    await file.getByText('52.4 GB, of which the header').waitFor();
    await file.getByRole('button', { name: 'embed' }).click();
    const grid = file.locator('.grid-scroll');
    await file.getByText('showing [0:24').waitFor();
    await grid.focus();
    await workbench.page.keyboard.press('Control+End');
    await file.getByText('showing [6399976:6400000, 40').waitFor();
    await file.getByLabel('axis 0, 0 to 6399999').fill('5000000');
    await workbench.page.keyboard.press('Tab');
    await file.getByText('showing [5000000:5000024').waitFor();
    expect(await file.locator('.values tbody td').first().textContent()).toBe('0');
  });

  test('a reload comes back to the tensor and the place in it', async () => {
    const { workbench } = editor();
    await workbench.reload();
    await (await page()).getByText('showing [5000000:5000024').waitFor({ timeout: 60_000 });
  });

  test('finds a tensor, and exports a slice with the bytes that numpy writes', async () => {
    const { workbench, workspace } = editor();
    const file = await page();
    await file.locator('.search').fill('f32');
    await until(async () => (await file.locator('.table-scroll tbody tr').count()) === 1, 'one tensor');
    await file.getByRole('button', { name: 'cube' }).click();
    await file.locator('.slice').fill(':, 1:4, 2:5');
    await file.getByRole('button', { name: 'Export .npy… of the slice' }).click();
    const input = workbench.quickInput.locator('input.input');
    await until(async () => /cube\.npy$/.test(await input.inputValue()), 'the proposed name');
    await input.press('Enter');
    await file.getByText(/Exported to .*cube\.npy/).waitFor();
    const expected = slices.find(({ dtype, slice }) => dtype === 'F32' && slice === ':, 1:4, 2:5')!;
    expect(readFileSync(workspace.at('cube.npy')).toString('base64')).toBe(expected.npy);
  });

  test('copies values as JSON', async () => {
    const { workbench } = editor();
    await workbench.page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    const file = await page();
    await file.locator('.slice').fill('0, 0, 0:2');
    await file.getByRole('button', { name: 'Copy as JSON: the values of the slice' }).click();
    await file.getByText('is in the clipboard').waitFor();
    const copied = JSON.parse(await workbench.page.evaluate(() => navigator.clipboard.readText())) as { values: number[] };
    const cube = new Float32Array(Uint8Array.from(Buffer.from(data.F32!.data, 'base64')).buffer);
    expect(copied).toMatchObject({ tensor: 'cube', dtype: 'F32', shape: [2] });
    expect(copied.values.map(Math.fround)).toEqual([...cube.subarray(0, 2)]);
  });

  test('a slice that cannot be is refused by name', async () => {
    const file = await page();
    await file.locator('.slice').fill('9, 9');
    await file.getByRole('button', { name: 'Copy as JSON: the values of the slice' }).click();
    await file.getByText(/index 9 lies outside axis 0 of length 4/).waitFor();
  });

  test('a truncated file says so, and is shown once it is whole', async () => {
    const { workbench, workspace } = editor();
    await workbench.openFile('cut.safetensors');
    const file = await page();
    await file.getByRole('alert').filter({ hasText: /cut\.safetensors: truncated, \d+ of \d+ bytes are missing/ }).waitFor();
    writeFileSync(workspace.at('cut.safetensors'), readFileSync(workspace.at('small.safetensors')));
    // the watcher may be quicker than the button, which is gone then
    await until(async () => {
      await file.getByRole('button', { name: 'Read again from the disk' }).click({ timeout: 2000 }).catch(() => undefined);
      return file.getByText('3 tensors · 63 parameters').isVisible();
    }, 'the whole file');
  });
});
