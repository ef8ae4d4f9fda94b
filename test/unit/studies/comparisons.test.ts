import { studyChartSpec } from '../../../src/charts/study-chart';
import { lightTheme } from '../../../src/charts/theme';
import { renderSvg } from '../../../src/report/render-svg';
import type { ResultPoint } from '../../../src/analysis/results';
import type { MeasuredCell, StudyReport } from '../../../src/studies/study';
import { cell, compare, geometry, point, sweepOf } from './synthetic';

const seeds = [0, 1, 2];
const answers = ({ findings }: StudyReport) => findings.map(({ answer }) => answer);
const morl = (lift: number): ResultPoint[] => [0.75, 0.5, 0.25].map((fast) => point('morl', `m${fast}`, { fast, frugal: 1 - fast }, { fast: fast + lift * 4 * fast * (1 - fast), frugal: 1 - fast + lift * 4 * fast * (1 - fast) }));
/** Every seed a little different, so that intervals have a width. */
const jitter = (seed: number) => 0.002 * (seed - 1);

describe('soups against MORL', () => {
  const study = '{ type: morl-baseline, grid: 5 }';
  const measured = (soups: number, runs: number) => seeds.map((seed) => cell('fronts', seed, sweepOf(soups + jitter(seed), 4, morl(runs))));

  test('soups above MORL everywhere win at equal points and at equal compute', () => {
    const report = compare(study, measured(0.3, 0));
    expect(answers(report)).toEqual(['yes', 'yes']);
    // every soup is on the joint front, no MORL run is: the soups have all of the volume
    expect(report.sections[0]!.table.find(([name]) => name === 'soups, all λ')![1]).toBe('100.0 %');
  });

  test('MORL above soups everywhere wins at equal points, and soups may still win at equal compute', () => {
    expect(answers(compare(study, measured(0, 0.3)))[0]).toBe('no');
  });

  test('equal fronts leave equal points undecided, and one seed decides nothing', () => {
    const equal = seeds.map((seed) => cell('fronts', seed, sweepOf(0.2 + jitter(seed), 4, morl(0.2 - jitter(seed)))));
    expect(answers(compare(study, equal))[0]).toBe('undecided');
    expect(answers(compare(study, measured(0.3, 0).slice(0, 1)))).toEqual(['undecided', 'undecided']);
  });
});

describe('linear mode connectivity over cells', () => {
  const study = '{ type: lmc-stress, vary: { angle: [45], steps: [10] } }';
  const measured = (margins: Readonly<Record<string, number>>) => seeds.flatMap((seed) => Object.entries(margins).map(([name, margin], index) => cell(name, seed, sweepOf(margin + jitter(seed)), { geometry: { ...geometry, distance: 1 + index } })));

  test('it breaks where the margin is below the chord in every seed, and falls with distance', () => {
    const report = compare(study, measured({ 'as-is': 0.2, 'angle-45': 0.1, 'steps-10': -0.2 }));
    expect(answers(report)).toEqual(['no', 'yes']);
    expect(report.findings[0]!.evidence).toMatch(/^it breaks at steps-10 \(mean margin −16\.7 %, worst λ −20\.2 %, distance 3\); no margin is below the chord in any seed at as-is, angle-45, .*above it at as-is, angle-45$/); // 4λ(1 − λ) is 5/6 on average over λ = ¼, ½, ¾
    expect(report.findings[1]!.estimate).toMatchObject({ mean: -1, ci: [-1, -1] });
  });

  test('where every cell falls below the chord, that is said', () => {
    const [connected] = compare(study, measured({ 'as-is': -0.2, 'angle-45': -0.1, 'steps-10': -0.3 })).findings;
    expect(connected!.evidence).toMatch(/; every cell has a margin below the chord in some seed, and whole intervals are above it nowhere$/);
  });

  test('it holds where no margin is below the chord', () => {
    expect(answers(compare(study, measured({ 'as-is': 0.2, 'angle-45': 0.1, 'steps-10': 0.3 })))[0]).toBe('yes');
  });

  test('margins whose sign the seeds do not agree on are undecided', () => {
    const torn = seeds.flatMap((seed) => [cell('as-is', seed, sweepOf(0.2)), cell('angle-45', seed, sweepOf([-0.3, 0.1, 0.1][seed]!))]);
    expect(answers(compare(study, torn))[0]).toBe('undecided');
  });

  test('a mean over λ does not hide a λ that lies below the chord in every seed', () => {
    const dented = (seed: number) => sweepOf(0.2).map((one) => (one.weights?.fast === 0.75 ? point('soup', one.name, one.weights, { fast: 0.7 + jitter(seed), frugal: 0.3 }) : one));
    const report = compare(study, seeds.map((seed) => cell('as-is', seed, dented(seed))));
    expect(report.findings[0]).toMatchObject({ answer: 'no', evidence: expect.stringContaining('it breaks at as-is (mean margin +10.0 %') }); // (−0.05 + 0.2 + 0.15) / 3
  });

  test('the margin over the size has the slope that was put in', () => {
    const scaled = seeds.flatMap((seed) => [1, 2, 3].map((doublings) => cell(`hidden-${2 ** doublings}`, seed, sweepOf(0.12 * doublings), { geometry: { ...geometry, parameters: 2 ** doublings } })));
    const report = compare('{ type: scale, hidden: [[2], [4], [8]] }', scaled);
    expect(answers(report)).toEqual(['yes', 'yes']);
    expect(report.findings[1]!.estimate!.mean).toBeCloseTo(0.1, 9); // 0.12 · 5/6
  });
});

