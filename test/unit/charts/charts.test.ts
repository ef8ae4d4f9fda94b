import { checkLmc } from '../../../src/analysis/lmc';
import { paretoFront } from '../../../src/analysis/front';
import type { ResultPoint } from '../../../src/analysis/results';
import { spiderMap } from '../../../src/analysis/spider';
import { histogramSpec } from '../../../src/charts/histogram';
import { layerHeatMapSpec } from '../../../src/charts/layer-heat-map';
import { placeOf } from '../../../src/charts/layers';
import { frontSpec } from '../../../src/charts/front';
import { lmcCheckSpec } from '../../../src/charts/lmc-check';
import { rewardCurvesSpec } from '../../../src/charts/reward-curves';
import { isTriangle, simplexSpec } from '../../../src/charts/simplex';
import { offScale, spiderMapSpec, spiderNote } from '../../../src/charts/spider-map';
import { lightTheme } from '../../../src/charts/theme';
import { renderSvg } from '../../../src/report/render-svg';

const measured = (values: Record<string, number>, n = 20) => Object.fromEntries(Object.entries(values).map(([name, mean]) => [name, { mean, samples: Array.from({ length: n }, (_, k) => mean + Math.sin(k)) }]));
const point = (kind: ResultPoint['kind'], name: string, weights: Record<string, number> | null, rewards: Record<string, number>, metrics?: Record<string, number>): ResultPoint => ({ kind, name, weights, rewards: measured(rewards), ...(metrics ? { metrics: measured(metrics) } : {}) });

const two = [
  point('init', 'init', null, { a: 0, b: 0 }, { speed: 1 }),
  point('expert', 'x', { x: 1, y: 0 }, { a: 4, b: -1 }, { speed: 5 }),
  point('expert', 'y', { x: 0, y: 1 }, { a: 1, b: 2 }, { speed: 2 }),
  point('soup', 's1', { x: 0.75, y: 0.25 }, { a: 3.6, b: 0.2 }, { speed: 4 }),
  point('soup', 's2', { x: 0.5, y: 0.5 }, { a: 2.2, b: 1.2 }, { speed: 3 }),
];
const three = [
  point('expert', 'x', { x: 1, y: 0, z: 0 }, { a: 4, b: 0, c: 0 }),
  point('expert', 'y', { x: 0, y: 1, z: 0 }, { a: 0, b: 2, c: 0 }),
  point('expert', 'z', { x: 0, y: 0, z: 1 }, { a: 0, b: 0, c: 1 }),
  point('soup', 'third', { x: 1 / 3, y: 1 / 3, z: 1 / 3 }, { a: 1, b: 1, c: 0.5 }),
];
const options = { theme: lightTheme };
const marks = (svg: string, role: string) => svg.match(new RegExp(`aria-roledescription="${role}"`, 'g'))?.length ?? 0;

describe('LMC check', () => {
  const report = checkLmc(two, { resamples: 200 });
  test.each(['margins', 'values'] as const)('%s: a point a soup, each with its interval, and the chord', async (show) => {
    const svg = await renderSvg(lmcCheckSpec('a', report.rewards.a!, { ...options, show }));
    expect(svg).toContain('chord');
    expect(svg).toContain('worst');
    expect(marks(svg, 'point')).toBe(2 + 1); // two soups, one ring
    expect(svg).toContain('λ of y');
  });

  test('without samples there are no intervals, and nothing is made up', async () => {
    const bare = two.map(({ rewards, ...rest }) => ({ ...rest, rewards: Object.fromEntries(Object.entries(rewards).map(([name, { mean }]) => [name, { mean }])) }));
    const svg = await renderSvg(lmcCheckSpec('a', checkLmc(bare).rewards.a!, options));
    expect(svg).not.toContain('aria-roledescription="tick"');
    expect(marks(svg, 'point')).toBe(3);
  });

  test('three experts: the number of the λ along x', async () => {
    expect(await renderSvg(lmcCheckSpec('a', checkLmc(three, { resamples: 200 }).rewards.a!, options))).toContain('evaluated λ');
  });
});

