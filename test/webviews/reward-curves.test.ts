import type { CurveRun, SnapshotOf } from '../../src/protocol/panels';
import { smooth, valuesAt } from '../../webviews/reward-curves/curves';
import { shownRange } from '../../webviews/reward-curves/outliers';
import { rewardCurves } from '../../webviews/reward-curves/panel';
import { openPanel } from './page';

const run = (name: string, values: readonly number[], extra: Partial<CurveRun> = {}): CurveRun => ({
  name,
  kind: name === 'base' ? 'base' : 'expert',
  state: 'running',
  backend: 'wasm',
  objective: 'velocity',
  lines: {
    'reward.risky': { step: values.map((_, i) => 100 * (i + 1)), seconds: values.map((_, i) => i), value: values },
    'loss.policy': { step: [100], seconds: [0], value: [0.5] },
  },
  ...extra,
});
const snapshot = (...runs: CurveRun[]): SnapshotOf['reward-curves'] => ({ runs, rewards: ['risky', 'cautious'], quantities: [...new Set(runs.flatMap(({ lines }) => Object.keys(lines)))], unread: 0 });
interface Layered { layer: { encoding: { color: { scale: { domain: string[]; range: string[] } } } }[]; data: { values: { run: string; x: number; y: number; raw: number }[] } }
const drawn = (panel: { specs: object[] }) => panel.specs.at(-1) as Layered;

test('one figure a reward of the experiment, in its order, with every run in each', () => {
  const panel = openPanel(rewardCurves);
  panel.show(snapshot(run('base', [1, 2]), run('risky', [3])));
  expect(panel.find('h2').map(({ textContent }) => textContent)).toEqual(['risky', 'cautious']);
  expect((panel.specs[0] as Layered).data.values.map(({ run: name, y }) => [name, y])).toEqual([['base', 1], ['base', 2], ['risky', 3]]);
  expect(panel.text()).toContain('wasm');
});

test('nothing logged yet: words instead of empty charts', () => {
  const panel = openPanel(rewardCurves);
  panel.show(snapshot(run('base', [], { lines: {}, state: 'starting' })));
  expect(panel.find('.figure')).toHaveLength(0);
  expect(panel.find('.empty')[0]!.textContent).toMatch(/No run has logged anything yet/);
  expect(panel.text()).toContain('starting');
});

test('a run pressed is shown alone, with Shift it is added, pressed again all are shown; a run keeps its colour', () => {
  const panel = openPanel(rewardCurves);
  panel.show(snapshot(run('base', [1]), run('risky', [2]), run('cautious', [3])));
  const runsShown = () => [...new Set((panel.specs.at(-2) as Layered).data.values.map(({ run: name }) => name))];
  const colours = () => drawn(panel).layer[0]!.encoding.color.scale;
  const before = colours();
  panel.press('risky');
  expect(runsShown()).toEqual(['risky']);
  expect(panel.posted.at(-1)).toEqual({ type: 'inspect', selection: { run: 'risky' }, isAskedFor: false });
  panel.press('cautious', { shiftKey: true });
  expect(runsShown()).toEqual(['risky', 'cautious']);
  expect(colours()).toEqual(before);
  expect(panel.state().view?.['pinned']).toEqual(['risky', 'cautious']);
  panel.press('cautious', { shiftKey: true });
  panel.press('risky');
  expect(runsShown()).toEqual(['base', 'risky', 'cautious']);
});

test('runs that begin later do not change the colours of those that are drawn', () => {
  const panel = openPanel(rewardCurves);
  panel.show(snapshot(run('base', [1]), run('risky', [2])));
  panel.show(snapshot(run('base', [1]), run('cautious', [5]), run('risky', [2])));
  expect(drawn(panel).layer[0]!.encoding.color.scale.domain).toEqual(['base', 'risky', 'cautious']);
});

test('a live update keeps the focus and the elements', () => {
  const panel = openPanel(rewardCurves);
  panel.show(snapshot(run('base', [1])));
  const pin = panel.find('.pin')[0]!;
  pin.focus();
  panel.show(snapshot(run('base', [1, 2], { state: 'succeeded' })));
  expect(document.activeElement).toBe(pin);
  expect(panel.text()).toContain('succeeded');
});

