import type { FrontReport } from '../../src/analysis/results';
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

test('two rewards of three are chosen, and a choice of one reward twice is not drawn', () => {
  const panel = openPanel(front, { panel: 'front', source: '/lab/soup.yaml', title: 'locomotion', view: { x: 'c', y: 'c' } });
  panel.show({ report, rewards: ['a', 'b', 'c'] });
  expect(panel.find('h2')[0]!.textContent).toBe('a against c');
});

test('a soup can be created from its row; experts and MORL runs cannot', () => {
  const panel = openPanel(front);
  panel.show({ report, rewards: ['a', 'b'] });
  expect(panel.find('td .link')).toHaveLength(1);
  panel.press('Create the soup half');
  expect(panel.posted.at(-1)).toEqual({ type: 'create-soup', weights: { x: 0.5, y: 0.5 } });
});

test('nothing evaluated, and one reward only: words instead of a chart', () => {
  const panel = openPanel(front);
  panel.show({ report: null, rewards: ['a', 'b'] });
  expect(panel.text()).toContain('Nothing is evaluated yet');
  panel.show({ report, rewards: ['a'] });
  expect(panel.text()).toContain('a front needs two');
  expect(panel.find('.figure')).toHaveLength(0);
});
