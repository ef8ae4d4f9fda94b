import fc from 'fast-check';
import type { ResultPoint } from '../../../src/analysis/results';
import { selectWeights } from '../../../src/analysis/selection';
import { selectionText } from '../../../src/analysis/selection-text';
import { RandomStream } from '../../../src/trainer/random';

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
const measured = (samples: readonly number[]) => ({ mean: mean(samples), samples, n: samples.length });
/** Points along a line of `count` λ between experts a and b; `rewards` gives the samples of each reward at λ of b. */
function line(count: number, rewards: (lambda: number) => Record<string, readonly number[]>): ResultPoint[] {
  return Array.from({ length: count }, (_, index) => {
    const b = index / (count - 1);
    const isEnd = index === 0 || index === count - 1;
    return { kind: isEnd ? 'expert' : 'soup', name: isEnd ? 'ab'[b] : `b ${b}`, weights: { a: 1 - b, b }, rewards: Object.fromEntries(Object.entries(rewards(b)).map(([name, samples]) => [name, measured(samples)])) };
  });
}
const withoutSamples = (points: readonly ResultPoint[]): ResultPoint[] => points.map((point) => ({ ...point, rewards: Object.fromEntries(Object.entries(point.rewards).map(([name, { mean: value }]) => [name, { mean: value }])) }));

test('a clear optimum is chosen in every fold, with its gain over the best expert', () => {
  const points = line(11, (b) => ({ x: Array.from({ length: 40 }, (_, k) => Math.sin(k) + 1 - (b - 0.3) ** 2), y: Array(40).fill(0) }));
  const selection = selectWeights(points, 'x + 0*y');
  expect(selection.weights.b).toBeCloseTo(0.3, 12);
  expect(selection.stability).toHaveLength(1);
  expect(selection.value.estimate).toBeCloseTo(selection.value.apparent, 12);
  expect(selection.regret).toMatchObject({ expert: 'a', estimate: expect.closeTo(-0.09, 9), ci: [expect.closeTo(-0.09, 9), expect.closeTo(-0.09, 9)] });
  expect(selectionText(selection).join('\n')).toContain('+0.09 against the best expert, a');
});

test('the value is not optimistic: of λ that differ by noise alone the apparent value is, the validated one is not', () => {
  const random = RandomStream.of(1, 0);
  const runs = Array.from({ length: 60 }, () => selectWeights(line(21, () => ({ x: Array.from({ length: 20 }, () => random.normal()) })), 'x', { repeats: 2, resamples: 100 }).value);
  // standard error of a mean of 60 such values is below 1/√20/√60 · 1.5 = 0.043
  expect(mean(runs.map(({ apparent }) => apparent))).toBeGreaterThan(0.3);
  expect(Math.abs(mean(runs.map(({ estimate }) => estimate)))).toBeLessThan(0.13);
});

test('leaving one out equals a computation by hand', () => {
  const sample = fc.array(fc.integer({ min: -9, max: 9 }), { minLength: 5, maxLength: 5 });
  fc.assert(
    fc.property(fc.array(sample, { minLength: 3, maxLength: 5 }), (lists) => {
      const points = line(lists.length, (b) => ({ x: lists[Math.round(b * (lists.length - 1))] }));
      const heldOut = lists[0].map((_, k) => {
        const rest = lists.map((list) => mean(list.filter((_, at) => at !== k)));
        return lists[rest.findIndex((value) => value >= Math.max(...rest) - 1e-12)][k];
      });
      const isTied = lists[0].some((_, k) => {
        const rest = lists.map((list) => mean(list.filter((_, at) => at !== k))).sort((a, b) => b - a);
        return rest[0] - rest[1] < 1e-9;
      });
      fc.pre(!isTied);
      expect(selectWeights(points, 'x', { folds: 5, repeats: 1, resamples: 100 }).value.estimate).toBeCloseTo(mean(heldOut), 12);
    }),
    { numRuns: 60 },
  );
});

describe('a preference that is not linear', () => {
  // at a, x and y take turns; at b both are 0.4: per sample b is better, by the means a is
  const points = line(2, (b) => (b === 0 ? { x: [1, 0, 1, 0], y: [0, 1, 0, 1] } : { x: [0.4, 0.4, 0.4, 0.4], y: [0.4, 0.4, 0.4, 0.4] }));
  test('on each sample, which is the default', () => {
    expect(selectWeights(points, 'min(x, y)')).toMatchObject({ appliesTo: 'samples', weights: { b: 1 }, value: { apparent: expect.closeTo(0.4, 12) } });
  });
  test('on the means', () => {
    expect(selectWeights(points, 'min(x, y)', { appliesTo: 'means', folds: 2 })).toMatchObject({ appliesTo: 'means', weights: { a: 1 }, value: { apparent: expect.closeTo(0.5, 12) } });
  });
  test('a linear one gives the same on both', () => {
    const noisy = line(5, (b) => ({ x: [1, 3, 2, 5].map((value) => value * b), y: [2, 1, 0, 1].map((value) => value * (1 - b)) }));
    const [samples, means] = (['samples', 'means'] as const).map((appliesTo) => selectWeights(noisy, '0.7*x + 0.3*y', { appliesTo }));
    expect(means.value.estimate).toBeCloseTo(samples.value.estimate, 12);
    expect(means.regret!.ci![0]).toBeCloseTo(samples.regret!.ci![0], 12);
  });
});

test('without samples: by the means, and it says so', () => {
  const points = withoutSamples(line(5, (b) => ({ x: [b], y: [1 - b * b] })));
  const selection = selectWeights(points, 'x + y');
  expect(selection).toMatchObject({ appliesTo: 'means', weights: { a: 0.5, b: 0.5 }, value: { estimate: 1.25, ci: null }, regret: { estimate: -0.25, ci: null }, validation: null });
  expect(selectionText(selection).join('\n')).toContain('The results hold no samples');
});

test.each([
  ['an unknown name', 'x + z', /unknown metric or reward "z"/],
  ['no name at all', '1', /mentions no reward/],
  ['no value at a point', 'log(x - 0.5)', /no finite value at sample 0 of a \(x 0\)/],
])('%s is an error', (_, preference, message) => {
  const points = line(3, (b) => ({ x: [b, b, b, b] }));
  expect(() => selectWeights(points, preference)).toThrow(message);
});

test('samples that do not pair, and no candidates, are errors', () => {
  expect(() => selectWeights(line(3, (b) => ({ x: b === 1 ? [1, 2, 3, 4] : [1, 2, 3, 4, 5] })), 'x')).toThrow(/4 or 5|5 or 4/);
  expect(() => selectWeights([{ kind: 'init', name: 'init', weights: null, rewards: { x: { mean: 1 } } }], 'x')).toThrow(/no soup and no expert/);
});

test.each([[8, 16], [40, null]])('of %d samples: how many it takes to trust the intervals is %p, and is told', (n, needed) => {
  const selection = selectWeights(line(3, (b) => ({ x: Array.from({ length: n }, (_, k) => Math.sin(k) + b) })), 'x', { repeats: 1, resamples: 50 });
  expect(selection.samplesToTrust).toBe(needed);
  expect(selectionText(selection).join('\n').includes('few samples')).toBe(needed !== null);
});
