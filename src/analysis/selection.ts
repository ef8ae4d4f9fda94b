import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { SoupError } from '../errors';
import { drawResampling, expandedLevel, percentileInterval, resampledMeans, type Interval, type Resampling } from './bootstrap';
import { mostToTrust } from './mean-inference';
import { parsePreference, type PreferenceScope, type Valued } from './preference';
import type { PointKind, ResultPoint } from './results';
import { sameWeights, vertexOf, type Weights } from './simplex';

export interface SelectionOptions {
  /** see `PreferenceScope`; samples where the results hold them */
  readonly appliesTo?: PreferenceScope;
  readonly folds?: number;
  /** cross-validations with folds drawn anew, averaged */
  readonly repeats?: number;
  readonly alpha?: number;
  readonly resamples?: number;
  readonly seed?: number;
}

/** The λ that fits a preference, and what it is worth. `soup select --json` */
export interface Selection {
  readonly preference: string;
  readonly appliesTo: PreferenceScope;
  readonly weights: Weights;
  readonly name: string;
  /** `estimate` is cross-validated: each sample was valued at the λ that the other folds chose. `apparent` is the value on the very samples that chose λ, which is optimistic. */
  readonly value: { readonly estimate: number; readonly ci: Interval | null; readonly apparent: number };
  /** value of the best expert less that of the chosen λ, chosen and valued on the same folds: negative where the soup is better; null without an expert */
  readonly regret: { readonly expert: string; readonly estimate: number; readonly ci: Interval | null } | null;
  /** λ by how often a fold chose them; empty without samples */
  readonly stability: readonly { readonly weights: Weights; readonly share: number }[];
  /** null without samples: then value and regret are of the means that chose λ, and optimistic */
  readonly validation: { readonly samples: number; readonly folds: number; readonly repeats: number } | null;
  /** samples from which the intervals err no more often than they say; null where there are as many, or none */
  readonly samplesToTrust: number | null;
  /** every λ with its value on all samples, best first */
  readonly candidates: readonly { readonly kind: PointKind; readonly name: string; readonly weights: Weights; readonly value: number }[];
}

type Candidate = ResultPoint & { readonly weights: Weights };

/**
 * Chooses λ among the evaluated soups and experts for a preference over rewards and metrics. With paired samples the
 * value that is reported comes from repeated K-fold cross-validation over the samples: λ is chosen on the other folds and
 * valued on the held-out one, so that it is not optimistic for having been chosen on the same noise. Regret is paired over the
 * samples, and both have intervals that allow for the choice: each holds that of the held-out values and that of the choice's own
 * bootstrap, for either alone is a little narrow (bench/README.md). Without samples λ is chosen and valued by the means.
 * @throws SoupError for a preference that names what was not measured, or results without soups and experts
 */
export function selectWeights(points: readonly ResultPoint[], preference: string, options: SelectionOptions = {}): Selection {
  const candidates = candidatesOf(points);
  if (candidates.length === 0) throw new SoupError('NothingToSelectError', 'the results hold no soup and no expert to choose from');
  const judged = parsePreference(preference, candidates);
  const hasSamples = judged.hasSamples(candidates) && samplesOf(candidates[0], judged.names[0]) >= 4;
  if (options.appliesTo === 'samples' && !hasSamples) throw new SoupError('NoSamplesError', 'the results hold no samples (four or more a point) that the preference could be applied to one by one: apply it to the means');
  const appliesTo = options.appliesTo ?? (hasSamples ? 'samples' : 'means');
  if (!hasSamples) return byMeans(candidates, judged.text, candidates.map(judged.ofMeans));
  return byValidation(candidates, judged.text, appliesTo, candidates.map((point) => judged.on(point, appliesTo)), options);
}

/**
 * The selection that a report shows: for the preference, or for the mean of all rewards where none is given. Null where
 * there is nothing to choose from, or rewards bear names that no expression can mention.
 */
export function selectForReport(points: readonly ResultPoint[], options: SelectionOptions, preference?: string): Selection | null {
  const rewards = Object.keys(points[0]?.rewards ?? {});
  if (preference === undefined && (candidatesOf(points).length === 0 || !rewards.every((name) => /^[A-Za-z_]\w*$/.test(name)))) return null;
  return selectWeights(points, preference ?? `mean(${rewards.join(', ')})`, options);
}

