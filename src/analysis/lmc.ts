import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { SoupError } from '../errors';
import type { LmcPoint, LmcReport, ResultPoint, RewardLmc, Verdict } from './results';
import { vertexOf, type Weights } from './simplex';

export interface LmcOptions {
  /** level of intervals and tests */
  readonly alpha?: number;
  /** how far below the chord still counts as connected, in units of the reward */
  readonly tolerance?: number;
  /** bootstrap resamples */
  readonly resamples?: number;
  readonly seed?: number;
}

/** Differences of sums of decimal numbers: below this, relative to the values, a margin is rounding. */
const roundingUnits = 1e-12;

/**
 * Margin of a soup above the chord between its experts, sample by sample: R(θ_λ) − Σ λ_i R(θ_i).
 * Positive where linear mode connectivity holds (Ramé et al. 2023, Hypothesis 1).
 * @param soup per-sample rewards of the soup, [n]; paired with every expert's by index
 * @param experts per-sample rewards of each expert, [N][n]
 * @param weights λ on the simplex, [N]
 * @throws SoupError `UnpairedSamplesError` when the lengths differ
 */
export function marginSamples(soup: readonly number[], experts: readonly (readonly number[])[], weights: readonly number[]): Float64Array {
  for (const expert of experts) if (expert.length !== soup.length) throw new SoupError('UnpairedSamplesError', `a soup has ${soup.length} samples and an expert ${expert.length}: sample k of every point has to use the same seed or prompt`);
  return Float64Array.from(soup, (value, k) => value - experts.reduce((chord, expert, i) => chord + weights[i] * expert[k], 0));
}

/**
 * Checks linear mode connectivity: whether R(θ_λ) ≥ Σ λ_i R(θ_i) for each reward at every evaluated λ inside the simplex.
 * With paired samples each margin gets a percentile bootstrap interval and a one-sided p-value for "below the chord by
 * more than the tolerance", corrected by Holm over all λ and rewards. A reward is *violated* when a corrected test
 * rejects, *holds* when no margin's estimate is below the tolerance, and is *inconclusive* in between: some estimate is
 * below, and the samples do not say whether by chance. Without samples the estimates alone decide.
 * @throws SoupError when an expert that a soup mixes was not evaluated, or there is no soup
 */
export function checkLmc(points: readonly ResultPoint[], options: LmcOptions = {}): LmcReport {
  const { alpha = 0.05, tolerance = 0, resamples = 2000, seed = 0 } = options;
  const experts = expertsOf(points);
  const soups = points.filter((point): point is ResultPoint & { weights: Weights } => point.kind === 'soup' && point.weights !== null && vertexOf(point.weights) === null);
  if (soups.length === 0) throw new SoupError('NothingToCheckError', 'the results hold no soup between experts: LMC is checked at points of kind "soup" with at least two positive weights');

  const rewards = Object.keys(soups[0].rewards);
  const estimates = rewards.map((reward) => soups.map((soup) => estimateMargin(soup, experts, reward, { alpha, tolerance, resamples, seed })));
  const rejected = holm(estimates.flat().map(({ pValue }) => pValue), alpha);
  const reports = rewards.map((reward, r): readonly [string, RewardLmc] => {
    const rows = estimates[r];
    const violated = rows.some((_, index) => rejected[r * soups.length + index]);
    const isBelow = ({ margin, value, chord }: Estimate) => margin < -tolerance - roundingUnits * Math.max(Math.abs(value), Math.abs(chord));
    const below = rows.filter(isBelow);
    const undecided = below.filter(({ pValue }) => pValue !== null);
    const verdict: Verdict = violated ? 'violated' : below.length === 0 ? 'holds' : undecided.length === below.length ? 'inconclusive' : 'violated';
    const worst = rows.reduce((low, row) => (row.margin < low.margin ? row : low));
    const points = rows.map(({ samplesToDecide: _, ...point }): LmcPoint => point);
    return [reward, { verdict, points, worst: { weights: worst.weights, margin: worst.margin }, samplesToDecide: verdict === 'inconclusive' ? Math.max(...undecided.map(({ samplesToDecide }) => samplesToDecide ?? 0)) : null }];
  });
  return { rewards: Object.fromEntries(reports), verdict: overall(reports.map(([, { verdict }]) => verdict)) };
}

function overall(verdicts: readonly Verdict[]): Verdict {
  return verdicts.includes('violated') ? 'violated' : verdicts.includes('inconclusive') ? 'inconclusive' : 'holds';
}

/** Evaluated experts by name: the point where all weight is theirs (of kind expert, else a soup at a corner). */
function expertsOf(points: readonly ResultPoint[]): ReadonlyMap<string, ResultPoint> {
  const experts = new Map<string, ResultPoint>();
  for (const kind of ['soup', 'expert']) {
    for (const point of points) {
      const name = point.kind === kind && point.weights ? vertexOf(point.weights) : null;
      if (name) experts.set(name, point);
    }
  }
  return experts;
}

