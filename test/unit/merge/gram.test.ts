import fc from 'fast-check';
import { gramOf } from '../../../src/merge/kernels/gram';

test('dot products of every pair', () => {
  fc.assert(fc.property(fc.integer({ min: 1, max: 11 }), fc.integer({ min: 1, max: 700 }), fc.nat(1000), (count, length, seed) => {
    const vectors = Array.from({ length: count }, (_, i) => new Float64Array(length).map((__, k) => Math.sin(seed + 3.7 * i + 1.3 * k * (i + 1))));
    const { values } = gramOf(vectors);
    for (let i = 0; i < count; i++) {
      for (let j = 0; j < count; j++) {
        const expected = vectors[i].reduce((sum, value, k) => sum + value * vectors[j][k], 0);
        expect(Math.abs(values[i * count + j] - expected)).toBeLessThanOrEqual(1e-13 * length);
        expect(values[i * count + j]).toBe(values[j * count + i]);
      }
    }
  }), { numRuns: 100 });
});