describe('true and target rewards', () => {
  const truth = (points: readonly ResultPoint[], value: (point: ResultPoint) => number, reward = 'truth') => points.map((one) => ({ ...one, rewards: { ...one.rewards, ...point(one.kind, one.name, one.weights, { [reward]: value(one) }).rewards } }));
  const middle = ({ weights }: ResultPoint) => (weights ? 1 - Math.abs(weights.fast! - 0.5) : 0);

  test('a truth that lies between the experts is found by λ, and MORL runs beside it lose', () => {
    const measured = seeds.map((seed) => cell('proxies', seed, truth(sweepOf(0.1, 4, morl(0).filter(({ weights }) => weights!.fast !== 0.5)), (one) => middle(one) * (1 + 0.01 * seed))));
    const report = compare('{ type: misspecification, truth: "min(fast, frugal)" }', measured);
    expect(answers(report)).toEqual(['yes', 'yes']);
    expect(report.findings[0]!.estimate!.mean).toBeCloseTo(0.5 * 1.01, 9);
    expect(report.findings[1]!.estimate!.mean).toBeCloseTo(0.25 * 1.01, 9);
    expect(report.sections[0]!.table.map(([name]) => name)).toEqual(expect.arrayContaining(['expert fast', 'expert frugal', 'MORL m0.75']));
  });

  test('a truth that one expert earns best is no win for λ', () => {
    const measured = seeds.map((seed) => cell('proxies', seed, truth(sweepOf(0, 4, morl(0)), ({ weights }) => (weights?.fast ?? 0) + jitter(seed))));
    expect(answers(compare('{ type: misspecification, truth: fast }', measured))[0]).not.toBe('yes');
  });

  test('a target is fitted when the soup is within the tolerance of the training on it', () => {
    const measured = (trained: number) => seeds.flatMap((seed): MeasuredCell[] => [
      cell('soups', seed, truth(sweepOf(0.1), middle, 'both')),
      cell('direct', seed, truth([...sweepOf(0.1).filter(({ kind }) => kind === 'expert'), point('expert', 'both', { both: 1 }, { fast: 0, frugal: 0 })], (one) => (one.name === 'both' ? trained + jitter(seed) : middle(one)), 'both')),
    ]);
    const study = '{ type: nonlinear-rewards, targets: { both: "min(fast, frugal)" } }';
    expect(answers(compare(study, measured(0.9)))).toEqual(['yes']);
    expect(answers(compare(study, measured(2)))).toEqual(['no']);
  });
});

test('a dent in the front is found, and a front of a quarter circle has none', () => {
  const measured = (runs: readonly ResultPoint[]) => seeds.map((seed) => cell('fronts', seed, sweepOf(0.1, 4, runs)));
  const dented = compare('{ type: front-geometry }', measured([point('morl', 'far', { fast: 0.5, frugal: 0.5 }, { fast: 0.95, frugal: 0.95 }), point('morl', 'dent', { fast: 0.9, frugal: 0.1 }, { fast: 0.96, frugal: 0.3 })]));
  expect(dented.findings[1]).toMatchObject({ answer: 'yes' });
  expect(dented.sections[0]!.table[1]!.at(-2)).toMatch(/dent/);
  const round = compare('{ type: front-geometry }', measured([0.2, 0.7, 1.2].map((angle) => point('morl', `a${angle}`, { fast: 0.5, frugal: 0.5 }, { fast: 1.2 * Math.cos(angle), frugal: 1.2 * Math.sin(angle) }))));
  expect(round.findings[1]!.answer).toBe('no');
  expect(round.findings[0]!.answer).toBe('no'); // the soups lie inside the circle
});

