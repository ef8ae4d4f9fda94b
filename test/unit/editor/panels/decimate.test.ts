import fc from 'fast-check';
import { decimatedIndices } from '../../../../src/editor/panels/decimate';

test('short lines stay whole', () => {
  expect(decimatedIndices([3, 1, 2], 3)).toEqual([0, 1, 2]);
  expect(decimatedIndices([], 10)).toEqual([]);
});

test('keeps ends, extremes and order, within the limit', () => {
  fc.assert(
    fc.property(fc.array(fc.double({ noNaN: true }), { minLength: 1, maxLength: 400 }), fc.integer({ min: 8, max: 100 }), (values, limit) => {
      const kept = decimatedIndices(values, limit);
      expect(kept.length).toBeLessThanOrEqual(Math.max(limit, 1));
      expect([kept[0], kept.at(-1)]).toEqual([0, values.length - 1]);
      expect(kept.every((index, position) => position === 0 || index > kept[position - 1])).toBe(true);
      const picked = kept.map((index) => values[index]);
      expect(Math.min(...picked)).toBe(Math.min(...values));
      expect(Math.max(...picked)).toBe(Math.max(...values));
    }),
  );
});

test('one spike in a hundred thousand points is kept', () => {
  const values = new Float64Array(100_000);
  values[61_803] = 1;
  expect(decimatedIndices(values)).toContain(61_803);
});

test('a value wins over NaN', () => {
  const values = Array.from({ length: 100 }, (_, index) => (index % 2 ? index : NaN));
  const inner = decimatedIndices(values, 12).slice(1, -1);
  expect(inner.every((index) => !Number.isNaN(values[index]))).toBe(true);
});