test('choices are restored: smoothing, axis, and the runs that were pinned', () => {
  const saved = { version: 1, panel: 'reward-curves', source: '/lab/soup.yaml', title: 'locomotion', view: { smoothing: 0.5, axis: 'seconds', pinned: ['base'] } };
  const panel = openPanel(rewardCurves, saved);
  panel.show(snapshot(run('base', [0, 3]), run('risky', [9])));
  const { values } = (panel.specs[0] as Layered).data;
  expect(values.map(({ run: name, x, raw }) => [name, x, raw])).toEqual([['base', 0, 0], ['base', 1, 3]]);
  expect(values[1]!.y).toBeCloseTo(2, 12); // (0.5·0.5·0 + 0.5·3) / (1 − 0.5²)
  expect(panel.find('input[type=radio]:checked').map((input) => (input as HTMLInputElement).value)).toEqual(['seconds']);
});

test('a failure is told above what was read before', () => {
  const panel = openPanel(rewardCurves);
  panel.show(snapshot(run('base', [1])));
  panel.send({ type: 'failure', message: 'metrics.jsonl cannot be read.' });
  expect(panel.find('[role=alert]')[0]!.textContent).toBe('metrics.jsonl cannot be read. Shown below is what was read before.');
  expect(panel.find('.figure')).toHaveLength(2);
});

test('exports: the CSV holds every point with step, samples, time and both values', async () => {
  const panel = openPanel(rewardCurves);
  panel.show(snapshot(run('base', [1.5])));
  panel.press('CSV');
  panel.press('SVG');
  await Promise.resolve();
  expect(panel.posted.filter(({ type }) => type === 'export')).toEqual([
    { type: 'export', name: 'reward.risky', format: 'csv', content: 'run,step,samples,seconds,value,smoothed\r\nbase,100,100,0,1.5,1.5\r\n' },
    { type: 'export', name: 'reward.risky', format: 'svg', content: '<svg/>' },
  ]);
  panel.press('Open the log of base');
  expect(panel.posted.at(-1)).toEqual({ type: 'open-log', run: 'base' });
});

test('smoothing has no bias at its start and passes over values that are not finite', () => {
  expect(smooth([4, 4, 4], 0.9)).toEqual([4, 4, 4].map((value) => expect.closeTo(value, 12)));
  expect(smooth([1, NaN, 1], 0.5)).toEqual([1, NaN, 1]);
});

test('the host is asked for the group that is shown, and for a zoomed range once the zoom rests', () => {
  jest.useFakeTimers();
  try {
    const panel = openPanel(rewardCurves);
    panel.show(snapshot(run('base', [1, 2, 3])));
    const views = () => panel.posted.flatMap((message) => (message.type === 'view' ? [message.view] : []));
    expect(views()).toEqual([]); // what the host sends unasked
    for (const end of [250, 220, 200]) panel.charts[0]!.onSignal!('zoom', { x: [100, end], y: [0, 1] });
    jest.advanceTimersByTime(1000);
    expect(views()).toEqual([{ group: 'reward', axis: 'step', range: [100, 200] }]);
    panel.show(snapshot(run('base', [1, 2, 3, 4])));
    expect(views()).toHaveLength(1);
    panel.charts[0]!.onSignal!('zoom', {});
    jest.advanceTimersByTime(1000);
    expect(views().at(-1)).toEqual({ group: 'reward', axis: 'step', range: null });
  } finally {
    jest.useRealTimers();
  }
});

test('a panel that was on another group asks for it again after a reload', () => {
  const panel = openPanel(rewardCurves, { version: 1, panel: 'reward-curves', source: '/lab/soup.yaml', title: 'locomotion', view: { group: 'loss', axis: 'seconds' } });
  panel.show(snapshot(run('base', [1])));
  expect(panel.posted.at(-1)).toEqual({ type: 'view', view: { group: 'loss', axis: 'seconds', range: null } });
});

test('the cursor stands at the same place in every figure, and nowhere when the pointer leaves', () => {
  const panel = openPanel(rewardCurves);
  panel.show(snapshot(run('base', [1, 2])));
  panel.charts[0]!.onPointer!(150);
  panel.charts[1]!.onPointer!(null);
  expect(panel.cursors).toEqual([150, 150, null, null]);
});

test('a spike does not stretch the axis: it is drawn at the edge, which is said, and the table has its value', () => {
  const panel = openPanel(rewardCurves);
  const values = Array.from({ length: 100 }, (_, i) => (i === 50 ? 1e6 : Math.sin(i)));
  panel.show(snapshot(run('base', values)));
  const highest = () => Math.max(...(panel.specs.filter((spec) => (spec as Layered).data.values.length === 100).at(-1) as Layered).data.values.map(({ y }) => y));
  expect(highest()).toBeLessThan(4);
  expect(panel.find('.figure-note')[0]!.textContent).toBe('1 of 100 points lie outside and are drawn at the edge.');
  panel.find('vscode-checkbox')[0]!.click();
  expect(highest()).toBe(1e6);
  expect(panel.find('.figure-note')).toHaveLength(0);
});

