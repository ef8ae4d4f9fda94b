import fc from 'fast-check';
import { methods } from '../../../../src/merge/methods/registry';
import { f32, floatsOf, mergeInMemory, type MemoryInput } from './in-memory';

const value = fc.float({ noNaN: true, noDefaultInfinity: true, min: -8, max: 8 });
/** A base and experts around it, of one shape. */
const models = (experts: number) => fc.tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 6 })).chain(([rows, columns]) =>
  fc.tuple(fc.constant([rows, columns]), fc.array(fc.array(value, { minLength: rows * columns, maxLength: rows * columns }), { minLength: experts + 1, maxLength: experts + 1 })));
const weight = fc.float({ noNaN: true, min: Math.fround(0.125), max: 2 });

type Weighted = readonly [name: string, values: readonly number[], weight: number];
function merge(method: string, shape: readonly number[], base: readonly number[] | null, experts: readonly Weighted[], options: { parameters?: Record<string, unknown>; ofModel?: Record<string, unknown> } = {}): Float32Array {
  const known = methods.find(({ name }) => name === method);
  const takesWeight = Object.hasOwn(known?.modelParameters ?? {}, 'weight');
  const inputs: MemoryInput[] = experts.map(([name, values, w]) => f32(name, Float32Array.from(values), { ...(takesWeight ? { weight: w } : {}), ...options.ofModel }));
  const withBase = base && known?.inputs.base !== 'none' ? [...inputs, f32('base', Float32Array.from(base))] : inputs;
  return floatsOf(mergeInMemory({ method, shape, base: 'base', parameters: options.parameters, inputs: withBase }));
}
const bits = (values: Float32Array) => Buffer.from(values.buffer, values.byteOffset, values.byteLength).toString('hex');
const names = ['a', 'b', 'c'];

describe('λ = eᵢ returns expert i bit for bit', () => {
  const weighted = methods.filter(({ modelParameters, takesFishers, inputs }) => Object.hasOwn(modelParameters, 'weight') && !takesFishers && inputs.maximum >= 3).map(({ name }) => name);
  test.each(weighted)('%s', (method) => {
    fc.assert(fc.property(models(3), fc.integer({ min: 0, max: 2 }), ([shape, [base, ...experts]], only) => {
      const merged = merge(method, shape, base, experts.map((values, i) => [names[i], values, i === only ? 1 : 0]));
      expect(bits(merged)).toBe(bits(Float32Array.from(experts[only])));
    }));
  });
  test.each([['slerp', { t: 0 }, 0], ['slerp', { t: 1 }, 1], ['wise_ft', { alpha: 0 }, 0], ['wise_ft', { alpha: 1 }, 1], ['expo', { alpha: 0 }, 1], ['nearswap', { t: 1000 }, 1]] as const)('%s with %j', (method, parameters, which) => {
    fc.assert(fc.property(models(1), ([shape, values]) => {
      expect([...merge(method, shape, values[0], [['a', values[1], 1]], { parameters })]).toEqual([...Float32Array.from(values[which], (x) => x)]);
    }));
  });
});

test('karcher iterates to any tolerance, also where nothing is left to do', () => {
  const parameters = { tol: 0, max_iter: 1000 };
  const same = merge('karcher', [2], null, [['a', [3, 4], 1], ['b', [3, 4], 1]], { parameters });
  for (const [k, x] of [3, 4].entries()) expect(same[k]).toBeCloseTo(x, 5);
  const between = merge('karcher', [2], null, [['a', [1, 0], 1], ['b', [0, 1], 1]], { parameters });
  for (const x of between) expect(x).toBeCloseTo(Math.SQRT1_2, 6);
});

