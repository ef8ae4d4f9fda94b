import { checkLmc } from '../../../src/analysis/lmc';
import { meanInterval, pValueBelow } from '../../../src/analysis/mean-inference';
import type { ResultPoint } from '../../../src/analysis/results';
import { RandomStream } from '../../../src/trainer/random';

test('over 2,000 simulated sweeps the 95 % intervals of a known margin hold it in 93 to 97 %', () => {
  const random = RandomStream.of(4, 0);
  const [n, margin, weights] = [64, 0.3, { a: 0.4, b: 0.6 }];
  const point = (kind: ResultPoint['kind'], at: Record<string, number>, samples: readonly number[]): ResultPoint => ({ kind, name: '', weights: at, rewards: { r: { mean: samples.reduce((sum, value) => sum + value, 0) / n, samples } } });
  const covered = { ci: 0, percentile: 0, bca: 0 };
  for (let run = 0; run < 2000; run++) {
    const shared = Array.from({ length: n }, () => 5 * random.normal());
    const noisy = (level: number) => shared.map((noise) => level + noise + random.normal());
    const points = [point('expert', { a: 1, b: 0 }, noisy(2)), point('expert', { a: 0, b: 1 }, noisy(1)), point('soup', weights, noisy(0.4 * 2 + 0.6 * 1 + margin))];
    const [{ ci, percentile, bca }] = checkLmc(points, { resamples: 400, seed: run }).rewards.r.points;
    covered.ci += Number(ci![0] <= margin && margin <= ci![1]);
    covered.percentile += Number(percentile![0] <= margin && margin <= percentile![1]);
    covered.bca += Number(bca![0] <= margin && margin <= bca![1]);
  }
  for (const count of Object.values(covered)) {
    expect(count / 2000).toBeGreaterThanOrEqual(0.93);
    expect(count / 2000).toBeLessThanOrEqual(0.97);
  }
}, 120_000);

/** Noise of mean 0. */
const noises = {
  normal: (random: RandomStream) => random.normal(),
  'a long upper tail': (random: RandomStream) => -Math.log(1 - random.uniform()) - 1,
  'a long lower tail': (random: RandomStream) => 1 + Math.log(1 - random.uniform()),
  'two long tails': (random: RandomStream) => random.normal() / Math.sqrt((random.normal() ** 2 + random.normal() ** 2 + random.normal() ** 2) / 3),
};

test.each(Object.entries(noises).flatMap(([name, noise]) => [16, 32].map((n) => [name, n, noise] as const)))('the interval of a margin holds the truth in 93 to 97 % with %s and %d samples, and the test errs little', (_, n, noise) => {
  const random = RandomStream.of(5, n);
  let [covered, rejected] = [0, 0];
  for (let run = 0; run < 2000; run++) {
    const margins = Float64Array.from({ length: n }, () => noise(random));
    const [low, high] = meanInterval(margins, 0.05);
    covered += Number(low <= 0 && 0 <= high);
    rejected += Number(pValueBelow(margins, 0) <= 0.05);
  }
  expect(covered / 2000).toBeGreaterThanOrEqual(0.93);
  expect(covered / 2000).toBeLessThanOrEqual(0.97);
  // Student's errs in up to 11.8 % of these
  expect(rejected / 2000).toBeLessThan(0.08);
});
