import { checkLmc } from '../../../src/analysis/lmc';
import type { ResultPoint } from '../../../src/analysis/results';
import { RandomStream } from '../../../src/trainer/random';

test('over 2,000 simulated sweeps the 95 % intervals of a known margin hold it in 93 to 97 %', () => {
  const random = RandomStream.of(4, 0);
  const [n, margin, weights] = [64, 0.3, { a: 0.4, b: 0.6 }];
  const point = (kind: ResultPoint['kind'], at: Record<string, number>, samples: readonly number[]): ResultPoint => ({ kind, name: '', weights: at, rewards: { r: { mean: samples.reduce((sum, value) => sum + value, 0) / n, samples } } });
  const covered = { ci: 0, bca: 0 };
  for (let run = 0; run < 2000; run++) {
    const shared = Array.from({ length: n }, () => 5 * random.normal());
    const noisy = (level: number) => shared.map((noise) => level + noise + random.normal());
    const points = [point('expert', { a: 1, b: 0 }, noisy(2)), point('expert', { a: 0, b: 1 }, noisy(1)), point('soup', weights, noisy(0.4 * 2 + 0.6 * 1 + margin))];
    const [{ ci, bca }] = checkLmc(points, { resamples: 400, seed: run }).rewards.r.points;
    covered.ci += Number(ci![0] <= margin && margin <= ci![1]);
    covered.bca += Number(bca![0] <= margin && margin <= bca![1]);
  }
  for (const count of Object.values(covered)) {
    expect(count / 2000).toBeGreaterThanOrEqual(0.93);
    expect(count / 2000).toBeLessThanOrEqual(0.97);
  }
}, 120_000);
