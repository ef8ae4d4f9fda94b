import { expectSameAsCpu, normal, onBothBackends, valueAndGradients } from '../compare';

const lengths = [0, 1, 2, 3, 4, 5, 7, 8, 31, 1024, 1027];

test.each(['tanh', 'exp'] as const)('%s of any length, forward and gradient', async (name) => {
  await expectSameAsCpu((tf, random) => lengths.flatMap((length) => valueAndGradients(tf, random, (x) => tf[name](x), [normal(tf, random, [length])])));
});

test.each(['tanh', 'exp'] as const)('%s at the ends of its range', async (name) => {
  const edges = [0, -0, NaN, Infinity, -Infinity, 1e-8, -1e-8, 0.6249999, 0.625, 20, -20, 88.5, 89, 200, -87, -88, -95, -103, -110, -1e30, 1e30, 1e-40];
  const { cpu, wasm } = await onBothBackends((tf) => tf[name](tf.tensor1d(edges)));
  edges.forEach((x, i) => {
    const [expected, found] = [cpu[0].values[i], wasm[0].values[i]];
    // relative error; below the smallest normal number, one unit of the subnormals
    const error = Object.is(expected, found) || (Number.isNaN(expected) && Number.isNaN(found)) ? 0 : Math.abs(expected - found) / Math.max(Math.abs(expected), 2 ** -126);
    expect({ x, expected, found, isClose: error < 5e-7 }).toEqual({ x, expected, found, isClose: true });
  });
});

test('exp is within 2e-7 of float64 and tanh within 5e-7, which never exceeds 1', async () => {
  const xs = Float32Array.from({ length: 40_001 }, (_, i) => (i - 20_000) * 0.004);
  const { wasm } = await onBothBackends((tf) => [tf.exp(tf.tensor1d(xs)), tf.tanh(tf.tensor1d(xs))]);
  const worst = [Math.exp, Math.tanh].map((exact, f) => Math.max(...wasm[f].values.map((value, i) => Math.abs(value - exact(xs[i])) / Math.max(Math.abs(exact(xs[i])), 2 ** -126))));
  expect(worst[0]).toBeLessThan(2e-7);
  expect(worst[1]).toBeLessThan(5e-7);
  expect(Math.max(...wasm[1].values.map(Math.abs))).toBe(1);
});
