import type { Interval } from './bootstrap';
import { meanInterval, mostToTrust, spread } from './mean-inference';
import { parsePreference, type PreferenceScope, type Valued } from './preference';
import type { ResultPoint } from './results';
import { expectedBest, nextWeights, type Evaluated } from './search';
import { vertexOf, type Weights } from './simplex';

/** A search for the λ that fits a preference best. */
export interface PreferenceSearch {
  readonly preference: string;
  /** see `PreferenceScope`; default samples */
  readonly appliesTo?: PreferenceScope;
}

/** What a search found. It looked at one half of the samples only; what is said here is of the other half. */
export interface SearchAnswer {
  readonly preference: string;
  readonly appliesTo: PreferenceScope;
  readonly weights: Weights;
  readonly name: string;
  readonly value: { readonly estimate: number; readonly ci: Interval };
  /** value of the best expert, chosen on the same half as λ, less that of λ: negative where the soup is better */
  readonly regret: { readonly expert: string; readonly estimate: number; readonly ci: Interval } | null;
  /** samples that the search saw, and those that the answer is valued on */
  readonly samples: { readonly searched: number; readonly held: number };
  /** held-out samples from which the intervals err no more often than they say; null where there are as many */
  readonly samplesToTrust: number | null;
  /** every λ in the order of its evaluation, with what the search knew of it */
  readonly evaluations: readonly (Evaluated & { readonly name: string })[];
}

type Candidate = ResultPoint & { readonly weights: Weights };

/**
 * The λ to evaluate next for a preference, at most `count`; none once there is no λ left that differs from the ones there.
 * @param points evaluated so far; experts and soups count, with samples of all that the preference mentions
 */
export function proposeWeights(points: readonly ResultPoint[], search: PreferenceSearch, options: { readonly count: number; readonly seed: number }): Weights[] {
  const candidates = candidatesOf(points);
  return nextWeights(namesOf(candidates), searched(candidates, search), options);
}

/**
 * The answer of a search: the λ of the highest expected value on the samples that were searched, valued on those that
 * were held back, so that neither the choice nor the search makes it optimistic. Null without experts or soups with four
 * samples.
 * @throws SoupError as `parsePreference`
 */
export function answerOf(points: readonly ResultPoint[], search: PreferenceSearch, alpha = 0.05): SearchAnswer | null {
  const candidates = candidatesOf(points);
  if (candidates.length === 0 || halvesOf(candidates[0]).held.length < 2) return null;
  const known = searched(candidates, search);
  const { weights } = expectedBest(namesOf(candidates), known);
  const best = candidates[known.findIndex((one) => one.weights === weights)];
  const held = (point: Candidate) => pseudoValues(valuedOf(candidates, search)(point), halvesOf(point).held);
  const experts = candidates.map((point, index) => ({ point, known: known[index].value })).filter(({ point }) => vertexOf(point.weights) !== null);
  const expert = experts.length === 0 ? null : experts.reduce((most, one) => (one.known > most.known ? one : most)).point;
  const own = held(best);
  const regret = expert && held(expert).map((value, k) => value - own[k]);
  return {
    preference: search.preference,
    appliesTo: search.appliesTo ?? 'samples',
    weights,
    name: best.name,
    value: { estimate: spread(own).mean, ci: meanInterval(own, alpha) },
    regret: regret && { expert: vertexOf(expert.weights)!, estimate: spread(regret).mean, ci: meanInterval(regret, alpha) },
    samples: { searched: halvesOf(best).searched.length, held: own.length },
    samplesToTrust: mostToTrust([own, ...(regret ? [regret] : [])]),
    evaluations: known.map((one, index) => ({ ...one, name: candidates[index].name })),
  };
}

function candidatesOf(points: readonly ResultPoint[]): Candidate[] {
  return points.filter((point): point is Candidate => (point.kind === 'expert' || point.kind === 'soup') && point.weights !== null);
}

const namesOf = (candidates: readonly Candidate[]): string[] => [...new Set(candidates.flatMap(({ weights }) => Object.keys(weights)))];

/** Indices of the first half of the samples, which the search sees, and of the second. */
function halvesOf({ rewards }: ResultPoint): { readonly searched: readonly number[]; readonly held: readonly number[] } {
  const n = Object.values(rewards)[0].samples?.length ?? 0;
  const indices = Array.from({ length: n }, (_, k) => k);
  return { searched: indices.slice(0, Math.ceil(n / 2)), held: indices.slice(Math.ceil(n / 2)) };
}

function valuedOf(candidates: readonly Candidate[], { preference, appliesTo = 'samples' }: PreferenceSearch): (point: Candidate) => Valued {
  const judged = parsePreference(preference, candidates);
  return (point) => judged.on(point, appliesTo);
}

/**
 * What the search knows: values on its half, and the standard error of each against the mean of all λ, for noise that
 * all share moves no optimum.
 */
function searched(candidates: readonly Candidate[], search: PreferenceSearch): Evaluated[] {
  const valued = valuedOf(candidates, search);
  const rows = candidates.map((point) => pseudoValues(valued(point), halvesOf(point).searched));
  const common = rows[0].map((_, k) => rows.reduce((sum, row) => sum + row[k], 0) / rows.length);
  return candidates.map(({ weights }, index) => {
    const own = rows[index].map((value, k) => value - common[k]);
    return { weights, value: spread(rows[index]).mean, stderr: spread(own).deviation / Math.sqrt(own.length) };
  });
}

/**
 * Values whose mean is the preference on these samples and whose spread is that of its estimate: the utilities themselves
 * where it is a mean of them, else the jackknife's pseudo-values (Efron & Tibshirani 1993, section 11.2).
 */
function pseudoValues({ columns, value }: Valued, indices: readonly number[]): Float64Array {
  const n = indices.length;
  const sums = columns.map((column) => indices.reduce((sum, k) => sum + column[k], 0));
  const whole = value(sums.map((sum) => sum / n));
  if (n < 2) return Float64Array.of(whole);
  const pseudo = Float64Array.from(indices, (k) => n * whole - (n - 1) * value(columns.map((column, c) => (sums[c] - column[k]) / (n - 1))));
  // the mean of pseudo-values also corrects the bias of a preference of means, which the value that is told has
  const shift = whole - spread(pseudo).mean;
  return pseudo.map((one) => one + shift);
}
