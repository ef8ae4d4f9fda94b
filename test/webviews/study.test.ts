import type { StudySnapshot } from '../../src/protocol/study';
import { study } from '../../webviews/study/panel';
import { compare, cell, point, sweepOf } from '../unit/studies/synthetic';
import { openPanel } from './page';

const morl = [0.75, 0.5, 0.25].map((fast) => point('morl', `m${fast}`, { fast, frugal: 1 - fast }, { fast, frugal: 1 - fast }));

function snapshotOf(seeds: number, of = seeds): StudySnapshot {
  const measured = Array.from({ length: seeds }, (_, seed) => cell('fronts', seed, sweepOf(0.2 + 0.01 * seed, 4, morl)));
  const { findings, sections } = seeds > 0 ? compare('{ type: morl-baseline }', measured) : { findings: [], sections: [] };
  const points = { done: 9 * seeds, of: 9 * of };
  return { type: 'morl-baseline', question: 'Soups against MORL.', report: seeds > 0 ? { findings, sections } : null, seeds: { done: seeds, of }, cells: { done: seeds, of }, points, alpha: 0.05 };
}

test('question, answers with their intervals, and a chart with its table for each section', () => {
  const panel = openPanel(study);
  panel.show(snapshotOf(3));
  expect(panel.find('h1')[0]!.textContent).toBe('Study: morl-baseline');
  expect(panel.find('.findings .badge').map(({ textContent }) => textContent)).toEqual(['Yes', 'Yes']);
  expect(panel.text()).toMatch(/At an equal number of points|differs by \+[\d.]+ % \(.+ … .+, 3 seeds\)/);
  expect(panel.text()).toContain('3 seeds, 1 cell each. Intervals are 95 %, Student’s over seeds.');
  expect(panel.find('.figure h2').map(({ textContent }) => textContent)).toEqual(['Coverage of the front', 'Fronts']);
  expect(panel.find('[role=img]')[0]!.getAttribute('aria-label')).toContain('Coverage of the front, of the study morl-baseline: 6 points.');
  expect(panel.find('.figure table')).toHaveLength(2);
  expect(panel.find('.progress')).toHaveLength(0);
  expect(panel.specs).toHaveLength(2);
  expect(JSON.stringify(panel.specs[1])).toContain('"columns":2'); // as many plots in a row as 600 pixels have room for
});

test('under way: what whole seeds say so far, and how far the sweeps are', () => {
  const panel = openPanel(study);
  panel.show(snapshotOf(0, 3));
  expect(panel.text()).toContain('Nothing is measured yet: run the experiment file');
  expect(panel.find('.progress')[0]!.textContent).toBe('0 of 3 cells measured, 0 of 27 points');
  expect(panel.find('.figure')).toHaveLength(0);
  panel.show(snapshotOf(1, 3));
  expect(panel.text()).toContain('1 seed of 3 so far, 1 cell each. One seed has no interval');
  expect(panel.find('.findings .badge').map(({ textContent }) => textContent)).toEqual(['Undecided', 'Undecided']);
  panel.show(snapshotOf(3));
  expect(panel.find('.progress')).toHaveLength(0);
});

test('the CSV has what the chart draws, with every digit; numbers of the table sort as numbers', () => {
  const panel = openPanel(study);
  panel.show(snapshotOf(3));
  panel.press('Export the data as CSV');
  const [header, first] = (panel.posted.at(-1) as { content: string }).content.split(/\r?\n/);
  expect(header).toBe('series,name,share of the joint hypervolume,ci low,ci high');
  expect(first!.split('"').at(-1)!.split(',').slice(-3).map(Number)).toEqual([1, 1, 1]);
  const cells = () => panel.find('.figure')[0]!.querySelectorAll('tbody tr td:nth-child(2)');
  panel.press('mean');
  const means = [...cells()].map(({ textContent }) => Number.parseFloat(textContent!));
  expect(means).toEqual([...means].sort((a, b) => a - b));
  expect(new Set(means).size).toBeGreaterThan(2);
});

test('data that are no study are said to be none, and what was there stays', () => {
  const panel = openPanel(study);
  panel.show(snapshotOf(2));
  panel.show({ ...snapshotOf(2), report: { findings: [{ question: 'Why?', answer: 'perhaps' as 'yes', evidence: '' }], sections: [] } });
  expect(panel.text()).toContain('The editor sent what this panel does not understand: reload the window. Shown below is what was read before.');
  expect(panel.find('.figure')).toHaveLength(2);
});