describe('λ-simplex of three experts', () => {
  const report = checkLmc([...three, point('soup', 'edge', { x: 0.5, y: 0.5, z: 0 }, { a: 1, b: 1, c: 0.5 })], { resamples: 200 });
  test.each(['margins', 'values'] as const)('%s: corners by name, a point a soup, the worst ringed', async (show) => {
    const svg = await renderSvg(simplexSpec('a', report.rewards.a!, { ...options, show }));
    for (const text of ['>x<', '>y<', '>z<', 'below the chord']) expect(svg).toContain(text);
    expect(marks(svg, 'point')).toBe(2 + 1);
  });

  test('a corner is where all weight is, the centre in the middle', () => {
    expect(isTriangle(report.rewards.a!)).toBe(true);
    const { data } = simplexSpec('a', report.rewards.a!, options) as unknown as { data: { values: { x: number; y: number }[] } };
    expect(data.values[0]).toMatchObject({ x: expect.closeTo(0.5, 12), y: expect.closeTo(Math.sqrt(3) / 6, 12) });
    expect(data.values[1]).toMatchObject({ x: 0.5, y: 0 });
  });

  test('five experts: a λ is the weighted mean of the corners of a regular polygon, whatever names it leaves out', () => {
    const names = ['p', 'q', 'r', 's', 't'];
    const soups = [Object.fromEntries(names.map((name) => [name, 0.2])), { p: 0.8, q: 0.2 }, { r: 0.8, s: 0.2 }, { p: 0.4, q: 0.1, r: 0.4, s: 0.1 }];
    const points = [...names.map((name) => point('expert', name, { [name]: 1 }, { a: 0 })), ...soups.map((weights, index) => point('soup', String(index), weights, { a: -index }))];
    const spec = simplexSpec('a', checkLmc(points, { resamples: 200 }).rewards.a!, options) as unknown as { data: { values: { x: number; y: number; margin: number }[] } };
    const centre = spec.data.values[0]!;
    const [p, r, half] = [1, 2, 3].map((index) => spec.data.values[index]!);
    expect(spec.data.values.map(({ margin }) => margin)).toEqual([0, -1, -2, -3]); // the lowest last, on top
    expect(Math.hypot(p.x - centre.x, p.y - centre.y)).toBeCloseTo(Math.hypot(r.x - centre.x, r.y - centre.y), 6);
    expect(half.x).toBeCloseTo((p.x + r.x) / 2, 6);
    expect(half.y).toBeCloseTo((p.y + r.y) / 2, 6);
  });
});

