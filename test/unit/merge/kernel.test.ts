import fc from 'fast-check';
import { fromFloat32, toFloat32 } from '../../../src/checkpoint/float-formats';
import { plainKernel } from '../../../src/merge/kernels/plain';

function blend(experts: readonly Float32Array[], weights: readonly number[]): Float32Array {
  const bytes = new Uint8Array(4 * experts[0].length);
  plainKernel.blendChunk(experts.map((values) => ({ bytes: fromFloat32(values, 'F32'), dtype: 'F32' as const })), weights, { bytes, dtype: 'F32' });
  return toFloat32(bytes, 'F32');
}

const value = fc.float({ noNaN: true, min: -1000, max: 1000 });
const soup = fc.integer({ min: 2, max: 6 }).chain((count) => fc.record({
  experts: fc.array(fc.float32Array({ minLength: 16, maxLength: 16, noNaN: true, min: -1000, max: 1000 }), { minLength: count, maxLength: count }),
  weights: fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: count, maxLength: count }),
  order: fc.shuffledSubarray([...Array(count).keys()], { minLength: count, maxLength: count }),
}));

test('two experts may change places: not a bit differs', () => {
  fc.assert(fc.property(fc.array(fc.tuple(value, value), { minLength: 1 }), fc.double({ min: 0, max: 1, noNaN: true }), (pairs, weight) => {
    const [a, b] = [Float32Array.from(pairs, ([x]) => x), Float32Array.from(pairs, ([, y]) => y)];
    expect(blend([b, a], [1 - weight, weight])).toEqual(blend([a, b], [weight, 1 - weight]));
  }));
});

// float32 sums in the order given, as torch has it: another order rounds otherwise, within the bound of Higham 2002, section 4.2
test('more experts may change places within the rounding of float32 sums', () => {
  fc.assert(fc.property(soup, ({ experts, weights, order }) => {
    const given = blend(experts, weights);
    const permuted = blend(order.map((i) => experts[i]), order.map((i) => weights[i]));
    for (let k = 0; k < given.length; k++) {
      const magnitude = experts.reduce((sum, expert, i) => sum + Math.abs(weights[i] * expert[k]), 0);
      expect(Math.abs(given[k] - permuted[k])).toBeLessThanOrEqual(2 * experts.length * 2 ** -24 * magnitude * (1 + 1e-6) + 2 ** -149 * experts.length);
    }
  }));
});

test('sums of negative zeros are +0, as in torch, and what is not finite is counted', () => {
  expect(Object.is(blend([Float32Array.of(-0), Float32Array.of(-0)], [0.5, 0.5])[0], 0)).toBe(true);
  const part = { bytes: fromFloat32(Float32Array.of(NaN, Infinity, 60000, 3), 'F32'), dtype: 'F32' as const };
  const statistics = plainKernel.blendChunk([part, part], [1, 1], { bytes: new Uint8Array(8), dtype: 'F16' });
  expect(statistics).toEqual({ nan: 1, infinite: 2, squares: 36, inputs: Array(2).fill({ nan: 1, infinite: 1, squares: 60000 ** 2 + 9 }) });
});

test('F64 is blended in float64', () => {
  const bytes = new Uint8Array(8);
  const part = (x: number) => ({ bytes: new Uint8Array(Float64Array.of(x).buffer), dtype: 'F64' as const });
  plainKernel.blendChunk([part(1 + 2 ** -40), part(1)], [0.5, 0.5], { bytes, dtype: 'F64' });
  expect(new Float64Array(bytes.buffer)[0]).toBe(1 + 2 ** -41);
});
