import { paretoFront } from '../../src/analysis/front';
import { checkLmc } from '../../src/analysis/lmc';
import type { ResultPoint } from '../../src/analysis/results';
import { frontSpec } from '../../src/charts/front';
import { lmcCheckSpec } from '../../src/charts/lmc-check';
import { simplexSpec } from '../../src/charts/simplex';
import { lightTheme as theme } from '../../src/charts/theme';
import { vegaChart } from '../../webviews/kit/chart';

globalThis.ResizeObserver ??= class { observe() {} unobserve() {} disconnect() {} };

const point = (kind: ResultPoint['kind'], name: string, weights: Record<string, number>, a: number, b: number): ResultPoint => ({ kind, name, weights, rewards: { a: { mean: a, samples: [a - 0.1, a, a + 0.1] }, b: { mean: b, samples: [b - 0.1, b, b + 0.1] } } });
const line = [point('expert', 'x', { x: 1, y: 0 }, 2, 0), point('expert', 'y', { x: 0, y: 1 }, 0, 2), point('soup', 's', { x: 0.25, y: 0.75 }, 0.9, 1.8), point('soup', 't', { x: 0.5, y: 0.5 }, 1.5, 1.4)];
const corner = (name: string, a: number) => point('expert', name, { x: 0, y: 0, z: 0, [name]: 1 }, a, -a);
const triangle = [corner('x', 1), corner('y', 2), corner('z', 3), point('soup', 's', { x: 0.5, y: 0.25, z: 0.25 }, 4, 1), point('soup', 't', { x: 0.25, y: 0.5, z: 0.25 }, 1, 2)];
const panelOf = { theme, isInPanel: true, width: 420, height: 300 };

test.each([
  ['front', frontSpec(paretoFront(line, { reference: 'nadir' }), ['a', 'b'], panelOf), 4],
  ['LMC check', lmcCheckSpec('a', checkLmc(line, { resamples: 50 }).rewards.a!, panelOf), 2],
  ['simplex', simplexSpec('a', checkLmc(triangle, { resamples: 50 }).rewards.a!, panelOf), 2],
])('a click on a point of the %s gives the row that it shows; lines and legends give none', async (_, spec, rows) => {
  const container = document.body.appendChild(document.createElement('div'));
  const picked: number[] = [];
  const chart = vegaChart(container, { height: () => 300, onError: (error) => { throw error; }, onPick: (row) => picked.push(row) });
  await chart.show(spec);
  type Drawn = Element & { readonly __data__?: { readonly datum?: { readonly row?: number }; readonly mark?: { readonly marktype: string } } };
  const shapes = [...container.querySelectorAll<Drawn>('svg *')].filter(({ __data__: item }) => item?.mark !== undefined);
  const expected: number[] = [];
  for (const shape of shapes) {
    const { mark, datum } = shape.__data__!;
    if (mark!.marktype === 'symbol' && datum?.row !== undefined) expected.push(datum.row);
    shape.dispatchEvent(new MouseEvent('click', { bubbles: true }));
  }
  expect(picked).toEqual(expected);
  expect(new Set(picked)).toEqual(new Set(Array.from({ length: rows }, (_, row) => row)));
  expect(shapes.length).toBeGreaterThan(expected.length + 3);
  chart.dispose();
});

test('a drawing keeps the name that its page has given it, also when it is built anew', async () => {
  const container = document.body.appendChild(document.createElement('div'));
  container.setAttribute('aria-label', 'a over λ: highest 1.5 at t');
  const chart = vegaChart(container, { height: () => 300, onError: (error) => { throw error; } });
  for (const title of ['a', 'b']) {
    await chart.show(lmcCheckSpec(title, checkLmc(line, { resamples: 50 }).rewards.a!, panelOf));
    expect(container.getAttribute('aria-label')).toBe('a over λ: highest 1.5 at t');
  }
  chart.dispose();
});
