import { answerOf, proposeWeights, type PreferenceSearch } from '../../../src/analysis/preference-search';
import type { ResultPoint } from '../../../src/analysis/results';
import { searchText } from '../../../src/analysis/search-text';
import { vertexOf, type Weights } from '../../../src/analysis/simplex';
import { RandomStream } from '../../../src/trainer/random';

const names = ['a', 'b', 'c', 'd', 'e'];
const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
const corner = (name: string): Weights => Object.fromEntries(names.map((other) => [other, Number(other === name)]));
const uniform: Weights = Object.fromEntries(names.map((name) => [name, 0.2]));

/** Each reward falls with the square of the distance to a λ of its own; the mean of both is best half way between them. */
const best = { x: [0.6, 0.4, 0, 0, 0], y: [0.2, 0.2, 0.6, 0, 0] };
const distance = (to: readonly number[], weights: Weights) => names.reduce((sum, name, index) => sum + (weights[name]! - to[index]!) ** 2, 0);
const truth = (weights: Weights) => ({ x: 2 - distance(best.x, weights), y: 2 - distance(best.y, weights) });

/** A sweep whose points share most of their noise, as paired samples do. */
function simulator(seed: number, samples: number) {
  const random = RandomStream.of(seed, 0);
  const shared = Array.from({ length: samples }, () => 3 * random.normal());
  return (weights: Weights): ResultPoint => {
    const expert = vertexOf(weights);
    const rewards = Object.entries(truth(weights)).map(([name, level]) => {
      const values = shared.map((common) => level + common + 0.3 * random.normal());
      return [name, { mean: mean(values), samples: values, n: samples }] as const;
    });
    return { kind: expert === null ? 'soup' : 'expert', name: expert ?? JSON.stringify(weights), weights, rewards: Object.fromEntries(rewards) };
  };
}

function run(search: PreferenceSearch, { seed, budget, samples }: { readonly seed: number; readonly budget: number; readonly samples: number }): ResultPoint[] {
  const evaluate = simulator(seed, samples);
  const points = [...names.map(corner), uniform].map(evaluate);
  while (points.length < budget) points.push(...proposeWeights(points, search, { count: Math.min(4, budget - points.length), seed }).map(evaluate));
  return points;
}

test('with five experts, 36 λ instead of 1,001: the optimum of a known surface, though the noise of a sample is twice its height', () => {
  const points = run({ preference: 'x + y' }, { seed: 1, budget: 36, samples: 64 });
  const { weights, regret, evaluations } = answerOf(points, { preference: 'x + y' })!;
  const value = (at: Weights) => truth(at).x + truth(at).y;
  const optimum = value(Object.fromEntries(names.map((name, index) => [name, (best.x[index]! + best.y[index]!) / 2])));
  const top = Math.max(...names.map((name) => value(corner(name))));
  expect(optimum - value(weights)).toBeLessThan(0.05 * (optimum - top));
  expect(evaluations).toHaveLength(36);
  expect(regret!.ci[1]).toBeLessThan(0);
  expect(new Set(evaluations.map((one) => JSON.stringify(one.weights))).size).toBe(36); // none twice
});

test('what it says of the answer is not flattered by the search: its intervals hold the true value and regret', () => {
  const runs = 80;
  const value = (at: Weights) => truth(at).x + truth(at).y;
  const held = { value: 0, regret: 0 };
  const errors: number[] = [];
  for (let seed = 0; seed < runs; seed++) {
    const found = answerOf(run({ preference: 'x + y' }, { seed, budget: 12, samples: 24 }), { preference: 'x + y' })!;
    const [level, regret] = [value(found.weights), value(corner(found.regret!.expert)) - value(found.weights)];
    held.value += Number(found.value.ci[0] <= level && level <= found.value.ci[1]);
    held.regret += Number(found.regret!.ci[0] <= regret && regret <= found.regret!.ci[1]);
    errors.push(regret - found.regret!.estimate);
  }
  // 95 % less three standard errors of 80 draws
  expect(held.value / runs).toBeGreaterThan(0.87);
  expect(held.regret / runs).toBeGreaterThan(0.87);
  // own noise of 0.3 in four values, twelve samples, 80 runs: a standard error of 0.02
  expect(Math.abs(mean(errors))).toBeLessThan(0.06);
});

test('what is searched for is worth what the searched half says, per sample or of the means', () => {
  const points = run({ preference: 'x' }, { seed: 2, budget: 8, samples: 9 });
  const searched = points[3]!.rewards.x!.samples!.slice(0, 5);
  const other = points[3]!.rewards.y!.samples!.slice(0, 5);
  expect(answerOf(points, { preference: 'max(x, y)' })!.evaluations[3]!.value).toBeCloseTo(mean(searched.map((x, k) => Math.max(x, other[k]!))), 12);
  const ofMeans = answerOf(points, { preference: 'max(x, y)', appliesTo: 'means' })!;
  expect(ofMeans.evaluations[3]!.value).toBeCloseTo(Math.max(mean(searched), mean(other)), 12);
  expect(ofMeans.samples).toEqual({ searched: 5, held: 4 });
  expect(searchText(ofMeans).join('\n')).toMatch(/λ = .* after 8 λ; a grid of 11 values an edge has 1001\n {2}value .*interval .* on the 4 samples that the search did not see\n.*against the best expert/);
});

test('λ are proposed in hundredths; when none is left, none is proposed', () => {
  const evaluate = (b: number): ResultPoint => ({ kind: b === 0 || b === 1 ? 'expert' : 'soup', name: String(b), weights: { a: 1 - b, b }, rewards: { x: { mean: b, samples: [b, b, b, b] } } });
  const next = proposeWeights([0, 1, 0.5].map(evaluate), { preference: 'x' }, { count: 3, seed: 0 });
  expect(next).toHaveLength(3);
  for (const weights of next) expect(100 * weights.b!).toBeCloseTo(Math.round(100 * weights.b!), 9);
  expect(proposeWeights([{ ...evaluate(1), weights: { b: 1 } }], { preference: 'x' }, { count: 3, seed: 0 })).toEqual([]);
});

test.each([[16, 16], [64, null]])('with %d samples, half of them held back: how many of those it takes to trust the intervals is %p, and is told', (n, needed) => {
  const measure = simulator(5, n);
  const answer = answerOf([...names.map(corner), uniform].map(measure), { preference: 'x + y' })!;
  expect(answer.samplesToTrust).toBe(needed);
  expect(searchText(answer).join('\n').includes('32 samples a point would do')).toBe(needed !== null);
});
