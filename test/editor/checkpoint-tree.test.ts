import { mkdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describeEditor } from './describe-editor';
import { until } from './workbench';

jest.setTimeout(180_000);

const many = 10_000;

describeEditor('ten thousand checkpoints', async (workspace) => {
  await workspace.checkpoint('one.safetensors', 1);
  const bytes = readFileSync(workspace.at('one.safetensors'));
  rmSync(workspace.at('one.safetensors'));
  for (let index = 0; index < many; index++) {
    const folder = workspace.at(`sweep-${Math.floor(index / 1000)}`);
    if (index % 1000 === 0) mkdirSync(folder);
    writeFileSync(path.join(folder, `point-${index}.safetensors`), bytes);
  }
}, (editor) => {
  const view = () => editor().workbench.page.locator('.sidebar .pane:has(.pane-header[aria-label^="Checkpoints"])');

  test('show their first page, and the next when asked', async () => {
    const { workbench } = editor();
    await workbench.openView('Soups');
    await workbench.rows('point-0.safetensors', 'Checkpoints').waitFor({ timeout: 60_000 });
    await until(async () => /10,?000 checkpoints/.test((await view().locator('.monaco-list-row').first().textContent()) ?? ''), 'all of them in their group', 120_000);
    await workbench.rows('point-0.safetensors', 'Checkpoints').click();
    await workbench.page.keyboard.press('End');
    const more = view().locator('.monaco-list-row', { hasText: 'Show more' });
    await more.waitFor();
    await workbench.rowReads(more, '9,900 more');
    expect(await workbench.rows('point-99.safetensors', 'Checkpoints').count()).toBe(1);
    await more.click();
    await until(async () => {
      await workbench.page.keyboard.press('End');
      return (await view().locator('.monaco-list-row', { hasText: '9,800 more' }).count()) === 1;
    }, 'the next page');
  });

  test('the filter follows what is typed, and is cleared in the view\'s title', async () => {
    const { workbench } = editor();
    const { page } = workbench;
    await view().hover();
    await view().getByRole('button', { name: 'Filter Checkpoints' }).click();
    const input = workbench.quickInput.locator('input.input');
    await input.fill('sweep-7 point-7123');
    await workbench.rows('point-7123.safetensors', 'Checkpoints').waitFor();
    await view().getByText('1 of 10,000 match').waitFor();
    await input.press('Enter');
    await view().hover();
    await view().getByRole('button', { name: 'Clear Checkpoint Filter' }).click();
    await workbench.rows('point-0.safetensors', 'Checkpoints').waitFor();
    await view().getByRole('button', { name: 'Filter Checkpoints' }).waitFor();
    await page.keyboard.press('Escape');
  });
});

describeEditor('the checkpoints view', async (workspace) => {
  await workspace.checkpoint('hf/expert/model.safetensors', 1, { 'soup.kind': 'expert', 'soup.name': 'expert' });
  workspace.write('hf/expert/config.json', '{"model_type":"gpt2"}');
  await workspace.checkpoint('near.safetensors', 1.02);
  await workspace.checkpoint('far.safetensors', 1 + Math.PI / 2 / 7.3); // a quarter of a period on: orthogonal to the others
  await workspace.checkpoint('close.safetensors', 0.98);
  for (const [at, name] of ['close', 'far', 'near'].entries()) utimesSync(workspace.at(`${name}.safetensors`), 1e9 + at, 1e9 + at);
  await workspace.checkpoint('adapter/adapter_model.safetensors', 5);
  workspace.write('adapter/adapter_config.json', '{"peft_type":"LORA","r":16,"base_model_name_or_path":"no/such-model"}');
}, (editor) => {
  test('says what an adapter is, and doubts what is unlike its group', async () => {
    const { workbench } = editor();
    await workbench.openView('Soups');
    await workbench.rows('adapter', 'Checkpoints').waitFor();
    await workbench.rowReads(workbench.rows('adapter', 'Checkpoints'), '63 · f32 · LoRA r16');
    await workbench.rowReads(workbench.rows('far.safetensors', 'Checkpoints'), 'different base?');
    for (const name of ['near.safetensors', 'close.safetensors', 'expert']) expect(await workbench.rows(name, 'Checkpoints').textContent()).not.toContain('different base?');
  });

  test('a checkpoint dropped onto another makes a soup of both', async () => {
    const { workbench, workspace } = editor();
    await workbench.rows('near.safetensors', 'Checkpoints').dragTo(workbench.rows('close.safetensors', 'Checkpoints'));
    await workbench.saveSoup('dropped');
    expect(JSON.parse(readFileSync(workspace.at('dropped', 'soup.json'), 'utf8'))).toMatchObject({ weights: { near: 0.5, close: 0.5 } });
  });

  test('the order is the user\'s, and a reload keeps it', async () => {
    const { workbench } = editor();
    const names = async () => (await workbench.page.locator('.sidebar .pane:has(.pane-header[aria-label^="Checkpoints"]) .monaco-list-row .label-name').allTextContents()).filter((name) => /close|near|far/.test(name));
    await until(async () => (await names()).join() === 'close.safetensors,far.safetensors,near.safetensors', 'the order of names');
    await until(async () => { // a panel that takes the focus closes the list
      await workbench.command('Rewarded Soups: Sort Checkpoints');
      await workbench.pick('Newest first', 5000);
      return true;
    }, 'the orders to choose from', 60_000);
    await until(async () => (await names()).join() === 'near.safetensors,far.safetensors,close.safetensors', 'the newest first');
    await workbench.reload();
    await workbench.openView('Soups');
    await until(async () => (await names()).join() === 'near.safetensors,far.safetensors,close.safetensors', 'the newest first after a reload');
  });

  test('of a folder with checkpoints in it, those are proposed', async () => {
    const { workbench, workspace } = editor();
    for (const name of ['one', 'two']) await workspace.checkpoint(`results/${name}.safetensors`, 3);
    await workbench.rows('two.safetensors', 'Checkpoints').first().waitFor({ timeout: 60_000 });
    await workbench.openView('Explorer');
    await workbench.rows('results').first().waitFor();
    await workbench.contextMenu('results', /Create Soup/);
    await workbench.quickInput.getByText('2 Selected').waitFor();
    expect(await workbench.quickInput.locator('.monaco-list-row').count()).toBe(2);
    await workbench.page.keyboard.press('Enter');
    await workbench.tab('one + two').waitFor();
  });

  test('a folder that is a checkpoint has its commands in the Explorer', async () => {
    const { workbench } = editor();
    await workbench.openView('Explorer');
    await workbench.rows('adapter').first().waitFor();
    await workbench.contextMenu('adapter', 'Inspect Checkpoint');
    await (await workbench.webviewWith('[data-panel="inspector"]')).locator('h1', { hasText: 'adapter' }).waitFor();
    await (await workbench.webviewWith('[data-panel="inspector"]')).getByText('Its base no/such-model is not on this disk.').waitFor();
  });
});