interface Estimate extends LmcPoint {
  readonly samplesToDecide: number | null;
}

function estimateMargin(soup: ResultPoint & { weights: Weights }, experts: ReadonlyMap<string, ResultPoint>, reward: string, options: Required<LmcOptions>): Estimate {
  const mixed = Object.entries(soup.weights).filter(([, weight]) => weight > 0);
  const measured = mixed.map(([name]) => {
    const measurement = experts.get(name)?.rewards[reward];
    if (!measurement) throw new SoupError('MissingExpertError', `the expert ${name} was not evaluated for ${reward}: the chord needs every expert that a soup mixes`);
    return measurement;
  });
  const weights = mixed.map(([, weight]) => weight);
  const value = soup.rewards[reward].mean;
  const chord = measured.reduce((sum, { mean }, index) => sum + weights[index] * mean, 0);
  const point = { weights: soup.weights, value, chord, margin: value - chord };
  const samples = soup.rewards[reward].samples;
  const expertSamples = measured.map((measurement) => measurement.samples);
  if (!samples || samples.length < 2 || !expertSamples.every((list) => list !== undefined)) return { ...point, ci: null, pValue: null, samplesToDecide: null };
  return { ...point, ...bootstrap(marginSamples(samples, expertSamples, weights), options) };
}

/**
 * Percentile interval of the mean margin, one-sided p-value of H₀ "mean ≥ −tolerance" by the bootstrap centred on H₀,
 * and the samples at which an effect of the observed size would be significant with 80 % power (normal approximation).
 */
function bootstrap(margins: Float64Array, { alpha, tolerance, resamples, seed }: Required<LmcOptions>): { ci: [number, number]; pValue: number; samplesToDecide: number | null } {
  const n = margins.length;
  const mean = margins.reduce((sum, value) => sum + value, 0) / n;
  // the same seed at every λ: all points see the same resampled indices, as they share seeds and prompts
  const random = xoroshiro128plus(seed);
  const means = new Float64Array(resamples);
  for (let b = 0; b < resamples; b++) {
    let sum = 0;
    for (let k = 0; k < n; k++) sum += margins[uniformInt(random, 0, n - 1)];
    means[b] = sum / n;
  }
  means.sort();
  const extreme = means.reduce((count, value) => count + Number(value - mean <= mean + tolerance), 0);
  const deviation = Math.sqrt(margins.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (n - 1));
  const effect = -tolerance - mean;
  const needed = effect > 0 ? Math.ceil((((normalQuantile(1 - alpha) + normalQuantile(0.8)) * deviation) / effect) ** 2) : null;
  return { ci: [quantile(means, alpha / 2), quantile(means, 1 - alpha / 2)], pValue: (extreme + 1) / (resamples + 1), samplesToDecide: needed === null ? null : Math.max(needed, n + 1) };
}

/** Quantile of sorted values by linear interpolation (R's type 7, NumPy's default). */
function quantile(sorted: Float64Array, probability: number): number {
  const position = probability * (sorted.length - 1);
  const low = Math.floor(position);
  return sorted[low] + (position - low) * (sorted[Math.min(low + 1, sorted.length - 1)] - sorted[low]);
}

/** Inverse of the standard normal distribution (Acklam's rational approximation, central region; |relative error| < 1.2e-9). */
function normalQuantile(probability: number): number {
  const q = probability - 0.5;
  const tail = Math.min(probability, 1 - probability);
  if (tail < 0.02425) {
    const t = Math.sqrt(-2 * Math.log(tail));
    const value = (((((-7.784894002430293e-3 * t - 0.3223964580411365) * t - 2.400758277161838) * t - 2.549732539343734) * t + 4.374664141464968) * t + 2.938163982698783) / ((((7.784695709041462e-3 * t + 0.3224671290700398) * t + 2.445134137142996) * t + 3.754408661907416) * t + 1);
    return q < 0 ? value : -value;
  }
  const r = q * q;
  return ((((((-39.69683028665376 * r + 220.9460984245205) * r - 275.9285104469687) * r + 138.357751867269) * r - 30.66479806614716) * r + 2.506628277459239) * q) / (((((-54.47609879822406 * r + 161.5858368580409) * r - 155.6989798598866) * r + 66.80131188771972) * r - 13.28068155288572) * r + 1);
}

/** Holm's step-down correction: which hypotheses are rejected at family-wise level alpha; null p-values are not tests. */
function holm(pValues: readonly (number | null)[], alpha: number): boolean[] {
  const tests = pValues.map((pValue, index) => ({ pValue, index })).filter((test): test is { pValue: number; index: number } => test.pValue !== null);
  const rejected = pValues.map(() => false);
  tests.sort((a, b) => a.pValue - b.pValue);
  for (const [rank, { pValue, index }] of tests.entries()) {
    if (pValue > alpha / (tests.length - rank)) break;
    rejected[index] = true;
  }
  return rejected;
}
