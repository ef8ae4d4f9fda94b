import type { FrontReport } from '../../src/analysis/results';
import { answerOf } from '../../src/analysis/preference-search';
import { front } from '../../webviews/front/panel';
import { openPanel } from './page';

const point = (kind: 'expert' | 'soup' | 'morl', name: string, weights: Record<string, number>, a: number, b: number, dominatedBy: string[] = []) => ({ kind, name, weights, rewards: { a, b, c: a + b }, dominated: dominatedBy.length > 0, dominatedBy });
const report: FrontReport = {
  reference: { a: 0, b: 0, c: 0 },
  hypervolume: { soup: 3, morl: 2 },
  intervals: null,
  comparison: null,
  equalCompute: null,
  points: [point('expert', 'x', { x: 1, y: 0 }, 2, 0), point('expert', 'y', { x: 0, y: 1 }, 0, 2), point('soup', 'half', { x: 0.5, y: 0.5 }, 1.5, 1.5), point('morl', 'm', { x: 0.5, y: 0.5 }, 1, 1, ['half'])],
};

test('hypervolumes in words, with the reference and the comparison with MORL', () => {
  const panel = openPanel(front);
  panel.show({ report, rewards: ['a', 'b', 'c'] });
  expect(panel.text()).toContain('Soups and experts cover a hypervolume of 3.000 above a 0, b 0, c 0. MORL runs alone cover 2.000, so soups reach 150 % of it.');
});

test('points are called alike in both columns, hollow ones are explained, and intervals say their confidence', () => {
  const panel = openPanel(front);
  const intervals = { resamples: 1000, soup: [2.5, 3.5], morl: null, difference: null } as const;
  const shown = { report: { ...report, hypervolume: { soup: 3, morl: null } }, rewards: ['a', 'b', 'c'], alpha: 0.1 };
  panel.show(shown);
  expect(panel.text()).toContain('a hypervolume of 3.000 above a 0, b 0, c 0. Intervals are being computed.');
  panel.show({ ...shown, intervals: null }); // there are no samples
  expect(panel.text()).not.toContain('being computed');
  panel.show({ ...shown, intervals });
  expect(panel.text()).toContain('a hypervolume of 3.000 (90 % interval 2.500 to 3.500) above');
  const cells = panel.find('tbody tr').map((row) => [...row.children].map(({ textContent }) => textContent));
  expect(cells[2]![0]).toBe('x 0.5, y 0.5');
  expect(cells[3]).toContain('x 0.5, y 0.5');
  expect(panel.text()).toContain('hollow ones are dominated');
});

test('means in the table have their intervals, and it says what they rest on; the CSV has the ends', () => {
  const panel = openPanel(front);
  const measured = report.points.map(({ rewards: { a, b } }) => ({ a: { mean: a, ci: [a - 0.5, a + 0.5] as const, n: 40 }, b: { mean: b, ci: null, n: 40 } }));
  panel.show({ report, measured, rewards: ['a', 'b'], alpha: 0.1 });
  const [row] = panel.find('tbody tr').map((found) => [...found.children].map(({ textContent }) => textContent));
  expect(row!.slice(2, 4)).toEqual(['2.000 (1.500 to 2.500)', '0']);
  expect(panel.text()).toContain('Values are means over 40 samples each, with their 90 % intervals.');
  panel.press('CSV');
  expect(panel.posted.at(-1)).toMatchObject({ content: expect.stringContaining('expert,x,x 1,2,1.5,2.5,0,,,') as string });
});

test('two rewards of three are chosen, and a choice of one reward twice is not drawn', () => {
  const panel = openPanel(front, { version: 1, panel: 'front', source: '/lab/soup.yaml', title: 'locomotion', view: { x: 'c', y: 'c' } });
  panel.show({ report, rewards: ['a', 'b', 'c'] });
  expect(panel.find('h2')[0]!.textContent).toBe('a against c');
});

