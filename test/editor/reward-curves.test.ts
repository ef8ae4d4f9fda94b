import { newRunRecord } from '../../src/runs/run-directory';
import { violations } from './accessibility';
import { describeEditor } from './describe-editor';
import { until } from './workbench';

jest.setTimeout(200_000);

describeEditor('reward curves of long runs', (workspace) => {
  for (const name of ['risky', 'cautious']) {
    workspace.write(`runs/demo/experts/${name}/run.json`, JSON.stringify(newRunRecord({ kind: 'expert', name, version: '0', state: 'succeeded', totalSteps: 3000 })));
    workspace.write(`runs/demo/experts/${name}/metrics.jsonl`, Array.from({ length: 3000 }, (_, s) => `{"step":${s},"time":"${new Date(1e12 + s * 1000).toISOString()}","samples":${s},"reward":{"risky":${s === 1500 ? 1e5 : Math.sin(s / 99)},"cautious":${Math.cos(s / 99)}},"kl":0.1}\n`).join(''));
  }
}, (editor) => {
  test('are drawn with spikes at the edge, a cursor in each chart, and axe finds nothing', async () => {
    const { workbench } = editor();
    await workbench.openView('Soups');
    await workbench.command('Rewarded Soups: Show Reward Curves');
    const panel = await workbench.webviewWith('[data-panel="reward-curves"]');
    await panel.locator('.chart svg').first().waitFor();
    await until(async () => (await panel.locator('.chart svg path').count()) > 5, 'drawn');
    await panel.getByText(/points lie outside/).first().waitFor();
    const box = (await panel.locator('.chart').first().boundingBox())!;
    await workbench.page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
    await until(async () => (await panel.locator('.chart-cursor:not([hidden])').count()) >= 1, 'a cursor');
    await workbench.screenshot('curves-cursor');
    expect(await violations(panel)).toEqual([]);
  });

  test('by keyboard they are zoomed, and the values at the cursor are read', async () => {
    const { workbench } = editor();
    const panel = await workbench.webviewWith('[data-panel="reward-curves"]');
    const chart = panel.locator('.chart').first();
    const isWhole = async () => (await chart.locator('.role-axis-label text').allTextContents()).includes('3k'); // the last step's label
    await until(isWhole, 'everything at first');
    await chart.focus();
    await until(async () => {
      await workbench.page.keyboard.press('+');
      return !(await isWhole());
    }, 'a zoomed axis');
    await until(async () => {
      await workbench.page.keyboard.press('ArrowLeft');
      return /steps of training: .*risky/.test((await panel.locator('.chart-reading').first().textContent()) ?? '');
    }, 'the values');
    await until(async () => {
      await workbench.page.keyboard.press('0');
      return isWhole();
    }, 'everything');
  });
});
