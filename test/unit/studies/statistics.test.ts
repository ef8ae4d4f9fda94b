import { coverageOf } from '../../../src/studies/coverage';
import { estimateOverSeeds, isAbove } from '../../../src/studies/seed-estimate';
import { leastSquaresSlope } from '../../../src/studies/scale';
import { spearman } from '../../../src/studies/spearman';
import { heldOut } from '../../../src/studies/held-out';
import { unsupportedPoints } from '../../../src/studies/unsupported';
import { RandomStream } from '../../../src/trainer/random';
import { point } from './synthetic';

test.each([
  // half width over standard error: Student's t at 0.975, from printed tables (Abramowitz and Stegun, table 26.10)
  [[-1, 1], 12.706],
  [[-1, 0, 1], 4.303],
  [[-1, -1, 0, 1, 1], 2.776],
])('the interval over seeds of %j is Student\'s', (values, quantile) => {
  const { mean, ci } = estimateOverSeeds(values, 0.05);
  const n = values.length;
  const error = Math.sqrt(values.reduce((sum, value) => sum + value * value, 0) / (n - 1) / n);
  expect(mean).toBe(0);
  expect(ci![1] / error).toBeCloseTo(quantile, 2);
  expect(ci![0]).toBeCloseTo(-ci![1], 12);
});

test('one seed has no interval and decides nothing; whole intervals decide', () => {
  expect(estimateOverSeeds([3], 0.05)).toEqual({ mean: 3, ci: null, seeds: 1 });
  expect(isAbove({ mean: 3, ci: null, seeds: 1 }, 0)).toBe('undecided');
  expect([isAbove({ mean: 3, ci: [1, 5], seeds: 2 }, 0), isAbove({ mean: 3, ci: [1, 5], seeds: 2 }, 2), isAbove({ mean: 3, ci: [1, 5], seeds: 2 }, 6)]).toEqual(['yes', 'undecided', 'no']);
});

test('rank correlation and slope of published examples', () => {
  // IQ against hours of television, the worked example of the textbooks: ρ = −29/165
  const hours = [[106, 7], [100, 27], [86, 2], [101, 50], [99, 28], [103, 29], [97, 20], [113, 12], [112, 6], [110, 17]] as const;
  expect(spearman(hours)).toBeCloseTo(-29 / 165, 12);
  expect(spearman([[1, 1], [2, 1], [3, 1]])).toBe(0);
  // Anscombe's first set: slope 0.500
  const anscombe = [[10, 8.04], [8, 6.95], [13, 7.58], [9, 8.81], [11, 8.33], [14, 9.96], [6, 7.24], [4, 4.26], [12, 10.84], [7, 4.82], [5, 5.68]] as const;
  expect(leastSquaresSlope(anscombe)).toBeCloseTo(0.50009, 5);
});

test('what validation chose is valued on the other episodes', () => {
  const measured = (name: string, samples: readonly number[]) => ({ ...point('soup', name, { a: 1 }, {}), rewards: { truth: { mean: 0, samples } } });
  const choice = heldOut([measured('lucky', [9, 9, 1, 1]), measured('steady', [5, 5, 5, 5])], 'truth');
  expect(choice).toMatchObject({ point: { name: 'lucky' }, test: 1 });
  expect(heldOut([], 'truth')).toBeNull();
});

test('of fronts that are straight, so that every point is on the hull, at most one in twenty shows a dent', () => {
  const random = RandomStream.of(7, 10);
  const samplesOf = (level: number, shared: readonly number[]) => shared.map((common) => level + common + 0.1 * random.normal());
  const measured = (samples: readonly number[]) => ({ mean: samples.reduce((sum, value) => sum + value, 0) / samples.length, samples });
  const runs = 400;
  let dented = 0;
  for (let run = 0; run < runs; run++) {
    const noise = [0, 1].map(() => Array.from({ length: 24 }, () => random.normal()));
    const front = Array.from({ length: 11 }, (_, k) => ({ ...point('soup', String(k), { a: 1 }, {}), rewards: { x: measured(samplesOf(k / 10, noise[0]!)), y: measured(samplesOf(1 - k / 10, noise[1]!)) } }));
    if (unsupportedPoints(front).some(({ pValue }) => pValue < 0.05 / front.length)) dented++;
  }
  expect(dented / runs).toBeGreaterThan(0); // a test that never rejects would pass too
  expect(dented / runs).toBeLessThan(0.05 + 2 * Math.sqrt((0.05 * 0.95) / runs));
}, 60_000);

test('coverage by hand: above (−0.1, −0.1) the ends of a front cover their strips', () => {
  const at = (kind: 'expert' | 'soup' | 'morl', name: string, x: number, y: number) => ({ ...point(kind, name, { a: x, b: y }, {}), rewards: { x: { mean: x }, y: { mean: y } } });
  const coverage = coverageOf([at('expert', 'a', 1, 0), at('expert', 'b', 0, 1), at('soup', 's', 0.6, 0.6), at('morl', 'm', 0.5, 0.5)]);
  const [ends, soups, morl] = [0.11 + 0.11 - 0.01, 0.49 + 0.04 + 0.04, 0.36 + 0.05 + 0.05];
  expect(coverage).toMatchObject({ experts: expect.closeTo(ends / soups, 12), soups: expect.closeTo(1, 12), morl: expect.closeTo(morl / soups, 12) });
  // one training: 0.11, 0.11 or 0.36; two: the ends, or a strip of an end beside the run
  expect(coverage.morlByTrainings).toEqual([0.58 / 3, (0.21 + 2 * 0.41) / 3, 0.46].map((volume) => expect.closeTo(volume / soups, 12)));
  expect(coverage.morlBest).toBeCloseTo(0.41 / soups, 12);
});
