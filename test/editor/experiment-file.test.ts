import { cpSync, existsSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { parseExperiment } from '../../src/experiment/parse';
import { describeEditor } from './describe-editor';
import { smallExperiment } from './workspace';
import { until } from './workbench';

jest.setTimeout(120_000);

describeEditor('an experiment file', (workspace) => {
  workspace.write('wrong.soup.yaml', smallExperiment('wrong', 1000).replace('velocity - 3 * energy', 'velocty - 3 * energy'));
}, (editor) => {
  test('an unknown metric is a problem at its place, with the nearest name as a fix', async () => {
    const { workbench, workspace } = editor();
    const { page } = workbench;
    await workbench.openFile('wrong.soup.yaml');
    await page.locator('.squiggly-error').first().waitFor();
    await page.keyboard.press('F8'); // next problem
    await page.locator('.zone-widget', { hasText: /velocty.*velocity/ }).waitFor();
    await page.keyboard.press('Escape');
    await page.keyboard.press('Control+.');
    await page.locator('.action-widget .monaco-list-row', { hasText: 'Change to velocity' }).waitFor();
    await page.keyboard.press('Enter');
    await page.locator('.squiggly-error').first().waitFor({ state: 'detached' });
    await page.keyboard.press('Control+S');
    await until(() => readFileSync(workspace.at('wrong.soup.yaml'), 'utf8').includes('cautious: velocity - 3 * energy'), 'the corrected file');
  });

  test('with a problem in it, Train starts nothing and says where it is', async () => {
    const { workbench, workspace } = editor();
    workspace.write('wrong.soup.yaml', smallExperiment('wrong', 1000).replace('risky: velocity', 'risky: speed'));
    await until(async () => (await workbench.page.locator('.squiggly-error').count()) > 0, 'the problem');
    await workbench.page.locator('.codelens-decoration a', { hasText: /^\s*Train$/ }).click();
    await workbench.notification(/wrong\.soup\.yaml.*speed/s).waitFor();
  });

  test('completion offers metrics and rewards, and says what they are', async () => {
    const { workbench } = editor();
    const { page } = workbench;
    await page.locator('.view-line', { hasText: 'cautious:' }).click();
    await page.keyboard.press('End');
    await page.keyboard.type(' + al');
    await page.keyboard.press('Control+Space');
    await page.locator('.suggest-widget .monaco-list-row', { hasText: 'alive' }).waitFor();
    await page.keyboard.press('Escape');
  });

  test('keys are completed, and a key says its default and what the paper used', async () => {
    const { workbench, workspace } = editor();
    const { page } = workbench;
    workspace.write('keys.soup.yaml', `${smallExperiment('keys', 1000)}\nmorl:\n  - weights: { risky: 1, cautious: 3 }\n`);
    await workbench.openFile('keys.soup.yaml');
    await page.locator('.squiggly-error').first().waitFor();
    const fix = page.locator('.action-widget .monaco-list-row', { hasText: 'Scale the weights to sum to 1' });
    await until(async () => { // the file may still be checked anew
      await page.keyboard.press('F8');
      await page.keyboard.press('Escape');
      await page.keyboard.press('Control+.');
      return fix.waitFor({ timeout: 5000 }).then(() => true, () => page.keyboard.press('Escape'));
    }, 'the quick fix', 60_000);
    await page.keyboard.press('Enter');
    await page.locator('.view-line', { hasText: 'risky: 0.25, cautious: 0.75' }).waitFor();
    await page.locator('.view-line', { hasText: 'sweep:' }).getByText('grid').click();
    await workbench.command('Show or Focus Hover');
    await page.locator('.monaco-hover', { hasText: 'The paper uses 11, for text.' }).filter({ hasText: 'Default: 11' }).waitFor();
    await page.keyboard.press('Escape');
    await page.keyboard.press('Control+End');
    await page.keyboard.type('fro');
    await page.keyboard.press('Control+Space');
    await page.locator('.suggest-widget .monaco-list-row', { hasText: 'front' }).waitFor();
    await page.keyboard.press('Escape');
  });

  test('a model that cannot be opened is a problem where it is named, until it is there', async () => {
    const { workbench, workspace } = editor();
    const { page } = workbench;
    const model = path.join(__dirname, '../fixtures/text/models/llama');
    cpSync(model, workspace.at('model'), { recursive: true });
    rmSync(workspace.at('model/tokenizer.json'));
    workspace.write('prompts.txt', 't1\nt2\n');
    workspace.write('text.soup.yaml', 'name: text\ntask: { type: text, model: ./model, prompts: prompts.txt }\nrewards: { long: length, short: -length }\ntrain: { algorithm: rloo, steps: 2 }\n');
    await workbench.openFile('text.soup.yaml');
    await page.locator('.squiggly-error').first().waitFor();
    await until(async () => {
      await page.keyboard.press('F8');
      return (await page.locator('.zone-widget', { hasText: /task\.model: .*has no tokenizer\.json/ }).count()) > 0;
    }, 'the problem');
    await page.keyboard.press('Escape');
    cpSync(path.join(model, 'tokenizer.json'), workspace.at('model/tokenizer.json'));
    await workbench.openFile('wrong.soup.yaml');
    await workbench.openFile('text.soup.yaml');
    await page.locator('.squiggly-error').first().waitFor({ state: 'detached' });
  });
});

describeEditor('New Experiment…', (workspace) => {
  workspace.write('prompts.jsonl', '{"prompt":"a b","reference":"a","source":"a b"}\n');
  workspace.write('README.md', 'Nothing else is here.\n');
}, (editor) => {
  const step = (text: string) => editor().workbench.quickInput.filter({ hasText: text }).waitFor();

  test('asks for task, start, rewards and length, with a way back, and writes a file without problems', async () => {
    const { workbench, workspace } = editor();
    const { page, quickInput } = workbench;
    await workbench.openView('Soups');
    await page.locator('.sidebar .welcome-view-content', { hasText: 'No runs yet' }).getByRole('button', { name: 'New Experiment…' }).click();
    await step('New Experiment (1/');
    await workbench.pick('humanoid');
    await step('(2/');
    await quickInput.locator('.quick-input-titlebar [aria-label^="Back"]').click();
    await workbench.pick('half-cheetah');
    await workbench.pick('From scratch');
    await quickInput.locator('.monaco-list-row', { hasText: 'risky: velocity' }).first().waitFor();
    await workbench.screenshot('new-experiment-rewards');
    await page.keyboard.press('Enter');
    await workbench.answer('Reward 1 of 2');
    await quickInput.filter({ hasText: 'Reward 2 of 2' }).waitFor();
    await quickInput.locator('input.input').fill('cautious: velocity - 3 * enrgy');
    await quickInput.filter({ hasText: 'did you mean "energy"' }).waitFor();
    await quickInput.locator('input.input').fill('cautious: velocity - 3 * energy');
    await workbench.answer('Reward 2 of 2');
    await workbench.answer('environment steps', '5000');
    await workbench.answer('Name of the experiment', 'walk');
    await workbench.tab('soup.yaml').waitFor();
    const text = await until(() => readFileSync(workspace.at('soup.yaml'), 'utf8'), 'the file');
    expect(parseExperiment(text).experiment).toMatchObject({ name: 'walk', rewards: { risky: 'velocity', cautious: 'velocity - 3 * energy' }, train: { steps: 5000 } });
    await page.locator('.codelens-decoration a', { hasText: 'Run all' }).waitFor();
    expect(await page.locator('.squiggly-error').count()).toBe(0);
  });

  test('a text experiment asks for its prompts too', async () => {
    const { workbench, workspace } = editor();
    await workbench.command('Rewarded Soups: New Experiment…');
    await step('New Experiment (1/');
    await workbench.pick('A language model that continues prompts');
    await workbench.pick('prompts.jsonl');
    await step('New Experiment (3/');
    await workbench.quickInput.locator('.monaco-list-row', { hasText: 'A new language model' }).waitFor();
    await workbench.page.keyboard.press('Escape');
    await workbench.quickInput.waitFor({ state: 'hidden' });
    expect(existsSync(workspace.at('text.soup.yaml'))).toBe(false);
  });
});
