import { checkLmc } from '../../src/analysis/lmc';
import type { ResultPoint } from '../../src/analysis/results';
import { lmcCheck } from '../../webviews/lmc-check/panel';
import { openPanel } from './page';

const samples = (mean: number) => ({ mean, samples: Array.from({ length: 40 }, (_, k) => mean + Math.sin(k) / 10) });
const point = (kind: ResultPoint['kind'], name: string, weights: Record<string, number>, a: number): ResultPoint => ({ kind, name, weights, rewards: { a: samples(a) } });
const reportOf = (soup: number) => checkLmc([point('expert', 'x', { x: 1, y: 0 }, 1), point('expert', 'y', { x: 0, y: 1 }, 3), point('soup', 's', { x: 0.5, y: 0.5 }, soup)], { resamples: 200 });
const snapshot = (soup: number) => ({ report: reportOf(soup), samplesPerPoint: 40, evaluated: 3, planned: 3, alpha: 0.05 });

test('the verdict in words, with the worst λ by the names of the experts', () => {
  const panel = openPanel(lmcCheck);
  panel.show(snapshot(2.5));
  expect(panel.find('.badge')[0]!.textContent).toBe('Linear mode connectivity holds');
  expect(panel.text()).toContain('1 soup compared with the chord between the experts on 40 paired samples each. Intervals are 95 %, of paired differences.');
  expect(panel.text()).toContain('a holds: no soup lies below the chord; the smallest margin is +0.5000');
  panel.show(snapshot(1.5));
  expect(panel.find('.badge')[0]!.textContent).toBe('Linear mode connectivity is violated');
  expect(panel.find('.badge')[0]!.classList).toContain('bad');
  expect(panel.text()).toContain('the soup at λ = x 0.5, y 0.5 lies below the chord, margin −0.5000');
});

test('a sweep under way: the verdict so far, and how far it is', () => {
  const panel = openPanel(lmcCheck);
  panel.show({ ...snapshot(2.5), planned: 13 });
  expect(panel.find('.badge')[0]!.textContent).toBe('Linear mode connectivity holds so far');
  expect(panel.find('.progress')[0]!.textContent).toContain('3 of 13 points evaluated');
  panel.show(snapshot(2.5));
  expect(panel.find('.progress')).toHaveLength(0);
});

test('nothing evaluated: what to do instead of an empty chart', () => {
  const panel = openPanel(lmcCheck);
  panel.show({ report: null, samplesPerPoint: null, evaluated: 0, planned: null });
  expect(panel.text()).toContain('Nothing is evaluated yet');
  expect(panel.find('.figure')).toHaveLength(0);
});

test('margins or values, kept over a reload; a soup is created and inspected from its row, and inspected by a click in the chart; the CSV holds what the table shows', () => {
  const panel = openPanel(lmcCheck, { version: 1, panel: 'lmc-check', source: '/lab/soup.yaml', title: 'locomotion', view: { show: 'values', isTableShown: true } });
  panel.show(snapshot(2.5));
  expect(JSON.stringify(panel.specs.at(-1))).toContain('Value of each soup');
  panel.press('Create the soup x 0.5, y 0.5');
  expect(panel.posted.at(-1)).toEqual({ type: 'create-soup', weights: { x: 0.5, y: 0.5 } });
  const inspected = { type: 'inspect', selection: { weights: { x: 0.5, y: 0.5 } }, isAskedFor: true };
  panel.press('Inspect: Show x 0.5, y 0.5 in the inspector');
  expect(panel.posted.at(-1)).toEqual(inspected);
  const { length } = panel.posted;
  panel.charts[0]!.onPick!(0);
  expect(panel.posted.slice(length)).toEqual([inspected]);
  panel.press('Export the data as CSV');
  const [header, row] = (panel.posted.at(-1) as { content: string }).content.split(/\r?\n/);
  expect(header).toBe('w:x,w:y,value,chord,margin,ci low,ci high,p,p after Holm');
  expect(row!.split(',').slice(0, 5).map(Number)).toEqual([0.5, 0.5, 2.5, 2, 0.5]);
});

test('three experts: the λ lie in a triangle', () => {
  const corner = (name: string, a: number) => point('expert', name, { x: 0, y: 0, z: 0, [name]: 1 }, a);
  const report = checkLmc([corner('x', 1), corner('y', 2), corner('z', 3), point('soup', 's', { x: 0.5, y: 0.25, z: 0.25 }, 4)], { resamples: 200 });
  const panel = openPanel(lmcCheck);
  panel.show({ report, samplesPerPoint: 40, evaluated: 4, planned: 4 });
  expect(JSON.stringify(panel.specs.at(-1))).toContain('λ-simplex of x, y, z');
});

test('a sweep that goes on leaves the focus in the table where it is; the column of buttons does not sort', () => {
  const panel = openPanel(lmcCheck, { version: 1, panel: 'lmc-check', source: '/lab/soup.yaml', title: 'locomotion', view: { isTableShown: true } });
  panel.show({ ...snapshot(2.5), planned: 13 });
  const link = () => panel.find('td .link')[1]!; // the second of its cell
  link().focus();
  panel.show({ ...snapshot(2.6), planned: 13 });
  expect(document.activeElement).toBe(link());
  expect(panel.find('th').at(-1)!.querySelector('button')).toBeNull();
  expect(panel.find('th button').length).toBeGreaterThan(3);
});
