import fc from 'fast-check';
import { Draws } from '../../../../src/merge/methods/masks/draws';
import { largestMagnitudes, withoutOutliers } from '../../../../src/merge/methods/masks/magnitude';
import { bernoulli, magnitudePruned } from '../../../../src/merge/methods/masks/random';
import { RankSelection, magnitudeKeys } from '../../../../src/merge/methods/masks/rank-selection';
import type { Mask } from '../../../../src/merge/methods/masks/mask';

/** The mask of a task vector that is read `step` elements at a time, twice over as the products' norms and sums do. */
function marked(mask: Mask, delta: Float32Array, step: number): number[] {
  const chunks = (use: (part: Float32Array, start: number) => void) => {
    for (let start = 0; start < delta.length; start += step) use(delta.slice(start, start + step), start);
  };
  for (const { add, finish } of mask.passes) {
    chunks((part, start) => add(part, start, null));
    finish?.();
  }
  let keep = new Uint8Array(delta.length);
  for (let time = 0; time < 2; time++) {
    keep = new Uint8Array(delta.length);
    chunks((part, start) => mask.mark(part, start, keep.subarray(start, start + part.length)));
  }
  return [...keep];
}
/** Few distinct values, so that many are equal. */
const coarse = fc.array(fc.integer({ min: -3, max: 3 }), { minLength: 1, maxLength: 40 }).map((values) => Float32Array.from(values, (x) => x / 4));

test('order statistics are those of a sort', () => {
  const floats = fc.array(fc.oneof(fc.float({ noNaN: true }), fc.integer({ min: -2, max: 2 })), { minLength: 1, maxLength: 50 }).map((values) => Float32Array.from(values));
  fc.assert(fc.property(floats, fc.array(fc.nat(), { minLength: 1, maxLength: 3 }), (values, picks) => {
    const ranks = picks.map((pick) => pick % values.length);
    const keysOf = (part: Float32Array) => magnitudeKeys(part, new Uint32Array(part.length));
    const selection = new RankSelection();
    for (const part of [values.slice(0, 7), values.slice(7)]) selection.addUpper(keysOf(part));
    selection.want(ranks);
    for (const part of [values.slice(0, 7), values.slice(7)]) selection.addLower(keysOf(part));
    const keys = keysOf(values);
    const sorted = [...values.keys()].sort((a, b) => Math.abs(values[a]) - Math.abs(values[b]) || keys[a] - keys[b]);
    for (const [i, cut] of selection.cuts().entries()) {
      expect(cut.key).toBe(keys[sorted[ranks[i]]]);
      expect(cut.below).toBe([...keys].filter((key) => key < cut.key).length);
      expect(cut.equal).toBe([...keys].filter((key) => key === cut.key).length);
    }
  }));
});

test('the largest magnitudes, of equal ones the first, whatever the chunks', () => {
  fc.assert(fc.property(coarse, fc.double({ min: 0.01, max: 0.99, noNaN: true }), fc.integer({ min: 1, max: 9 }), (delta, density, step) => {
    const kept = Math.max(1, Math.floor(density * delta.length));
    const order = [...delta.keys()].sort((a, b) => Math.abs(delta[b]) - Math.abs(delta[a]) || a - b).slice(0, kept);
    expect(marked(largestMagnitudes(delta.length, density), delta, step)).toEqual([...delta.keys()].map((k) => (order.includes(k) ? 1 : 0)));
  }));
});

test('breadcrumbs drops the largest, then the smallest', () => {
  fc.assert(fc.property(coarse, fc.double({ min: 0.01, max: 0.99, noNaN: true }), fc.double({ min: 0, max: 0.5, noNaN: true }), fc.integer({ min: 1, max: 9 }), (delta, density, gamma, step) => {
    const n = delta.length;
    const kept = Math.floor(density * n);
    const from = Math.max(0, n - kept - Math.floor(gamma * n));
    const order = [...delta.keys()].sort((a, b) => Math.abs(delta[a]) - Math.abs(delta[b]) || a - b).slice(from, from + kept);
    expect(marked(withoutOutliers(n, density, gamma), delta, step)).toEqual([...delta.keys()].map((k) => (order.includes(k) ? 1 : 0)));
  }));
});

describe('draws', () => {
  const draw = (seed: number, name: string, start: number, length: number) => {
    const numbers = new Float64Array(length);
    new Draws(seed, name).fill(start, numbers);
    return numbers;
  };

  test('a number depends on its address alone, not on chunks', () => {
    const whole = draw(7, 'a', 2 ** 32 - 20, 60);
    for (const [start, length] of [[0, 7], [7, 13], [20, 25], [45, 15]]) expect([...draw(7, 'a', 2 ** 32 - 20 + start, length)]).toEqual([...whole.subarray(start, start + length)]);
    const mask = (step: number) => marked(magnitudePruned(4, 0.5, 0.3, new Draws(3, 'a')), Float32Array.from({ length: 48 }, (_, k) => Math.sin(k)), step);
    expect(mask(4)).toEqual(mask(12));
  });

  test('uniform, and independent between neighbours, experts and seeds', () => {
    const n = 200_000;
    const first = draw(1, 'risky', 0, n);
    const deviations = (values: Float64Array) => values.map((x) => (x - 0.5) * Math.sqrt(12));
    // means of independent products with variance 1 lie within 5 / √n of 0 but once in a million
    const correlation = (a: Float64Array, b: Float64Array) => Math.abs(deviations(a).reduce((sum, x, k) => sum + x * deviations(b.subarray(k, k + 1))[0], 0) / n) * Math.sqrt(n);
    expect(correlation(first, new Float64Array(n).fill(0.5 + 1 / Math.sqrt(12)))).toBeLessThan(5);
    expect(correlation(first.subarray(0, n - 1), first.subarray(1))).toBeLessThan(5);
    for (const other of [draw(1, 'cautious', 0, n), draw(2, 'risky', 0, n), draw(1, 'risky', 2 ** 32, n)]) expect(correlation(first, other)).toBeLessThan(5);
    const cells = new Float64Array(64);
    for (const x of first) cells[Math.floor(x * 64)]++;
    const chiSquare = cells.reduce((sum, count) => sum + (count - n / 64) ** 2 / (n / 64), 0);
    // 63 degrees of freedom: mean 63, standard deviation 11.2
    expect(chiSquare).toBeGreaterThan(63 - 5 * 11.2);
    expect(chiSquare).toBeLessThan(63 + 5 * 11.2);
  });

  test('DARE keeps the density, DELLA more of what is large', () => {
    const n = 100_000;
    const delta = Float32Array.from({ length: n }, (_, k) => (k % 10) + 1);
    const share = (keep: readonly number[]) => keep.reduce((sum, x) => sum + x, 0) / keep.length;
    expect(Math.abs(share(marked(bernoulli(0.3, new Draws(1, 'a')), delta, 4096)) - 0.3)).toBeLessThan(5 * Math.sqrt(0.21 / n));
    const keep = marked(magnitudePruned(10, 0.5, 0.3, new Draws(1, 'a')), delta, 4000);
    for (const rank of [0, 4, 9]) expect(Math.abs(share(keep.filter((_, k) => k % 10 === rank)) - (0.2 + (rank / 9) * 0.6))).toBeLessThan(5 * Math.sqrt(0.25 / (n / 10)));
  });
});