/** Soups and experts with weights; of two at the same λ the expert. */
function candidatesOf(points: readonly ResultPoint[]): Candidate[] {
  const weighted = points.filter((point): point is Candidate => (point.kind === 'expert' || point.kind === 'soup') && point.weights !== null);
  return weighted.filter((point, index) => !weighted.some((other, at) => sameWeights(point.weights, other.weights) && (other.kind === point.kind ? at < index : other.kind === 'expert')));
}

const samplesOf = (point: ResultPoint, name: string): number => (point.rewards[name] ?? point.metrics?.[name])?.samples?.length ?? 0;
const isExpert = ({ weights }: Candidate): boolean => vertexOf(weights) !== null;

function byMeans(candidates: readonly Candidate[], preference: string, values: readonly number[]): Selection {
  const best = argmax(values);
  const experts = candidates.flatMap((point, index) => (isExpert(point) ? [index] : []));
  const expert = experts.length === 0 ? null : experts[argmax(experts.map((index) => values[index]))];
  return {
    ...chosen(candidates, values, best),
    preference, appliesTo: 'means',
    value: { estimate: values[best], ci: null, apparent: values[best] },
    regret: expert === null ? null : { expert: vertexOf(candidates[expert].weights)!, estimate: values[expert] - values[best], ci: null },
    stability: [], validation: null, samplesToTrust: null,
  };
}

function byValidation(candidates: readonly Candidate[], preference: string, appliesTo: PreferenceScope, valued: readonly Valued[], options: SelectionOptions): Selection {
  const { folds = 5, repeats = 10, alpha = 0.05, resamples = 2000, seed = 0 } = options;
  const n = valued[0].columns[0].length;
  const rounds = drawRounds(n, Math.min(folds, n), repeats, seed);
  const everything = candidates.map((_, index) => index);
  const experts = everything.filter((index) => isExpert(candidates[index]));
  const values = valued.map((one) => one.value(one.columns.map(mean)));
  const best = argmax(values);
  const { value } = valued[best];
  const soup = rounds.map((round) => heldOut(valued, everything, round));
  const rival = experts.length === 0 ? null : rounds.map((round) => heldOut(valued, experts, round));

  const estimate = (held: readonly HeldOut[]) => held.reduce((total, { columns }) => total + value(columns.map(mean)), 0) / held.length;
  const expert = experts.length === 0 ? null : experts[argmax(experts.map((index) => values[index]))];
  const [draws, level] = [drawResampling(n, resamples, seed), expandedLevel(alpha, n)];
  const byChoice = choiceIntervals(valued, values, experts, draws, level);
  const byHeldOut = heldOutIntervals(soup, rival, value, draws, level);
  const regret = rival && { expert: vertexOf(candidates[expert!].weights)!, estimate: estimate(rival) - estimate(soup), ci: hull(byChoice.regret, byHeldOut.regret) };
  const choices = soup.flatMap(({ choices: of }) => of);
  return {
    ...chosen(candidates, values, best),
    preference, appliesTo,
    value: { estimate: estimate(soup), ci: hull(byChoice.value, byHeldOut.value), apparent: values[best] },
    regret,
    stability: [...new Set(choices)].map((index) => ({ weights: candidates[index].weights, share: choices.filter((choice) => choice === index).length / choices.length })).sort((a, b) => b.share - a.share),
    validation: { samples: n, folds: Math.min(folds, n), repeats },
    samplesToTrust: mostToTrust(valued[best].columns),
  };
}

interface Intervals {
  readonly value: Interval;
  readonly regret: Interval;
}

const hull = (a: Interval, b: Interval): Interval => [Math.min(a[0], b[0]), Math.max(a[1], b[1])];

/** Percentile intervals of the held-out values, pooled over the rounds, so that they are as wide as the choice is unsure. */
function heldOutIntervals(soup: readonly HeldOut[], rival: readonly HeldOut[] | null, value: Valued['value'], draws: Resampling, alpha: number): Intervals {
  const replicates = (held: readonly HeldOut[]) => Float64Array.from(held.flatMap(({ columns }) => {
    const means = columns.map((column) => resampledMeans(column, draws));
    return Array.from(means[0], (_, b) => value(means.map((column) => column[b])));
  }));
  const [own, others] = [replicates(soup), rival && replicates(rival)];
  return { value: percentileInterval(own, alpha), regret: others ? percentileInterval(others.map((one, at) => one - own[at]), alpha) : [0, 0] };
}

