import type { Tensor, Tensor1D, Tensor2D } from '@tensorflow/tfjs';
import type { Tf } from '../../../../../src/trainer/backend/backend';
import { activate, activateGated } from '../../../../../src/trainer/models/language/ops/activation';
import { attend } from '../../../../../src/trainer/models/language/ops/attention';
import { layerNorm, rmsNorm } from '../../../../../src/trainer/models/language/ops/norm';
import { rotate, rotationTables } from '../../../../../src/trainer/models/language/ops/rotate';
import { tokenLogProbabilities } from '../../../../../src/trainer/models/language/ops/token-log-probabilities';
import { hasKernel } from '../../../../../src/trainer/models/language/ops/fused';
import { openBackend } from '../../../../../src/trainer/backend/backend';
import { expectSameAsCpu, integers, normal, valueAndGradients } from '../compare';

// cpu composes these of ops and tfjs's own gradients: another computation than the kernels, and its gradients too

test('the kernels are there on wasm, and not on cpu', async () => {
  for (const [name, has] of [['wasm', true], ['cpu', false]] as const) {
    const { tf } = await openBackend(name);
    expect((['norm', 'gelu', 'gatedSilu', 'rotate', 'attention', 'tokenLogProbabilities'] as const).map((kernel) => hasKernel(tf, kernel))).toEqual(Array(6).fill(has));
  }
});

test.each([[1, 1], [3, 5], [7, 16], [4, 131]])('LayerNorm and RMSNorm of %i × %i', async (rows, columns) => {
  await expectSameAsCpu((tf, random) => {
    const [x, weight, bias] = [normal(tf, random, [rows, columns]), normal(tf, random, [columns]), normal(tf, random, [columns])];
    return [
      ...valueAndGradients(tf, random, (a, w, b) => layerNorm(tf, tf.add(a, 3), w!, b!, 1e-5), [x, weight, bias]),
      ...valueAndGradients(tf, random, (a, w) => rmsNorm(tf, a!, w!, 1e-5), [x, weight]),
    ];
  }, 5e-6);
});

test.each([1, 4, 7, 1023])('activations of %i values', async (count) => {
  await expectSameAsCpu((tf, random) => {
    const [x, up] = [tf.mul(3, normal(tf, random, [count])), normal(tf, random, [count])];
    return [...valueAndGradients(tf, random, (a) => activate(tf, 'gelu-tanh', a!), [x]), ...valueAndGradients(tf, random, (a, b) => activateGated(tf, 'silu', a!, b!), [x, up])];
  }, 2e-6);
});

test.each([1, 2, 4, 7])('rotation of heads of 2 × %i', async (half) => {
  await expectSameAsCpu((tf, random) => {
    const { cos, sin } = rotationTables({ frequencies: Float64Array.from({ length: half }, (_, i) => 0.5 ** i), magnitude: 1.2 }, [0, 3, 5]);
    const rotation = { cos: tf.tensor2d(cos, [3, half]), sin: tf.tensor2d(sin, [3, half]) };
    return valueAndGradients(tf, random, (x) => rotate(tf, x as Tensor2D, 2, rotation), [normal(tf, random, [3, 4 * half])]);
  });
});

/** Padding on the left, on the right, and in a row that is nothing else. */
function masked(tf: Tf, time: number): Tensor2D {
  const row = (first: number, end: number): number[] => Array.from({ length: time }, (_, t) => (t >= first && t < end ? 1 : 0));
  return tf.tensor2d([row(0, time), row(Math.floor(time / 3), time), row(0, Math.ceil(time / 2))], [3, time], 'int32');
}

test.each([[1, 1, 1, 1], [5, 2, 2, 3], [9, 4, 2, 8], [33, 4, 1, 16]])('attention over %i tokens, %i heads on %i keys of %i', async (time, heads, keyValueHeads, headSize) => {
  await expectSameAsCpu((tf, random) => {
    const mask = masked(tf, time);
    // what padding computes is nobody's: it must not reach the comparison
    const real = tf.reshape(tf.cast(mask, 'float32'), [3 * time, 1]);
    const shape = { batch: 3, time, heads, keyValueHeads, headSize, scale: 0.7 };
    const inputs = [heads, keyValueHeads, keyValueHeads].map((count) => normal(tf, random, [3 * time, count * headSize]));
    return valueAndGradients(tf, random, (...qkv) => tf.mul(attend(tf, ...(qkv as [Tensor2D, Tensor2D, Tensor2D]), mask, shape), real), inputs);
  }, 3e-6);
});

test.each([[1, 2], [3, 5], [6, 50], [5, 1027]])('log-probabilities of %i tokens of %i', async (rows, vocabulary) => {
  await expectSameAsCpu((tf, random) => {
    const tokens = integers(tf, random, [rows], vocabulary) as Tensor1D;
    return valueAndGradients(tf, random, (logits: Tensor) => tokenLogProbabilities(tf, tf.mul(5, logits) as Tensor2D, tokens), [normal(tf, random, [rows, vocabulary])]);
  }, 3e-6);
});
