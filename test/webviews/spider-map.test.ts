import type { ResultPoint } from '../../src/analysis/results';
import { spiderMapPanel } from '../../webviews/spider-map/panel';
import { openPanel } from './page';

const point = (kind: ResultPoint['kind'], name: string, weights: Record<string, number> | null, a: number, b: number, speed: number): ResultPoint => ({ kind, name, weights, rewards: { a: { mean: a }, b: { mean: b } }, metrics: { speed: { mean: speed } } });
const points = [
  point('init', 'init', null, 0, 0, 1),
  point('expert', 'x', { x: 1, y: 0 }, 4, 1, 5),
  point('expert', 'y', { x: 0, y: 1 }, 1, 2, 2),
  ...[0.25, 0.5, 0.75].map((y) => point('soup', `s${y}`, { x: 1 - y, y }, 4 - 3 * y, 1 + y, 5 - 3 * y)),
];

test('the uniform soup at first; a chosen λ by slider, kept over a reload', () => {
  const panel = openPanel(spiderMapPanel);
  panel.show({ points });
  expect(panel.find('tbody th').map(({ textContent }) => textContent)).toEqual(['base', 'x', 'y', 'uniform soup']);
  const input = panel.find('input[type=range]')[0] as HTMLInputElement;
  expect(input.getAttribute('aria-valuetext')).toBe('x 0.5, y 0.5');
  input.value = '2';
  input.dispatchEvent(new Event('input'));
  expect(panel.find('tbody th').map(({ textContent }) => textContent)).toEqual(['base', 'x', 'y', 'uniform soup', 'soup x 0.25, y 0.75']);
  expect(panel.state().view!['chosen']).toEqual({ x: 0.25, y: 0.75 });
  expect(panel.posted.at(-1)).toEqual({ type: 'inspect', selection: { weights: { x: 0.25, y: 0.75 } }, isAskedFor: false });
  panel.press('Create Soup…');
  expect(panel.posted.at(-1)).toEqual({ type: 'create-soup', weights: { x: 0.25, y: 0.75 } });

  const again = openPanel(spiderMapPanel, panel.state());
  again.show({ points });
  expect(again.find('tbody th').at(-1)!.textContent).toBe('soup x 0.25, y 0.75');
});

test('the table holds what was measured, metrics as such', () => {
  const panel = openPanel(spiderMapPanel);
  panel.show({ points });
  expect(panel.find('thead th').map(({ textContent }) => textContent)).toEqual(['Point', 'a', 'b', 'speed (metric)']);
  expect(panel.find('tbody tr').at(-1)!.textContent).toBe('uniform soup2.5001.5003.500');
});

test('no expert, no soup: words instead of a chart', () => {
  const panel = openPanel(spiderMapPanel);
  panel.show({ points: points.slice(0, 1) });
  expect(panel.text()).toContain('No expert is evaluated yet');
  panel.show({ points: points.slice(0, 3) });
  expect(panel.text()).toContain('No soup is evaluated yet');
  expect(panel.find('.figure')).toHaveLength(0);
});

test('of a table of results that was made elsewhere no soup can be created', () => {
  const panel = openPanel(spiderMapPanel);
  panel.show({ points }, false);
  expect(panel.find('vscode-button').map(({ textContent }) => textContent)).not.toContain('Create Soup…');
  expect(panel.text()).toContain('uniform soup');
});