describe('spider map', () => {
  test('two rewards: metrics are axes too, 0 is init, 1 the best expert', () => {
    const map = spiderMap(two);
    expect(map.axes).toEqual([{ name: 'a', isMetric: false, low: 0, high: 4 }, { name: 'b', isMetric: false, low: 0, high: 2 }, { name: 'speed', isMetric: true, low: 1, high: 5 }]);
    expect(map.series.map(({ name }) => name)).toEqual(['base', 'x', 'y', 'uniform soup']);
    expect(map.series[1]!.normalised).toEqual({ a: 1, b: -0.5, speed: 1 });
    expect(map.range).toEqual([-0.5, 1]);
  });

  test('of many metrics those are axes that tell the points apart best, and the note counts the others', () => {
    const many = (of: ResultPoint): ResultPoint => ({ ...of, metrics: Object.fromEntries(Array.from({ length: 12 }, (_, index) => [`m${index}`, { mean: index % 3 === 0 ? 0.1 * of.rewards.a!.mean : (index + 1) * of.rewards.a!.mean, stderr: 1 }])) });
    const map = spiderMap(two.map(many));
    expect(map.axes.map(({ name }) => name)).toEqual(['a', 'b', 'm1', 'm2', 'm4', 'm5', 'm7', 'm8', 'm10', 'm11']);
    expect(spiderNote(map)).toMatch(/tell the points apart best; 4 others are left out\.$/);
  });

  test('a reward that no expert improves: below init stays negative, nothing is inverted', () => {
    const map = spiderMap([point('init', 'init', null, { a: 5 }), point('expert', 'x', { x: 1, y: 0 }, { a: 3 }), point('expert', 'y', { x: 0, y: 1 }, { a: 4 })]);
    expect(map.axes[0]).toEqual({ name: 'a', isMetric: false, low: 5, high: 7 });
    expect(map.series.map(({ normalised }) => normalised.a)).toEqual([0, -1, -0.5]);
  });

  test('without init the worst expert is 0, and the note says so', () => {
    const map = spiderMap(three);
    expect(map.axes[0]).toMatchObject({ low: 0, high: 4 });
    expect(spiderNote(map)).toContain('worst expert');
  });

  test('a chosen soup is drawn beside the uniform one; MORL runs can be left out', () => {
    const points = [...two, point('morl', 'm', { x: 0.5, y: 0.5 }, { a: 2, b: 1 }, { speed: 3 })];
    expect(spiderMap(points, { chosen: { x: 0.75, y: 0.25 } }).series.map(({ kind }) => kind)).toEqual(['init', 'expert', 'expert', 'morl', 'soup', 'soup']);
    expect(spiderMap(points, { isMorlShown: false }).series.map(({ kind }) => kind)).not.toContain('morl');
  });

  test('a value far outside is told, not cut off in silence', () => {
    const map = spiderMap([...two, point('soup', 'far', { x: 0.4, y: 0.6 }, { a: -40, b: 1 }, { speed: 1 })], { chosen: { x: 0.4, y: 0.6 } });
    expect(offScale(map)).toEqual([{ series: 'soup x 0.4, y 0.6', axis: 'a', value: -40, normalised: -10 }]);
  });

  test('drawn with the names and both ends of every axis', async () => {
    const svg = await renderSvg(spiderMapSpec(spiderMap(two), options));
    for (const text of ['speed', '0.00 → 4.00', 'best expert', 'uniform soup']) expect(svg).toContain(text);
  });

  test('in a narrow panel the names stand above and below the spokes, and leave the chart room', async () => {
    const svg = await renderSvg(spiderMapSpec(spiderMap(two), { ...options, width: 290, height: 320 }));
    const places = [...svg.matchAll(/<path [^>]*transform="translate\(([-\d.]+),[-\d.]+\)"/g)].map(([, x]) => Number(x));
    expect(Math.max(...places) - Math.min(...places)).toBeGreaterThan(100);
  });

  test('no expert is an error with a name', () => {
    expect(() => spiderMap([two[3]!])).toThrow(expect.objectContaining({ name: 'NoExpertsError' }));
  });
});

test('front and curves are drawn', async () => {
  expect(await renderSvg(frontSpec(paretoFront(two), ['a', 'b'], options))).toContain('aria-roledescription="point"');
  const curves = rewardCurvesSpec('Reward a', [{ run: 'x', x: 0, y: 1 }, { run: 'x', x: 1, y: 2 }], { ...options, runs: ['x'], xTitle: 'steps', isSmoothed: false });
  expect(await renderSvg(curves)).toContain('aria-roledescription="line mark"');
});

describe('layers of a network', () => {
  test.each([
    ['model.layers.12.self_attn.q_proj.weight', { layer: 12, part: 'self_attn.q_proj.weight' }],
    ['transformer.h.0.attn.c_attn.bias', { layer: 0, part: 'attn.c_attn.bias' }],
    ['actor.2', { layer: 2, part: 'actor' }],
    ['lm_head.weight', { layer: null, part: 'lm_head.weight' }],
  ])('%s', (name, place) => expect(placeOf(name)).toEqual(place));

  test('a heat map has a cell a tensor, layers in the order of their numbers', async () => {
    const cells = ['layers.10.w', 'layers.9.w', 'layers.9.b', 'embed'].map((tensor, value) => ({ tensor, value }));
    const svg = await renderSvg(layerHeatMapSpec(cells, 'relative', options));
    expect(svg.match(/aria-roledescription="rect mark"/g)).toHaveLength(4);
    expect(svg.indexOf('>9<')).toBeLessThan(svg.indexOf('>10<'));
    expect(svg.indexOf('>–<')).toBeLessThan(svg.indexOf('>9<'));
  });

  test('a histogram has a bar a bin', async () => {
    const svg = await renderSvg(histogramSpec([{ from: -1, to: 0, count: 4 }, { from: 0, to: 1, count: 9 }], options));
    expect(marks(svg, 'bar')).toBe(2);
  });
});