test('a soup can be created from its row; every point is shown in the inspector, from its row or by a click in the chart', () => {
  const panel = openPanel(front);
  panel.show({ report, rewards: ['a', 'b'] });
  expect(panel.find('td .link').map(({ textContent }) => textContent)).toEqual(['Inspect', 'Inspect', 'Create soup…', 'Inspect', 'Inspect']);
  panel.press('Show y in the inspector');
  expect(panel.posted.at(-1)).toEqual({ type: 'inspect', selection: { run: 'y' }, isAskedFor: true });
  panel.press('Create the soup x 0.5, y 0.5');
  expect(panel.posted.at(-1)).toEqual({ type: 'create-soup', weights: { x: 0.5, y: 0.5 } });
  panel.press('Show x 0.5, y 0.5 in the inspector');
  expect(panel.posted.at(-1)).toEqual({ type: 'inspect', selection: { weights: { x: 0.5, y: 0.5 } }, isAskedFor: true });
  const selections = report.points.map((_, row) => (panel.charts[0]!.onPick!(row), panel.posted.at(-1)));
  expect(selections).toEqual([{ run: 'x' }, { run: 'y' }, { weights: { x: 0.5, y: 0.5 } }, { run: 'm' }].map((selection) => ({ type: 'inspect', selection, isAskedFor: true })));
  panel.show({ report: { ...report, points: [{ ...report.points[0]!, kind: 'init', name: 'init', weights: null }] }, rewards: ['a', 'b'] });
  panel.press('Show init in the inspector');
  expect(panel.posted.at(-1)).toEqual({ type: 'inspect', selection: { run: 'base' }, isAskedFor: true });
});

test('nothing evaluated, and one reward only: words instead of a chart', () => {
  const panel = openPanel(front);
  panel.show({ report: null, rewards: ['a', 'b'] });
  expect(panel.text()).toContain('Nothing is evaluated yet');
  panel.show({ report, rewards: ['a'] });
  expect(panel.text()).toContain('a front needs two');
  expect(panel.find('.figure')).toHaveLength(0);
});

test('a search: the λ that it tried, the one that it found with interval and regret, and another where there are two', () => {
  const measured = (kind: 'expert' | 'soup', name: string, x: number, a: number, b: number) => {
    const rewards = Object.entries({ a, b }).map(([reward, mean]) => [reward, { mean, n: 40, samples: Array.from({ length: 40 }, (_, k) => mean + Math.sin(7 * k + mean) / 50) }]);
    return { kind, name, weights: { x, y: 1 - x }, rewards: Object.fromEntries(rewards) };
  };
  const points = [measured('expert', 'x', 1, 2, 0), measured('expert', 'y', 0, 0, 2), measured('soup', 'half', 0.5, 1.5, 1.5), measured('soup', 'most', 0.8, 1.9, 0.7)];
  const searches = ['min(a, b)', 'a'].map((preference) => JSON.parse(JSON.stringify(answerOf(points, { preference }))));
  const panel = openPanel(front);
  panel.show({ report, rewards: ['a', 'b'], searches, alpha: 0.05 });
  expect(panel.find('h2').map(({ textContent }) => textContent)).toEqual(['b against a', 'Search for min(a, b)', 'Search for a']);
  const [, note, another] = panel.find('.figure-note').map(({ textContent }) => textContent!.replaceAll('\u00a0', ' '));
  expect(note).toMatch(/^λ = x 0\.5, y 0\.5 is worth 1\.[45]\d+ \(95 % interval 1\.\d+ to 1\.\d+\) on the 20 samples that the search did not see\. Its regret against the best expert, [xy], is −1\.\d+ \(95 % interval −1\.\d+ to −1\.\d+\)\. The soup is better, beyond chance\./);
  expect(another).toMatch(/^λ = x 1 is worth .* that the search did not see\. That is the best expert itself: no soup was found that is better\. Chart/);
  const [, search] = panel.find('.figure');
  expect([...search!.querySelectorAll('tr.marked')].map(({ textContent }) => textContent)).toEqual([expect.stringMatching(/^3 ?x 0\.5, y 0\.5/)]);
  expect(JSON.stringify(panel.specs.at(-3))).toMatch(/"λ":"x 0.5, y 0.5","kind":"soup","best":[^}]*"isAnswer":true/); // the ring, after a way through JSON
  panel.show({ report, rewards: ['a', 'b'], searches: [], alpha: 0.05 });
  expect(panel.find('.figure')).toHaveLength(1);
});

test('of a table of results that was made elsewhere nothing can be blended or inspected', () => {
  const panel = openPanel(front);
  panel.show({ report, rewards: ['a', 'b'] }, false);
  expect(panel.find('td .link')).toHaveLength(0);
  expect(panel.find('th').map(({ textContent }) => textContent)).not.toContain('Blend');
  panel.charts[0]!.onPick!(0);
  expect(panel.posted).toEqual([{ type: 'ready' }]);
});
