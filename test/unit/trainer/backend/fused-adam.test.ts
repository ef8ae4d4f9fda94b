import type { Scalar, Variable } from '@tensorflow/tfjs';
import { openBackend, type Tf } from '../../../../src/trainer/backend/backend';
import { FusedAdam, type AdamOptions } from '../../../../src/trainer/backend/fused-adam';
import { RandomStream } from '../../../../src/trainer/random';
import { normal } from './compare';

type Parameters = Record<string, Variable>;
const shapes: Record<string, number[]> = { weight: [5, 7], bias: [7], scale: [], out: [7, 3] };

function makeParameters(tf: Tf): Parameters {
  const random = RandomStream.of(3, 0);
  return Object.fromEntries(Object.entries(shapes).map(([name, shape]) => [name, tf.tidy(() => tf.variable(normal(tf, random, shape)))]));
}

/** A loss with curvature everywhere, on inputs that differ from step to step. */
function lossAt(tf: Tf, { weight, bias, scale, out }: Parameters, step: number): Scalar {
  const x = normal(tf, RandomStream.of(4, step), [11, 5]);
  const hidden = tf.tanh(tf.add(tf.matMul(x, weight as never), bias));
  return tf.mean(tf.square(tf.sub(tf.mul(tf.matMul(hidden as never, out as never), scale), 1)));
}

function values(parameters: Parameters): number[] {
  return Object.values(parameters).flatMap((parameter) => Array.from(parameter.dataSync()));
}

function train(tf: Tf, parameters: Parameters, optimizer: { minimize(loss: () => Scalar): unknown }, from: number, to: number): number[] {
  for (let step = from; step < to; step++) tf.tidy(() => void optimizer.minimize(() => lossAt(tf, parameters, step)));
  return values(parameters);
}

async function trainFused(backend: 'cpu' | 'wasm', options: AdamOptions, steps: number): Promise<number[]> {
  const { tf } = await openBackend(backend);
  const parameters = makeParameters(tf);
  const optimizer = new FusedAdam(tf, parameters, options);
  const result = train(tf, parameters, optimizer, 0, steps);
  optimizer.dispose();
  tf.dispose(parameters);
  return result;
}

function largestDifference(a: readonly number[], b: readonly number[]): number {
  return Math.max(...a.map((value, i) => Math.abs(value - b[i])));
}

// tfjs keeps βᵗ in float32, which puts its first 1 − β₂ᵗ off by 6e-5: at this learning rate that is below the bound
test.each(['cpu', 'wasm'] as const)('40 steps on %s are those of tf.train.adam on cpu', async (backend) => {
  const { tf } = await openBackend('cpu');
  const parameters = makeParameters(tf);
  const expected = train(tf, parameters, tf.train.adam(0.001), 0, 40);
  tf.dispose(parameters);
  expect(largestDifference(await trainFused(backend, { learningRate: 0.001 }, 40), expected)).toBeLessThan(1e-6);
});

test.each(['cpu', 'wasm'] as const)('100 steps on %s follow the algorithm in float64', async (backend) => {
  const { tf } = await openBackend(backend);
  const start = [1, -2, 0.5, 3, 0, 7];
  const parameters = { a: tf.variable(tf.tensor1d(start)) };
  const optimizer = new FusedAdam(tf, parameters, { learningRate: 0.01, epsilon: 1e-8 });
  const random = RandomStream.of(8, 0);
  const exact = start.map((value) => ({ value, m: 0, v: 0 }));
  for (let step = 1; step <= 100; step++) {
    const gradient = Float32Array.from(start, () => random.normal());
    tf.tidy(() => optimizer.applyGradients({ a: tf.tensor1d(gradient) }));
    exact.forEach((slot, i) => {
      slot.m = 0.9 * slot.m + 0.1 * gradient[i];
      slot.v = 0.999 * slot.v + 0.001 * gradient[i] ** 2;
      slot.value -= (0.01 * (slot.m / (1 - 0.9 ** step))) / (Math.sqrt(slot.v / (1 - 0.999 ** step)) + 1e-8);
    });
  }
  // float32 holds a 7 to 5e-7 and rounds once a step
  expect(largestDifference(values(parameters), exact.map(({ value }) => value))).toBeLessThan(5e-6);
  optimizer.dispose();
  tf.dispose(parameters.a);
});