describe('the order of the pairs of expert and weight changes nothing', () => {
  /** Sums of floats in another order differ by rounding alone; where signs are elected or ranks decide, that is all the same. */
  const orderless = methods.filter(({ name, inputs, takesFishers }) => inputs.maximum >= 3 && !takesFishers && name !== 'warp').map(({ name }) => name);
  test.each(orderless)('%s', (method) => {
    const ofModel = /^(ties|dare|breadcrumbs)/.test(method) ? { density: 0.5 } : /^della/.test(method) ? { density: 0.5, epsilon: 0.2 } : {};
    const parameters = /^(dare|della)/.test(method) ? { rescale: false } : {};
    // directions of one half-space: opposite ones have no unique mean
    const place = (x: number) => Math.round((method === 'karcher' ? Math.abs(x) + 0.5 : x) * 16) / 16;
    fc.assert(fc.property(models(3), fc.tuple(weight, weight, weight), fc.constantFrom([1, 0, 2], [2, 1, 0], [1, 2, 0]), ([shape, [base, ...experts]], weights, order) => {
      const pairs = experts.map((values, i): Weighted => [names[i], values.map(place), Math.round(weights[i] * 8) / 8]);
      const around = base.map(place);
      // in sixteenths every product and sum is exact, so that not even an election of signs can hang on rounding
      const [one, other] = [pairs, order.map((i) => pairs[i])].map((permuted) => {
        try {
          return [...merge(method, shape, around, permuted, { parameters, ofModel })];
        } catch (error) {
          return [String(error)];
        }
      });
      const largest = Math.max(1, ...pairs.flatMap(([, values]) => values.map(Math.abs)));
      expect(one.length).toBe(other.length);
      for (const [k, x] of one.entries()) if (typeof x === 'number') expect(Math.abs(x - (other[k] as number))).toBeLessThanOrEqual(2e-5 * largest);
    }));
  });
  test('linear without normalize: bit for bit for two experts', () => {
    fc.assert(fc.property(models(2), weight, weight, ([shape, [, a, b]], w, v) => {
      const parameters = { normalize: false };
      expect(bits(merge('linear', shape, null, [['a', a, w], ['b', b, v]], { parameters }))).toBe(bits(merge('linear', shape, null, [['b', b, v], ['a', a, w]], { parameters })));
    }));
  });
});

test('linear is associative to four units of float32 of the largest value (and of the smallest there is)', () => {
  fc.assert(fc.property(models(3), weight, weight, weight, ([shape, [, a, b, c]], u, v, w) => {
    const parameters = { normalize: false };
    const [p, q, r] = [u, v, w].map((x) => x / (u + v + w));
    const ab = merge('linear', shape, null, [['a', a, p / (p + q)], ['b', b, q / (p + q)]], { parameters });
    const nested = merge('linear', shape, null, [['ab', [...ab], p + q], ['c', c, r]], { parameters });
    const flat = merge('linear', shape, null, [['a', a, p], ['b', b, q], ['c', c, r]], { parameters });
    for (const [k, x] of flat.entries()) expect(Math.abs(x - nested[k])).toBeLessThanOrEqual(4 * 2 ** -23 * Math.max(Math.abs(a[k]), Math.abs(b[k]), Math.abs(c[k])) + 2 ** -147);
  }));
});

test('task arithmetic with λ = 1 and one expert returns it, and leaves what no expert changed', () => {
  fc.assert(fc.property(models(1), ([shape, [base, expert]]) => {
    expect(bits(merge('task_arithmetic', shape, base, [['a', expert, 1]]))).toBe(bits(Float32Array.from(expert)));
    const untouched = Float32Array.from(base, (x) => x + 0);
    for (const method of ['task_arithmetic', 'ties', 'multislerp', 'warp', 'sce', 'ram']) {
      expect([...merge(method, shape, base, [['a', base, 0.3], ['b', base, 0.4]])]).toEqual([...untouched]);
    }
  }));
});

test.each(['linear', 'multislerp'])('%s: weights that cancel but for rounding are refused, as a sum of 0 is', (method) => {
  const pairs = [0.1, 0.2, -0.3].map((w, i): Weighted => [names[i], [1, 2], w]);
  expect(() => merge(method, [2], null, pairs)).toThrow(/sums to 0/);
});

test('uniform is linear with equal weights', () => {
  fc.assert(fc.property(models(3), ([shape, [, ...experts]]) => {
    const pairs = experts.map((values, i): Weighted => [names[i], values, 1]);
    expect(bits(merge('uniform', shape, null, pairs))).toBe(bits(merge('linear', shape, null, pairs)));
  }));
});
