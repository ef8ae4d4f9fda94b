import { SoupError } from '../errors';
import { bcaInterval, drawResampling, jackknifeMeans, normalQuantile, percentileInterval, resampledMeans, type Resampling } from './bootstrap';
import { holmAdjusted } from './holm';
import type { LmcPoint, LmcReport, RegionLmc, ResultPoint, RewardLmc, Verdict } from './results';
import { secondDifferences } from './second-differences';
import { regionOf, vertexOf, type Region, type Weights } from './simplex';
import { meanInterval, pValueAbove, pValueBelow, samplesToTrust, spread } from './mean-inference';

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

/** R(θ_λ) − chord, and 0 where the difference is only rounding: a test would find it significant among samples without spread. */
function marginOf(value: number, chord: number): number {
  const margin = value - chord;
  return Math.abs(margin) <= roundingUnits * Math.max(Math.abs(value), Math.abs(chord)) ? 0 : margin;
}

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
  return Float64Array.from(soup, (value, k) => marginOf(value, experts.reduce((chord, expert, i) => chord + weights[i] * expert[k], 0)));
}

/**
 * Checks linear mode connectivity: whether R(θ_λ) ≥ Σ λ_i R(θ_i) for each reward at every evaluated λ inside the simplex.
 * With paired samples each margin gets an interval, the two of the bootstrap beside it, and a one-sided p-value for "below
 * the chord by more than the tolerance", corrected by Holm over all λ and rewards. A reward is *violated* when a corrected test rejects, *holds* when
 * no margin's estimate is below −tolerance, and is *inconclusive* in between: some estimate is below, and the samples do
 * not say whether by chance. `established` counts the λ at which the opposite is significant. Without samples the
 * estimates alone decide.
 * @throws SoupError when an expert that a soup mixes was not evaluated, or there is no soup
 */
export function checkLmc(points: readonly ResultPoint[], options: LmcOptions = {}): LmcReport {
  const { alpha = 0.05, tolerance = 0, resamples = 2000, seed = 0 } = options;
  const experts = expertsOf(points);
  const soups = points.filter((point): point is Soup => point.kind === 'soup' && point.weights !== null && vertexOf(point.weights) === null);
  if (soups.length === 0) throw new SoupError('NothingToCheckError', 'the results hold no soup between experts: LMC is checked at points of kind "soup" with at least two positive weights');

  const draws = sharedDraws(resamples, seed);
  const estimate = (reward: string) => soups.map((soup) => estimateMargin(soup, experts, reward, { alpha, tolerance, draws }));
  const rewards = Object.keys(soups[0].rewards);
  const estimates = rewards.map(estimate);
  const tests = estimates.flat().filter(({ pValue }) => pValue !== null).length;
  const below = holmAdjusted(estimates.flat().map(({ pValue }) => pValue));
  const above = holmAdjusted(estimates.flat().map(({ pAbove }) => pAbove));
  const reports = rewards.map((reward, r): readonly [string, RewardLmc] => {
    const at = (adjusted: readonly (number | null)[], index: number) => adjusted[r * soups.length + index];
    const rows = estimates[r].map((row, index): Tested => ({ ...row, pAdjusted: at(below, index), pAboveAdjusted: at(above, index) }));
    return [reward, { ...judge(rows, { alpha, tolerance, tests }), secondDifferences: secondDifferences(points, reward) }];
  });
  return { rewards: Object.fromEntries(reports), verdict: overall(reports.map(([, { verdict }]) => verdict)) };
}

type Soup = ResultPoint & { readonly weights: Weights };

interface Estimate extends Omit<LmcPoint, 'pAdjusted'> {
  readonly pAbove: number | null;
  /** of the margin over the paired samples; null without them */
  readonly deviation: number | null;
  readonly n: number;
  readonly samplesToTrust: number | null;
}
interface Tested extends Estimate {
  readonly pAdjusted: number | null;
  readonly pAboveAdjusted: number | null;
}

