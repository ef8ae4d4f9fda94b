import { jStat } from 'jstat';
import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import type { RandomGenerator } from 'pure-rand/types/RandomGenerator';
import { fitSurface, type Prediction } from './gaussian-process';
import { sameWeights, type Weights } from './simplex';

/** What an evaluation said of a λ. `stderr` is that of the mean; 0 where it is exact. */
export interface Evaluated {
  readonly weights: Weights;
  readonly value: number;
  readonly stderr: number;
}

/** The evaluated λ of the highest expected value, which is smoothed over its neighbours: less optimistic than the best value seen. */
export type ExpectedBest = { readonly weights: Weights } & Prediction;

const randomCandidates = 600;
const nearbyCandidates = 200;

/** The evaluated λ whose expected value is highest. @param evaluated at least one */
export function expectedBest(names: readonly string[], evaluated: readonly Evaluated[]): ExpectedBest {
  return highest(names, evaluated, surfaceOf(names, evaluated));
}

function highest(names: readonly string[], evaluated: readonly Evaluated[], predict: Surface): ExpectedBest {
  const rows = evaluated.map(({ weights }) => ({ weights, ...predict(vectorOf(names, weights)) }));
  return rows.reduce((best, row) => (row.mean > best.mean ? row : best));
}

/**
 * The λ to evaluate next in a Bayesian optimisation: the experts and the uniform soup first, then those of the largest
 * expected improvement under a Gaussian process over the simplex that is fitted to what was measured (Jones et al. 1998).
 * With five experts some 40 evaluations replace a grid of 1,001. λ are in hundredths, and none is evaluated already; fewer
 * than asked for where none is left. Depends on its arguments alone, so that a search that was cut off goes on from what is
 * there. Within a batch each λ is chosen as if the ones before had come out as expected.
 */
export function nextWeights(names: readonly string[], evaluated: readonly Evaluated[], { count, seed }: { readonly count: number; readonly seed: number }): Weights[] {
  const open = startingWeights(names).filter((weights) => !evaluated.some((one) => sameWeights(one.weights, weights)));
  const chosen = open.slice(0, count);
  const random = xoroshiro128plus(seed + 7919 * evaluated.length);
  const measured = evaluated.length > 0 ? surfaceOf(names, evaluated) : () => ({ mean: 0, deviation: 1 });
  while (chosen.length < count) {
    const expected = chosen.map((weights) => ({ weights, value: measured(vectorOf(names, weights)).mean, stderr: 0 }));
    const known = [...evaluated, ...expected];
    const predict = surfaceOf(names, known);
    const incumbent = highest(names, known, predict);
    const drawn = [...Array.from({ length: randomCandidates }, () => randomPoint(names.length, random)), ...Array.from({ length: nearbyCandidates }, () => nearby(vectorOf(names, incumbent.weights), random))];
    const taken = new Set(known.map(({ weights }) => String(onGrid(vectorOf(names, weights)))));
    const candidates = drawn.map(onGrid).filter((x) => !taken.has(String(x)));
    if (candidates.length === 0) break;
    const best = candidates.map((x) => ({ x, gain: expectedImprovement(predict(x), incumbent.mean) })).reduce((most, one) => (one.gain > most.gain ? one : most));
    chosen.push(Object.fromEntries(names.map((name, index) => [name, best.x[index]])));
  }
  return chosen;
}

function startingWeights(names: readonly string[]): Weights[] {
  const corner = (name: string) => Object.fromEntries(names.map((other) => [other, other === name ? 1 : 0]));
  return [...names.map(corner), Object.fromEntries(names.map((name) => [name, 1 / names.length]))];
}

type Surface = (x: readonly number[]) => Prediction;

function surfaceOf(names: readonly string[], evaluated: readonly Evaluated[]): Surface {
  return fitSurface(evaluated.map(({ weights, value, stderr }) => ({ x: vectorOf(names, weights), y: value, variance: stderr ** 2 })));
}

const vectorOf = (names: readonly string[], weights: Weights): number[] => names.map((name) => weights[name] ?? 0);

/** E[max(0, f − best)] of a normal f. */
function expectedImprovement({ mean, deviation }: Prediction, best: number): number {
  if (deviation === 0) return Math.max(0, mean - best);
  const z = (mean - best) / deviation;
  return (mean - best) * jStat.normal.cdf(z, 0, 1) + (deviation * Math.exp(-0.5 * z * z)) / Math.sqrt(2 * Math.PI);
}

const gridSteps = 100;

/** The nearest λ in whole steps: what rounding down takes goes to those that it took most from. */
function onGrid(x: readonly number[]): number[] {
  const scaled = x.map((value) => value * gridSteps);
  const whole = scaled.map((value) => Math.floor(value + 1e-9));
  const left = gridSteps - whole.reduce((sum, value) => sum + value, 0);
  const byLoss = x.map((_, index) => index).sort((a, b) => scaled[b] - whole[b] - (scaled[a] - whole[a]));
  for (const index of byLoss.slice(0, left)) whole[index]++;
  return whole.map((value) => value / gridSteps);
}

/** Uniform on a face of the simplex, whose number of experts is drawn first: optima often use few. */
function randomPoint(count: number, random: RandomGenerator): number[] {
  const parts = Array.from({ length: count }, () => -Math.log(1 - uniformFloat64(random)));
  for (let left = uniformInt(random, 0, count - 1); left > 0; left--) parts[uniformInt(random, 0, count - 1)] = 0;
  return normalised(parts, random);
}

/** A small step from a point, kept inside. */
function nearby(x: readonly number[], random: RandomGenerator): number[] {
  const reach = 0.02 + 0.15 * uniformFloat64(random);
  return normalised(x.map((value) => Math.max(0, value + reach * (2 * uniformFloat64(random) - 1))), random);
}

function normalised(parts: readonly number[], random: RandomGenerator): number[] {
  const sum = parts.reduce((total, part) => total + part, 0);
  if (sum > 0) return parts.map((part) => part / sum);
  const corner = uniformInt(random, 0, parts.length - 1);
  return parts.map((_, index) => (index === corner ? 1 : 0));
}