test('soups that cover all for the price of two trainings beat MORL, which needs more', () => {
  const costs = [{ kind: 'expert', name: 'fast' }, { kind: 'expert', name: 'frugal' }, ...[1, 2, 3].map((k) => ({ kind: 'morl', name: `m${k}` }) as const)].map((one) => ({ ...one, steps: 1, deviceSeconds: 100 }) as MeasuredCell['costs'][number]);
  const measured = seeds.map((seed) => cell('fronts', seed, sweepOf(0.2 + jitter(seed), 4, morl(0)), { costs, secondsPerPoint: 2 + seed }));
  const report = compare('{ type: resource-efficiency, watts: 10 }', measured);
  expect(answers(report)).toEqual(['yes']);
  const soups = report.sections[0]!.table.find(([name]) => name === 'soups')!;
  expect(soups[1]).toMatch(/^2 /); // two trainings
  expect(soups[3]).toMatch(/^215 /); // 2 · 100 s and 5 points of 3 s
  expect(soups[4]).toBe('2150 J');
  const breakEven = report.sections[1]!.table.find(([edge, rewards]) => edge === '11' && rewards === '2')!;
  expect(breakEven.slice(2)).toEqual(['11', '233', '1130', '4.86']); // 2 · 100 + 11 · 3, and 11 · 103
});

test('times of one training are told apart from fixed experts by their fronts', () => {
  const measured = seeds.flatMap((seed) => [cell('drifting', seed, sweepOf(0.05 + jitter(seed))), cell('stationary', seed, sweepOf(0.3))]);
  const report = compare('{ type: non-stationary, times: [0.5] }', measured);
  expect(answers(report)).toEqual(['yes', 'no']);
});

test('every chart can be drawn', async () => {
  const costs = [{ kind: 'expert', name: 'fast', steps: 1, deviceSeconds: 1 }] as const;
  const cells = seeds.map((seed) => cell('fronts', seed, sweepOf(0.2, 4, morl(0)), { costs }));
  const reports = [compare('{ type: morl-baseline }', cells), compare('{ type: front-geometry }', cells), compare('{ type: resource-efficiency }', cells), compare('{ type: lmc-stress, vary: {} }', cells)];
  for (const { sections } of reports) for (const { chart } of sections) expect(await renderSvg(studyChartSpec(chart, { theme: lightTheme }))).toMatch(/^<svg[\s\S]*<path/);
});

describe('points that are all alike in a reward span no front, so nothing is said of it', () => {
  const alike = (seed: number) => cell('fronts', seed, sweepOf(0, 4, morl(0)).map((one) => point(one.kind, one.name, one.weights, { fast: one.rewards.fast!.mean, frugal: 1 })), { costs: ['fast', 'frugal'].map((name) => ({ kind: 'expert', name, steps: 1000, deviceSeconds: 10 })) });
  test.each(['morl-baseline, grid: 5', 'front-geometry, grid: 5', 'resource-efficiency, grid: 5'])('%s', async (study) => {
    const report = compare(`{ type: ${study} }`, seeds.map(alike));
    expect(report.findings[0]).toMatchObject({ answer: 'undecided', evidence: expect.stringContaining('no seed has anything to measure') });
    expect(JSON.stringify([report.findings.map(({ evidence }) => evidence), report.sections.map(({ table }) => table)])).not.toMatch(/NaN|Infinity/);
    for (const { chart } of report.sections) expect(await renderSvg(studyChartSpec(chart, { theme: lightTheme }))).not.toMatch(/>[^<]*NaN/);
  });

  test('a seed of them is left out', () => {
    const report = compare('{ type: front-geometry, grid: 5 }', [...[0, 1].map((seed) => cell('fronts', seed, sweepOf(0.3 + jitter(seed), 4, morl(0)))), alike(2)]);
    expect(report.findings[0]).toMatchObject({ answer: 'yes', evidence: expect.stringContaining('2 seeds') });
  });
});
