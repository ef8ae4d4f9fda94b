import { SoupError } from '../errors';
import { parseExpression } from '../experiment/expression';
import type { Measurement, ResultPoint } from './results';

/**
 * What a preference applies to. `samples`: it is a reward itself, valued on each sample (prompt, episode) and then
 * averaged, E[U(r)]. `means`: it is a judgement of the average behaviour, U(E[r]). The two agree where the preference is
 * linear, and differ by Jensen's inequality where it is not (Hayes et al. 2022, section 4.2, call them ESR and SER).
 */
export type PreferenceScope = 'samples' | 'means';

/** How good a point is on a set of samples, made of sums over them so that folds and resamples are cheap. */
export interface Valued {
  /** [columns][n], or [columns][1] where only means are known */
  readonly columns: readonly Float64Array[];
  /** the preference of a set of samples, from the mean of each column over it */
  readonly value: (means: readonly number[]) => number;
}

export interface Preference {
  readonly text: string;
  /** the rewards and metrics that it mentions */
  readonly names: readonly string[];
  /** whether every point has samples of all of those, as many as the others */
  readonly hasSamples: (points: readonly ResultPoint[]) => boolean;
  readonly on: (point: ResultPoint, scope: PreferenceScope) => Valued;
  readonly ofMeans: (point: ResultPoint) => number;
}

/**
 * Reads a preference: an expression over the rewards and metrics of the results.
 * @throws SoupError (ExpressionError) for a name that the results do not hold; `PreferenceValueError` later, where it
 * has no value at a point
 */
export function parsePreference(text: string, points: readonly ResultPoint[]): Preference {
  const known = [...new Set([...Object.keys(points[0]?.rewards ?? {}), ...Object.keys(points[0]?.metrics ?? {})])];
  const { names, evaluate } = parseExpression(text, known);
  if (names.length === 0) throw new SoupError('PreferenceError', `--preference "${text}" mentions no reward, so every λ is alike: name some of ${known.join(', ')}`);
  const evaluateAt = (values: readonly number[], where: string): number => {
    const value = evaluate(Object.fromEntries(names.map((name, index) => [name, values[index]])));
    if (!Number.isFinite(value)) throw new SoupError('PreferenceValueError', `the preference ${text} has no finite value at ${where} (${names.map((name, index) => `${name} ${values[index]}`).join(', ')}): logarithms, roots and divisions need a domain that every point lies in`);
    return value;
  };
  const samplesOf = (point: ResultPoint) => names.map((name) => measured(point, name).samples);
  return {
    text,
    names,
    hasSamples: (among) => {
      const lengths = new Set(among.flatMap((point) => samplesOf(point).map((samples) => samples?.length ?? 0)));
      if (!lengths.has(0) && lengths.size > 1) throw new SoupError('UnpairedSamplesError', `the points have ${[...lengths].join(' or ')} samples: sample k of every point has to use the same seed or prompt`);
      return !lengths.has(0);
    },
    on: (point, scope) => {
      const samples = samplesOf(point) as readonly (readonly number[])[];
      if (scope === 'means') return { columns: samples.map((list) => Float64Array.from(list)), value: (means) => evaluateAt(means, `the means of ${point.name}`) };
      const utility = Float64Array.from(samples[0], (_, k) => evaluateAt(samples.map((list) => list[k]), `sample ${k} of ${point.name}`));
      return { columns: [utility], value: ([mean]) => mean };
    },
    ofMeans: (point) => evaluateAt(names.map((name) => measured(point, name).mean), point.name),
  };
}

function measured(point: ResultPoint, name: string): Measurement {
  const measurement = point.rewards[name] ?? point.metrics?.[name];
  if (!measurement) throw new SoupError('PreferenceError', `the point ${point.name} was not measured for ${name}`);
  return measurement;
}
