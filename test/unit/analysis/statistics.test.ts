import { basicInterval, bcaInterval, drawResampling, expandedLevel, jackknifeMeans, normalQuantile, percentileInterval, resampledMeans } from '../../../src/analysis/bootstrap';
import { holmAdjusted } from '../../../src/analysis/holm';
import { meanInterval, pValueAbove, pValueBelow, samplesToTrust, skewness, spread } from '../../../src/analysis/mean-inference';
import inference from '../../fixtures/analysis/mean-inference.json';
import reference from '../../fixtures/analysis/statistics.json';

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

describe('bootstrap, against scipy', () => {
  test.each(reference.bootstrap)('the intervals of given replicates, case %#', ({ samples, alpha, replicates, percentile, basic, bca }) => {
    const ours = percentileInterval(Float64Array.from(replicates), alpha);
    ours.forEach((end, index) => expect(end).toBeCloseTo(percentile[index], 12));
    basicInterval(mean(samples), Float64Array.from(replicates), alpha).forEach((end, index) => expect(end).toBeCloseTo(basic[index], 12));
    bcaInterval(mean(samples), Float64Array.from(replicates), jackknifeMeans(Float64Array.from(samples)), alpha).forEach((end, index) => expect(end).toBeCloseTo(bca[index], 7));
  });

  test.each(reference.close)('BCa from draws of our own comes near, case %#', ({ samples, alpha, bca }) => {
    const draws = drawResampling(samples.length, 40_000, 1);
    const ours = bcaInterval(mean(samples), resampledMeans(samples, draws), jackknifeMeans(Float64Array.from(samples)), alpha);
    const width = bca[1] - bca[0];
    ours.forEach((end, index) => expect(Math.abs(end - bca[index])).toBeLessThan(0.03 * width));
  });

  test.each([[0.05, 8, 0.011475041034059743], [0.05, 32, 0.03825166592695162], [0.01, 100, 0.008299491895815629]])('the expanded level of %p at n = %p is that of scipy\'s t and normal', (alpha, n, level) => expect(expandedLevel(alpha, n) / level).toBeCloseTo(1, 6));

  test('samples without spread give an interval without width', () => {
    const same = Float64Array.from([2, 2, 2]);
    expect(bcaInterval(2, resampledMeans(same, drawResampling(3, 100, 0)), jackknifeMeans(same), 0.05)).toEqual([2, 2]);
  });

  test('the same seed draws the same, another does not', () => {
    const [a, b, c] = [1, 1, 2].map((seed) => drawResampling(10, 5, seed).indices);
    expect(a).toEqual(b);
    expect(a).not.toEqual(c);
    expect(new Set(a).size).toBeGreaterThan(5);
  });
});

describe('inference for a mean', () => {
  test.each(inference)('tests and interval are those of mean_inference.py, case %#', ({ samples, bound, alpha, skewness: gamma, below, above, interval }) => {
    expect(skewness(samples)).toBeCloseTo(gamma, 10);
    expect(pValueBelow(samples, bound) / below).toBeCloseTo(1, 6);
    expect(pValueAbove(samples, bound) / above).toBeCloseTo(1, 6);
    meanInterval(samples, alpha).forEach((end, index) => expect(end).toBeCloseTo(interval[index], 7));
  });

  test.each(reference.tTest)('never more certain than Student, as scipy has it, at $bound', ({ samples, bound, below, above }) => {
    expect(pValueBelow(samples, bound)).toBeGreaterThanOrEqual(below * (1 - 1e-6));
    expect(pValueAbove(samples, bound)).toBeGreaterThanOrEqual(above * (1 - 1e-6));
  });

  test('of symmetric samples it is Student\'s, and only few or skewed samples are not to be trusted', () => {
    const symmetric = [-3, -2, -1, -1, 1, 1, 2, 3];
    expect(skewness(symmetric)).toBeCloseTo(0, 12);
    expect(pValueBelow(symmetric, 0)).toBeCloseTo(0.5, 7);
    expect(samplesToTrust([...symmetric, ...symmetric])).toBeNull();
    expect(samplesToTrust(symmetric)).toBe(16);
    const tailed = [...Array(15).fill(0), 1]; // γ = 4, so that γ²/0.25 = 64
    expect(skewness(tailed)).toBeCloseTo(4, 12);
    expect(samplesToTrust(tailed)).toBe(64);
  });
});

test('samples without spread decide by their mean; rounding is no evidence', () => {
  expect(pValueBelow([-1, -1, -1], 0)).toBe(0);
  expect(pValueBelow([1, 1, 1], 0)).toBe(1);
  expect(pValueBelow([0.1 + 0.2, 0.3, 0.3], 0.3 + 1e-16)).toBe(1);
  expect(spread([1, 2, 3, 4])).toEqual({ mean: 2.5, deviation: Math.sqrt(5 / 3), scale: 4 });
});

test.each(reference.holm)('Holm, against statsmodels, case %#', ({ pValues, adjusted }) => {
  const ours = holmAdjusted([null, ...pValues]);
  expect(ours[0]).toBeNull();
  adjusted.forEach((value, index) => expect(ours[index + 1]).toBeCloseTo(value, 12));
});

test('Holm: a published table (Holm 1979, by hand: 0.01, 0.04, 0.03, 0.005 at four tests)', () => {
  expect(holmAdjusted([0.01, 0.04, 0.03, 0.005]).map((value) => Number(value!.toFixed(12)))).toEqual([0.03, 0.06, 0.06, 0.02]);
});

test.each(reference.normalQuantile)('normal quantile of %p, against scipy', (probability, quantile) => expect(normalQuantile(probability)).toBeCloseTo(quantile, 8));