/**
 * Intervals of the value and the regret of the λ that was chosen, from a bootstrap of the choice itself: each resample
 * chooses anew, and by how much its choice looks better on the resample than on all samples stands for how much the
 * choice on all samples looks better than it is (the optimism; Efron & Tibshirani 1993, section 17.6).
 * @param values of all candidates on all samples
 */
function choiceIntervals(valued: readonly Valued[], values: readonly number[], experts: readonly number[], draws: Resampling, alpha: number): Intervals {
  const everything = values.map((_, index) => index);
  const resampled = valued.map((one) => one.columns.map((column) => resampledMeans(column, draws)));
  const [optimism, ofRegret] = [new Float64Array(draws.resamples), new Float64Array(draws.resamples)];
  const bestOf = (among: readonly number[], of: readonly number[]) => (among.length === 0 ? null : among[argmax(among.map((index) => of[index]))]);
  for (let b = 0; b < draws.resamples; b++) {
    const own = valued.map((one, index) => one.value(resampled[index].map((column) => column[b])));
    const excess = (among: readonly number[]) => {
      const best = bestOf(among, own);
      return best === null ? 0 : own[best] - values[best];
    };
    optimism[b] = excess(everything);
    ofRegret[b] = excess(experts) - optimism[b];
  }
  const corrected = (apparent: number, replicates: Float64Array): Interval => {
    const [low, high] = percentileInterval(replicates, alpha);
    return [apparent - high, apparent - low];
  };
  const [best, expert] = [bestOf(everything, values)!, bestOf(experts, values)];
  return { value: corrected(values[best], optimism), regret: corrected((expert === null ? 0 : values[expert]) - values[best], ofRegret) };
}

function chosen(candidates: readonly Candidate[], values: readonly number[], best: number): Pick<Selection, 'weights' | 'name' | 'candidates'> {
  const rows = candidates.map(({ kind, name, weights }, index) => ({ kind, name, weights, value: values[index] }));
  return { weights: candidates[best].weights, name: candidates[best].name, candidates: rows.sort((a, b) => b.value - a.value) };
}

/** Folds of one cross-validation: indices of the samples that each holds out. */
type Round = readonly (readonly number[])[];

/** Shuffled samples cut into folds, anew in every round: [repeats][folds]. */
function drawRounds(n: number, folds: number, repeats: number, seed: number): Round[] {
  const random = xoroshiro128plus(seed);
  return Array.from({ length: repeats }, () => {
    const order = Array.from({ length: n }, (_, k) => k);
    for (let k = n - 1; k > 0; k--) {
      const other = uniformInt(random, 0, k);
      [order[k], order[other]] = [order[other], order[k]];
    }
    return Array.from({ length: folds }, (_, fold) => order.filter((_, at) => at % folds === fold));
  });
}

/** Each sample's columns at the candidate that was best on the other folds, [columns][n], and that candidate, fold by fold. */
interface HeldOut {
  readonly columns: readonly Float64Array[];
  readonly choices: readonly number[];
}

function heldOut(valued: readonly Valued[], among: readonly number[], round: Round): HeldOut {
  const n = valued[0].columns[0].length;
  const columns = valued[0].columns.map(() => new Float64Array(n));
  const choices = round.map((fold) => {
    const meansOutside = (index: number) => valued[index].columns.map((column) => (sum(column) - fold.reduce((total, k) => total + column[k], 0)) / (n - fold.length));
    const best = among[argmax(among.map((index) => valued[index].value(meansOutside(index))))];
    for (const k of fold) columns.forEach((column, c) => (column[k] = valued[best].columns[c][k]));
    return best;
  });
  return { columns, choices };
}

/** Index of the largest; of equal ones the first. */
function argmax(values: readonly number[]): number {
  return values.reduce((best, value, index) => (value > values[best] ? index : best), 0);
}

const sum = (values: Float64Array): number => values.reduce((total, value) => total + value, 0);
const mean = (values: Float64Array): number => sum(values) / values.length;