test('the range that is shown leaves nothing out where there are no spikes', () => {
  expect(shownRange([3, 3, 3])).toEqual({ low: 3, high: 3, outside: 0 });
  expect(shownRange([])).toEqual({ low: 0, high: 0, outside: 0 });
  const ramp = Array.from({ length: 1000 }, (_, i) => i);
  expect(shownRange(ramp)).toEqual({ low: 0, high: 999, outside: 0 });
  expect(shownRange([...ramp, 1e5, -1e5])).toMatchObject({ outside: 2 });
});

test('while logs are being read, it is said how much', () => {
  const panel = openPanel(rewardCurves);
  panel.show({ ...snapshot(run('base', [1])), unread: 0.25 });
  expect(panel.find('.notice').map(({ textContent }) => textContent)).toEqual(['Reading the logs: 75 % so far.']);
});

test('values are those of the nearest point, of the runs that have come so far', () => {
  const points = [{ run: 'a', x: 0, y: 1 }, { run: 'a', x: 100, y: 2 }, { run: 'a', x: 200, y: 3 }, { run: 'b', x: 0, y: 9 }, { run: 'b', x: 50, y: 8 }];
  expect(valuesAt(points, 120)).toEqual([{ run: 'a', y: 2 }]);
  expect(valuesAt(points, 20)).toEqual([{ run: 'a', y: 1 }, { run: 'b', y: 9 }]);
  expect(valuesAt([], 20)).toEqual([]);
});

describe('by keyboard', () => {
  const opened = () => {
    const panel = openPanel(rewardCurves);
    panel.show(snapshot(run('base', [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]), run('risky', [4, 5, 6])));
    const [chart] = panel.find('.chart');
    chart!.focus();
    return { panel, press: (key: string, init: KeyboardEventInit = {}) => chart!.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true, ...init })) };
  };

  test('the arrows move the cursor in every chart, and the values there are read out', () => {
    const { panel, press } = opened();
    press('End');
    press('ArrowLeft');
    press('ArrowLeft', { shiftKey: true });
    expect(panel.cursors.filter((_, index) => index % 2 === 0)).toEqual([1000, 980, 880]);
    press('Home');
    const line = panel.find('.chart-reading')[0]!;
    expect(line.textContent).toBe('0 steps of training: base 1.000 · risky 4.000');
    expect(line.getAttribute('aria-live')).toBe('polite');
    press('Escape');
    expect(line.textContent).toBe('');
  });

  test('+ and − zoom around the cursor as far as there are points, 0 shows everything; other keys are the editor’s', () => {
    const { panel, press } = opened();
    press('Home');
    expect(press('+')).toBe(false); // taken
    expect(panel.signals).toEqual([['zoom_x', [0, 500]], ['zoom_y', [0, 1]]]);
    press('-');
    press('0');
    expect(panel.signals.slice(2)).toEqual([['zoom_x', null], ['zoom_y', null], ['zoom_x', null], ['zoom_y', null]]);
    expect(press('a')).toBe(true);
    expect(press('0', { ctrlKey: true })).toBe(true);
  });

  test('of many runs the highest are named', () => {
    const panel = openPanel(rewardCurves);
    panel.show(snapshot(...Array.from({ length: 10 }, (_, index) => run(`seed${index}`, [index]))));
    panel.charts[0]!.onPointer!(100);
    expect(panel.find('.chart-reading')[0]!.textContent).toMatch(/^100 steps of training: seed9 9\.000 · seed8 8\.000 · .* · seed2 2\.000 and 2 more$/);
  });

  test('the pointer moves the cursor silently', () => {
    const { panel } = opened();
    panel.charts[0]!.onPointer!(200);
    const line = panel.find('.chart-reading')[0]!;
    expect(line.textContent).toBe('200 steps of training: base 2.000 · risky 5.000');
    expect(line.hasAttribute('aria-live')).toBe(false);
  });
});

test('rewards say that they are of training and no evaluation; losses and an empty panel have nothing of the kind to say', () => {
  const says = (view: object, ...runs: CurveRun[]) => {
    const panel = openPanel(rewardCurves, { version: 1, panel: 'reward-curves', source: '/lab/soup.yaml', title: 'locomotion', view });
    panel.show(snapshot(...runs));
    return panel.text().includes('The sweep measures the trained policies anew');
  };
  expect([says({}, run('base', [1])), says({ group: 'loss' }, run('base', [1])), says({}, run('base', [], { lines: {} }))]).toEqual([true, false, false]);
});