function judge(rows: readonly Tested[], { alpha, tolerance, tests }: { readonly alpha: number; readonly tolerance: number; readonly tests: number }): Omit<RewardLmc, 'secondDifferences'> {
  const isBelow = ({ margin, value, chord }: Estimate) => margin < -tolerance - roundingUnits * Math.max(Math.abs(value), Math.abs(chord));
  const below = rows.filter(isBelow);
  const isRejected = ({ pAdjusted }: Tested) => pAdjusted !== null && pAdjusted <= alpha;
  const isUndecided = below.every(({ pAdjusted }) => pAdjusted !== null);
  const verdict: Verdict = below.length === 0 ? 'holds' : rows.some(isRejected) || !isUndecided ? 'violated' : 'inconclusive';
  const tested = rows.filter(({ pAboveAdjusted }) => pAboveAdjusted !== null);
  const trusted = rows.flatMap((row) => row.samplesToTrust ?? []);
  return {
    verdict,
    points: rows.map(({ pAbove: _a, pAboveAdjusted: _b, deviation: _c, n: _d, samplesToTrust: _e, ...point }) => point),
    worst: worstOf(rows),
    samplesToDecide: verdict === 'inconclusive' ? Math.min(...below.map((row) => samplesToDecide(row, -tolerance, alpha / tests))) : null,
    samplesToTrust: trusted.length === 0 ? null : Math.max(...trusted),
    established: tested.length === 0 ? null : tested.filter(({ pAboveAdjusted }) => pAboveAdjusted! <= alpha).length,
    regions: Object.fromEntries((['edge', 'face', 'interior'] as const).flatMap((region) => regionRows(rows, region, isBelow))),
  };
}

function regionRows(rows: readonly Tested[], region: Region, isBelow: (row: Tested) => boolean): (readonly [Region, RegionLmc])[] {
  const inside = rows.filter((row) => row.region === region);
  return inside.length === 0 ? [] : [[region, { points: inside.length, below: inside.filter(isBelow).length, worst: worstOf(inside) }]];
}

function worstOf(rows: readonly Estimate[]): RegionLmc['worst'] {
  const { weights, margin } = rows.reduce((low, row) => (row.margin < low.margin ? row : low));
  return { weights, margin };
}

/**
 * Samples at which a margin as far below `bound` as the estimated one is rejected with 80 % power (normal approximation),
 * at the level that Holm's first step asks for.
 */
function samplesToDecide({ margin, deviation, n }: Tested, bound: number, level: number): number {
  const needed = (((normalQuantile(1 - level) + normalQuantile(0.8)) * deviation!) / (bound - margin)) ** 2;
  return Math.max(Math.ceil(needed), n + 1);
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

/** One resampling for every number of samples that occurs: all λ see the same draws. */
function sharedDraws(resamples: number, seed: number): (n: number) => Resampling {
  const drawn = new Map<number, Resampling>();
  return (n) => {
    const draws = drawn.get(n) ?? drawResampling(n, resamples, seed);
    drawn.set(n, draws);
    return draws;
  };
}

interface EstimateOptions {
  readonly alpha: number;
  readonly tolerance: number;
  readonly draws: (n: number) => Resampling;
}

function estimateMargin(soup: Soup, experts: ReadonlyMap<string, ResultPoint>, reward: string, { alpha, tolerance, draws }: EstimateOptions): Estimate {
  const mixed = Object.entries(soup.weights).filter(([, weight]) => weight > 0);
  const measured = mixed.map(([name]) => {
    const measurement = experts.get(name)?.rewards[reward];
    if (!measurement) throw new SoupError('MissingExpertError', `the expert ${name} was not evaluated for ${reward}: the chord needs every expert that a soup mixes`);
    return measurement;
  });
  const weights = mixed.map(([, weight]) => weight);
  const value = soup.rewards[reward].mean;
  const chord = measured.reduce((sum, { mean }, index) => sum + weights[index] * mean, 0);
  const point = { weights: soup.weights, region: regionOf(soup.weights, experts.size), value, chord, margin: marginOf(value, chord) };
  const samples = soup.rewards[reward].samples;
  const expertSamples = measured.map((measurement) => measurement.samples);
  if (!samples || samples.length < 2 || !expertSamples.every((list) => list !== undefined)) return { ...point, ci: null, percentile: null, bca: null, pValue: null, pAbove: null, deviation: null, n: 0, samplesToTrust: null };
  const margins = marginSamples(samples, expertSamples, weights);
  const means = resampledMeans(margins, draws(margins.length));
  return {
    ...point,
    ci: meanInterval(margins, alpha),
    percentile: percentileInterval(means, alpha),
    bca: bcaInterval(spread(margins).mean, means, jackknifeMeans(margins), alpha),
    pValue: pValueBelow(margins, -tolerance),
    pAbove: pValueAbove(margins, -tolerance),
    deviation: spread(margins).deviation,
    n: margins.length,
    samplesToTrust: samplesToTrust(margins),
  };
}
