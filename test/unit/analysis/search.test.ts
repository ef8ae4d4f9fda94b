import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { fitSurface } from '../../../src/analysis/gaussian-process';
import { expectedBest, nextWeights, type Evaluated } from '../../../src/analysis/search';
import type { Weights } from '../../../src/analysis/simplex';
import { RandomStream } from '../../../src/trainer/random';
import reference from '../../fixtures/analysis/gaussian-process.json';

const names = ['a', 'b', 'c', 'd', 'e'];
const distanceTo = (optimum: readonly number[], weights: Weights) => Math.hypot(...names.map((name, index) => weights[name] - optimum[index]));
/** A surface with value 1 at its optimum, falling with the square of the distance: like a soup's, about 0 at the corners. */
const hill = (optimum: readonly number[]) => (weights: Weights) => 1 - distanceTo(optimum, weights) ** 2;

function evaluator(surface: (weights: Weights) => number, noise: number, seed: number) {
  const random = RandomStream.of(seed, 0);
  const seen: Weights[] = [];
  const evaluate = async (list: readonly Weights[]): Promise<Evaluated[]> => {
    seen.push(...list);
    return list.map((weights) => ({ weights, value: surface(weights) + noise * random.normal(), stderr: noise }));
  };
  return { evaluate, seen };
}

async function searchSimplex(of: readonly string[], evaluate: (list: readonly Weights[]) => Promise<readonly Evaluated[]>, { budget, seed = 0 }: { readonly budget: number; readonly seed?: number }) {
  const evaluated: Evaluated[] = [];
  while (evaluated.length < budget) evaluated.push(...(await evaluate(nextWeights(of, evaluated, { count: Math.min(4, budget - evaluated.length), seed }))));
  return { best: expectedBest(of, evaluated), evaluated };
}

describe('with five experts, 40 evaluations instead of a grid of 1,001', () => {
  test.each([
    ['inside', [0.3, 0.25, 0.2, 0.15, 0.1]],
    ['on a face', [0.6, 0.3, 0.1, 0, 0]],
    ['on an edge', [0, 0.35, 0, 0.65, 0]],
    ['at an expert', [0, 0, 1, 0, 0]],
  ])('the optimum %s is found', async (_, optimum) => {
    const { evaluate, seen } = evaluator(hill(optimum), 0, 0);
    const { best, evaluated } = await searchSimplex(names, evaluate, { budget: 40 });
    expect(evaluated).toHaveLength(40);
    expect(hill(optimum)(best.weights)).toBeGreaterThan(0.99);
    for (const weights of seen) {
      expect(Object.values(weights).reduce((sum, weight) => sum + weight, 0)).toBeCloseTo(1, 9);
      expect(Math.min(...Object.values(weights))).toBeGreaterThanOrEqual(0);
    }
  });

  test('with noise too, and the value that it expects is honest', async () => {
    const optimum = [0.5, 0.3, 0.2, 0, 0];
    const runs = await Promise.all([0, 1].map((seed) => searchSimplex(names, evaluator(hill(optimum), 0.05, seed).evaluate, { budget: 40, seed })));
    for (const { best } of runs) {
      expect(hill(optimum)(best.weights)).toBeGreaterThan(0.94);
      expect(Math.abs(best.mean - hill(optimum)(best.weights))).toBeLessThan(0.08);
    }
  });

  test('of two hills the higher one', async () => {
    const [low, high] = [[0.8, 0.2, 0, 0, 0], [0, 0, 0.2, 0.5, 0.3]];
    const surface = (weights: Weights) => Math.max(0.7 * Math.exp(-8 * distanceTo(low, weights) ** 2), Math.exp(-8 * distanceTo(high, weights) ** 2));
    const { best } = await searchSimplex(names, evaluator(surface, 0, 0).evaluate, { budget: 48, seed: 3 });
    expect(surface(best.weights)).toBeGreaterThan(0.93);
  });
});

test('it starts with the experts and the uniform soup, and goes on from what it is given', () => {
  const first = nextWeights(['a', 'b'], [], { count: 3, seed: 0 });
  expect(first).toEqual([{ a: 1, b: 0 }, { a: 0, b: 1 }, { a: 0.5, b: 0.5 }]);
  const evaluated = nextWeights(names, [], { count: 6, seed: 0 }).map((weights, index) => ({ weights, value: index, stderr: 0 }));
  const [once, again, other] = [0, 0, 1].map((seed) => nextWeights(names, evaluated, { count: 2, seed }));
  expect(once).toEqual(again);
  expect(other).not.toEqual(once);
});

test('the surface is that of another Gaussian process library, at its length scale', () => {
  for (const { observed, at, mean, deviation } of reference) {
    const predict = fitSurface(observed);
    for (const [index, x] of at.entries()) {
      expect(predict(x).mean).toBeCloseTo(mean[index], 6);
      expect(predict(x).deviation).toBeCloseTo(deviation[index], 6);
    }
  }
});

test('values that are all alike, and one alone, are no error', () => {
  const random = xoroshiro128plus(0);
  const flat = Array.from({ length: 6 }, () => ({ x: [uniformFloat64(random), uniformFloat64(random)], y: 3, variance: 0 }));
  expect(fitSurface(flat)([0.5, 0.5]).mean).toBeCloseTo(3, 12);
  expect(fitSurface(flat.slice(0, 1))(flat[0].x).mean).toBeCloseTo(3, 12);
});
