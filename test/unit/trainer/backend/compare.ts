import type { Tensor } from '@tensorflow/tfjs';
import type { Tf } from '../../../../src/trainer/backend/backend';
import { openBackend } from '../../../../src/trainer/backend/backend';
import { RandomStream } from '../../../../src/trainer/random';

/** A computation on whichever backend is active; all its tensors are made inside. */
export type Computation = (tf: Tf, random: RandomStream) => Tensor | Tensor[];

/** Runs a computation on tfjs's cpu backend and on ours, with the same random numbers. */
export async function onBothBackends(computation: Computation, seed = 1): Promise<{ cpu: Result[]; wasm: Result[] }> {
  const results = { cpu: [] as Result[], wasm: [] as Result[] };
  for (const name of ['cpu', 'wasm'] as const) {
    const { tf } = await openBackend(name);
    const outputs = tf.tidy(() => [computation(tf, RandomStream.of(seed, 0))].flat());
    results[name] = outputs.map((output) => ({ shape: output.shape, dtype: output.dtype, values: Array.from(output.dataSync()) }));
    tf.dispose(outputs);
  }
  return results;
}

interface Result {
  readonly shape: readonly number[];
  readonly dtype: string;
  readonly values: readonly number[];
}

/**
 * Fails unless both backends agree to `tolerance`, relative to the largest value of each output or to 1, the size of the
 * inputs: sums taken in another order differ in the last digits of small results.
 */
export async function expectSameAsCpu(computation: Computation, tolerance = 1e-6, seed = 1): Promise<void> {
  const { cpu, wasm } = await onBothBackends(computation, seed);
  expect(wasm.map(({ shape, dtype }) => ({ shape, dtype }))).toEqual(cpu.map(({ shape, dtype }) => ({ shape, dtype })));
  cpu.forEach((expected, output) => {
    const scale = Math.max(1, ...expected.values.filter(Number.isFinite).map(Math.abs));
    const worst = expected.values.reduce((largest, value, i) => {
      const found = wasm[output].values[i];
      return Math.max(largest, Object.is(value, found) || value === found ? 0 : Math.abs(value - found) / scale);
    }, 0);
    // NaN in one place only makes the distance NaN, which is not below the tolerance
    expect({ output, isClose: worst <= tolerance, worst }).toEqual({ output, isClose: true, worst });
  });
}

/** Standard normal values of a shape. */
export function normal(tf: Tf, random: RandomStream, shape: number[]): Tensor {
  const size = shape.reduce((product, length) => product * length, 1);
  return tf.tensor(Float32Array.from({ length: size }, () => random.normal()), shape);
}

/** Integers in [0, below). */
export function integers(tf: Tf, random: RandomStream, shape: number[], below: number): Tensor {
  const size = shape.reduce((product, length) => product * length, 1);
  return tf.tensor(Int32Array.from({ length: size }, () => Math.floor(random.uniform(0, below))), shape, 'int32');
}

/** The value of f and its gradients, weighted by fixed random numbers so that no symmetry hides an error. */
export function valueAndGradients(tf: Tf, random: RandomStream, f: (...inputs: Tensor[]) => Tensor, inputs: Tensor[]): Tensor[] {
  const value = f(...inputs);
  const weights = normal(tf, random, value.shape);
  return [value, ...tf.grads((...variables: Tensor[]) => f(...variables))(inputs, weights)];
}