test.each(['cpu', 'wasm'] as const)('one clipped step on %s, by hand', async (backend) => {
  const { tf } = await openBackend(backend);
  const parameters = { a: tf.variable(tf.tensor1d([1, 2, 3, 4, 5])), b: tf.variable(tf.scalar(1)) };
  // large epsilon: the step then depends on the gradient's size, not only on its sign
  const optimizer = new FusedAdam(tf, parameters, { learningRate: 0.1, epsilon: 1, maxGradientNorm: 0.5 });
  const gradient = [3, 0, -4, 0, 0];
  optimizer.applyGradients({ a: tf.tensor1d(gradient), b: tf.scalar(12) });
  const scale = 0.5 / (13 + 1e-6);
  const expected = [...gradient.map((g, i) => [i + 1, g] as const), [1, 12] as const].map(([start, g]) => start - (0.1 * g * scale) / (Math.abs(g * scale) + 1));
  expect(largestDifference(values(parameters), expected)).toBeLessThan(1e-6);
  optimizer.dispose();
  tf.dispose(parameters);
});

test('a gradient below the bound is not touched, and both paths clip alike', async () => {
  const steps = 10;
  const free = await trainFused('wasm', { learningRate: 0.01 }, steps);
  expect(await trainFused('wasm', { learningRate: 0.01, maxGradientNorm: 1e6 }, steps)).toEqual(free);
  const clipped = await trainFused('wasm', { learningRate: 0.01, epsilon: 1, maxGradientNorm: 0.01 }, steps);
  expect(largestDifference(clipped, await trainFused('cpu', { learningRate: 0.01, epsilon: 1, maxGradientNorm: 0.01 }, steps))).toBeLessThan(1e-6);
});

test.each(['cpu', 'wasm'] as const)('training resumed on %s from a saved state is bit for bit the uninterrupted one', async (backend) => {
  const { tf } = await openBackend(backend);
  const options = { learningRate: 0.01, maxGradientNorm: 0.5 };
  const straight = await trainFused(backend, options, 20);

  const first = makeParameters(tf);
  const interrupted = new FusedAdam(tf, first, options);
  train(tf, first, interrupted, 0, 9);
  const state = await interrupted.getState();
  expect(state.map(({ name }) => name)).toEqual(['adam.step', ...Object.keys(shapes).flatMap((name) => [`adam.m.${name}`, `adam.v.${name}`])]);

  const second = makeParameters(tf);
  for (const name of Object.keys(second)) second[name].assign(first[name]);
  const resumed = new FusedAdam(tf, second, options);
  resumed.setState(state);
  expect(resumed.step).toBe(9);
  expect(train(tf, second, resumed, 9, 20)).toEqual(straight);
  for (const disposable of [interrupted, resumed]) disposable.dispose();
  tf.dispose([first, second]);
});

test('a state of another network is refused and nothing changes', async () => {
  const { tf } = await openBackend('cpu');
  const parameters = makeParameters(tf);
  const optimizer = new FusedAdam(tf, parameters, { learningRate: 0.01 });
  train(tf, parameters, optimizer, 0, 2);
  const before = await optimizer.getState();
  const wrong = before.map(({ name, values: array }) => ({ name, values: name === 'adam.v.bias' ? array.slice(1) : array.map((value) => value + 1) }));
  expect(() => optimizer.setState(wrong)).toThrow('adam.v.bias has 6 values, expected 7');
  expect(() => optimizer.setState(before.filter(({ name }) => name !== 'adam.step'))).toThrow('adam.step is missing');
  expect(await optimizer.getState()).toEqual(before);
  optimizer.dispose();
  tf.dispose(parameters);
});

test('a clone taken before a step keeps its values, and minimize hands the loss back on request', async () => {
  const { tf } = await openBackend('wasm');
  const parameters = { a: tf.variable(tf.tensor1d([1, 2, 3])) };
  const before = parameters.a.clone();
  const optimizer = new FusedAdam(tf, parameters, { learningRate: 0.1 });
  const loss = optimizer.minimize(() => tf.sum(tf.square(parameters.a)), true);
  expect(loss.dataSync()[0]).toBe(14);
  expect(Array.from(before.dataSync())).toEqual([1, 2, 3]);
  expect(parameters.a.dataSync()[0]).toBeCloseTo(0.9, 5);
  optimizer.dispose();
  tf.dispose([loss, before, parameters.a]);
});
