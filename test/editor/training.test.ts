import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describeEditor, type EditorTest } from './describe-editor';
import { smallExperiment } from './workspace';
import { until } from './workbench';

jest.setTimeout(240_000);

const run = ({ workspace }: EditorTest, experiment: string, ...parts: string[]) => workspace.at('runs', experiment, ...parts);
const record = (directory: string) => JSON.parse(readFileSync(path.join(directory, 'run.json'), 'utf8')) as { state: string; pid: number; backend: string | null };
const steps = (directory: string) => {
  try {
    return (JSON.parse(readFileSync(path.join(directory, 'metrics.jsonl'), 'utf8').trimEnd().split('\n').at(-1)!) as { step: number }).step;
  } catch {
    return 0; // nothing logged yet
  }
};

describeEditor('an experiment', (workspace) => {
  workspace.write('quick.soup.yaml', smallExperiment('quick', 131_072));
}, (editor) => {
  test('Run all above its first line trains, sweeps and checks; the curves move meanwhile', async () => {
    const { workbench } = editor();
    await workbench.openView('Soups');
    await workbench.openFile('quick.soup.yaml');
    await workbench.page.locator('.codelens-decoration a', { hasText: 'Run all' }).click();
    await workbench.command('Rewarded Soups: Show Reward Curves');
    const curves = await workbench.webviewWith('[data-panel="reward-curves"]');
    const chart = curves.locator('.chart').first();
    const description = () => chart.getAttribute('aria-label');
    const first = await until(description, 'the first curve', 90_000);
    const isOver = ['risky', 'cautious'].every((name) => record(run(editor(), 'quick', 'experts', name)).state === 'succeeded'); // the first page of a window may take a minute to come up
    if (!isOver) await until(async () => (await description()) !== first, () => `the curve to move; it says ${first}`, 90_000);
    await workbench.notification('quick is done: trained, swept and checked').waitFor({ timeout: 180_000 });
    const last = (await description())!;
    for (const name of ['base', 'risky', 'cautious']) expect(last).toMatch(new RegExp(`${name} −?\\d`));
  });

  test('its runs stand in the tree with state and backend', async () => {
    const { workbench } = editor();
    for (const name of ['base', 'risky', 'cautious']) await workbench.rowReads(workbench.rows(name, 'Runs'), 'succeeded · wasm');
    await workbench.rows('quick', 'Checkpoints').waitFor(); // the group of the base and its two experts
    await workbench.rowReads(workbench.rows('risky', 'Checkpoints'), /reward risky -?\d+(\.\d+)? ± \d/);
  });

  test('the LMC panel says the verdict in words, with its intervals in a table', async () => {
    const { workbench } = editor();
    await workbench.command('Rewarded Soups: Show LMC Check');
    const panel = await workbench.webviewWith('[data-panel="lmc-check"]');
    const verdict = panel.getByText(/^(Linear mode connectivity (holds|is violated)|Undecided: these samples cannot tell)/).first();
    await verdict.waitFor();
    await panel.getByText(/3 soups compared with the chord between the experts on 8 paired samples each/).waitFor();
    await panel.locator('.figure').first().getByRole('button', { name: 'Table' }).click();
    await until(async () => (await panel.locator('.figure').first().locator('table tbody tr').count()) === 3, 'one row a soup');
  });

  test('the spider map follows λ, and blends what it shows', async () => {
    const { workbench, workspace } = editor();
    await workbench.command('Rewarded Soups: Show Spider Map');
    const panel = await workbench.webviewWith('[data-panel="spider-map"]');
    await panel.getByText('risky 0.5, cautious 0.5').first().waitFor();
    await panel.locator('input[type="range"]').first().focus();
    await workbench.page.keyboard.press('ArrowRight');
    await panel.getByText(/risky 0\.(25|75), cautious 0\.(25|75)/).first().waitFor();
    await panel.getByRole('button', { name: 'Create Soup…' }).click();
    await workbench.saveSoup('chosen');
    await workbench.tab('Spider Map').click(); // the reload below brings back what is in front
    const { weights } = JSON.parse(readFileSync(workspace.at('runs', 'quick', 'soups', 'chosen', 'soup.json'), 'utf8')) as { weights: Record<string, number> };
    expect(Object.values(weights).sort()).toEqual([0.25, 0.75]);
  });

  test('panels and runs are there again after a reload', async () => {
    const { workbench } = editor();
    await workbench.reload();
    const panel = await workbench.webviewWith('[data-panel="spider-map"]', 60_000);
    await panel.getByText(/risky 0\.(25|75), cautious 0\.(25|75)/).first().waitFor(); // with the λ that was chosen
    await workbench.tab('LMC Check: quick').click();
    await (await workbench.webviewWith('[data-panel="lmc-check"]')).getByText(/3 soups compared/).waitFor();
    await workbench.openView('Soups');
    await workbench.rows('sweep', 'Runs').waitFor();
  });
});

describeEditor('a training', (workspace) => {
  workspace.write('soup.yaml', smallExperiment('long', 40_000_000));
}, (editor) => {
  const base = () => run(editor(), 'long', 'base');

  test('Train starts a process that a reload of the window does not end', async () => {
    const { workbench } = editor();
    await workbench.openView('Soups');
    await workbench.openFile('soup.yaml');
    await workbench.page.locator('.codelens-decoration a', { hasText: /^\s*Train$/ }).click();
    await until(() => steps(base()) > 4096, 'a checkpoint', 90_000);
    const { pid } = record(base());
    await workbench.reload();
    await workbench.openView('Soups');
    await workbench.rowReads(workbench.rows('base', 'Runs'), 'running');
    const before = steps(base());
    await until(() => steps(base()) > before, 'further steps');
    expect(record(base()).pid).toBe(pid);
  });

  test('kill -9: it is told, nothing is lost, and Resume goes on', async () => {
    const { workbench } = editor();
    const { pid } = record(base());
    const reached = steps(base());
    process.kill(pid, 'SIGKILL');
    // of the run, or, where the experiment had not ended yet when the run was seen to, of the experiment
    const resume = workbench.notification(/(ended|killed) by SIGKILL/).getByRole('button', { name: 'Resume' }).first();
    await resume.click({ timeout: 60_000 });
    await until(() => record(base()).state === 'running' && record(base()).pid !== pid, 'a new process', 60_000);
    await until(() => steps(base()) > reached, 'steps beyond those before the kill', 60_000);
  });

  test('Stop ends it with a checkpoint written', async () => {
    const { workbench } = editor();
    await workbench.contextMenu('long', 'Stop');
    await workbench.notification('long was stopped').waitFor({ timeout: 60_000 });
    expect(record(base()).state).toBe('stopped');
    await workbench.rowReads(workbench.rows('base', 'Runs'), 'stopped');
  });
});
