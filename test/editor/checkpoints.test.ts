import { readFileSync } from 'node:fs';
import type { FrameLocator } from 'playwright-core';
import { encodeHeader } from '../../src/checkpoint/safetensors-header';
import { newRunRecord } from '../../src/runs/run-directory';
import { describeEditor } from './describe-editor';
import { until, type Workbench } from './workbench';
import { smallExperiment, type Workspace } from './workspace';

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

/** Results of soups of two experts over λ = 0 … 1 for the second, the soups above the chord. */
function measured(weights: readonly number[]): string {
  const rewardsAt = (b: number) => ({ a: { mean: 812 - 800 * b ** 2, stderr: 9, n: 20 }, b: { mean: 1 - (1 - b) ** 2, stderr: 0.01, n: 20 } });
  return weights.map((b) => `${JSON.stringify({ kind: b % 1 === 0 ? 'expert' : 'soup', name: b === 0 ? 'a' : b === 1 ? 'b' : `b ${b}`, weights: { a: 1 - b, b }, rewards: rewardsAt(b) })}\n`).join('');
}

/** Checkpoints, an experiment and its results. */
async function fill(workspace: Workspace): Promise<void> {
  const base = 'ab'.repeat(32);
  await workspace.checkpoint('runs/lab/experts/a/model.safetensors', 1, { 'soup.kind': 'expert', 'soup.name': 'a', 'soup.base_sha256': base });
  workspace.write('runs/lab/experts/a/config.json', '{"model_type":"gpt2"}');
  workspace.write('runs/lab/experts/a/run.json', JSON.stringify(newRunRecord({ kind: 'expert', name: 'a', version: '', state: 'succeeded' })));
  workspace.write('runs/lab/experts/a/metrics.jsonl', [1, 2, 3].map((step) => `${JSON.stringify({ step, reward: { a: step ** 2, b: -step } })}\n`).join(''));
  workspace.write('runs/lab/sweep/results.jsonl', measured([0, 1, 0.5]));
  workspace.write('lab.soup.yaml', smallExperiment('lab', 1000));
  await workspace.checkpoint('b.safetensors', 2);
  workspace.write('truncated.safetensors', readFileSync(workspace.at('b.safetensors')).subarray(0, 300));
  const large = encodeHeader([{ name: 'w', dtype: 'F32', shape: [10_000_000] }], {}, 'large.safetensors');
  workspace.write('large.safetensors', Buffer.concat([large.bytes, Buffer.alloc(40_000_000)]));
}

describeEditor('a folder of another file system', fill, (editor) => {
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

  test('the panels of results and runs open from the Explorer’s menu, and follow what is measured', async () => {
    const { workbench, workspace } = editor();
    const panelOf = (kind: string) => workbench.webviewWith(`[data-panel="${kind}"]`, 60_000);
    const opened = async (kind: string, command: string): Promise<FrameLocator> => {
      await openFromExplorer(workbench, 'lab.soup.yaml', command);
      const page = await panelOf(kind);
      await until(async () => (await page.locator('.chart svg path').count()) > 3, `a drawn ${kind}`, 60_000);
      return page;
    };
    await opened('spider-map', 'Show Spider Map');
    await opened('reward-curves', 'Show Reward Curves');
    const front = await opened('front', 'Show Pareto Front');
    const rows = (page: FrameLocator) => page.locator('table tbody tr').count();
    await until(async () => (await rows(front)) === 3, 'experts and a soup', 60_000);
    workspace.write('runs/lab/sweep/results.jsonl', measured([0, 1, 0.5, 0.25, 0.75]));
    await until(async () => {
      await workbench.command('Memory Files: Take In What Has Changed');
      return until(async () => (await rows(front)) === 5, 'the soups', 5000);
    }, 'the soups that came later', 60_000);
    await front.getByTitle('Create the soup a 0.25, b 0.75').click();
    await workbench.notification(/memory:.*runs.lab: this is not on a disk/).waitFor({ timeout: 60_000 });
    await opened('lmc-check', 'Show LMC Check');

    await fill(workspace); // for the window that comes
    await workbench.reload();
    await opened('lmc-check', 'Show LMC Check');
    expect(await workbench.tab('LMC Check: lab').count()).toBe(1);
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

/** A command of the Explorer's menu on one of its rows. */
async function openFromExplorer(workbench: Workbench, file: string, command: string): Promise<void> {
  await workbench.openView('Explorer');
  await workbench.rows(file).first().waitFor({ timeout: 60_000 });
  await workbench.contextMenu(file, command);
}
