import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import type { Tensor, Variable } from '@tensorflow/tfjs';
import { openBackend, type Tf } from '../../../../src/trainer/backend/backend';
import { FusedAdam } from '../../../../src/trainer/backend/fused-adam';
import { RandomStream } from '../../../../src/trainer/random';
import { integers, normal } from './compare';

/** One PPO-like update: minibatch gather, two-layer policy, ratio, clipping, value loss, entropy, Adam. */
function update(tf: Tf, parameters: Record<string, Variable>, optimizer: FusedAdam, step: number): void {
  tf.tidy(() => {
    const random = RandomStream.of(step, 0);
    const chosen = integers(tf, random, [128], 256);
    const observations = tf.gather(normal(tf, random, [256, 17]), chosen) as Tensor;
    const actions = normal(tf, random, [128, 6]);
    const advantages = normal(tf, random, [128]);
    optimizer.minimize(() => {
      const hidden = tf.tanh(tf.add(tf.matMul(tf.tanh(tf.add(tf.matMul(observations as never, parameters.w1 as never), parameters.b1)), parameters.w2 as never), parameters.b2));
      const mean = tf.matMul(hidden as never, parameters.w3 as never);
      const logProbability = tf.sum(tf.sub(tf.mul(-0.5, tf.square(tf.div(tf.sub(actions, mean), tf.exp(parameters.logStd)))), parameters.logStd), 1);
      const ratio = tf.exp(tf.mul(logProbability, 0.01));
      const policy = tf.mean(tf.maximum(tf.neg(tf.mul(advantages, ratio)), tf.neg(tf.mul(advantages, tf.clipByValue(ratio, 0.8, 1.2)))));
      return tf.add(policy, tf.mul(0.5, tf.mean(tf.square(mean)))).asScalar();
    });
  });
}

test('tensors and heap stay flat over 200 updates, and nothing turns NaN', async () => {
  const { tf } = await openBackend('wasm');
  const random = RandomStream.of(1, 0);
  const shapes = { w1: [17, 64], b1: [64], w2: [64, 64], b2: [64], w3: [64, 6], logStd: [6] };
  const parameters = Object.fromEntries(Object.entries(shapes).map(([name, shape]) => [name, tf.tidy(() => tf.variable(tf.mul(0.1, normal(tf, random, shape))))]));
  const optimizer = new FusedAdam(tf, parameters, { learningRate: 1e-3, maxGradientNorm: 0.5 });
  const { wasm } = tf.backend() as BackendWasm;
  const heapBytes = (): number => (wasm as unknown as { readonly HEAPU8: Uint8Array }).HEAPU8.byteLength;
  // the first updates make the scratch memory and warm the allocator up
  for (let step = 0; step < 20; step++) update(tf, parameters, optimizer, step);
  const before = { tensors: tf.memory().numTensors, bytes: tf.memory().numBytes, dataIds: tf.backend().numDataIds(), heap: heapBytes() };
  for (let step = 20; step < 220; step++) update(tf, parameters, optimizer, step);
  expect({ tensors: tf.memory().numTensors, bytes: tf.memory().numBytes, dataIds: tf.backend().numDataIds(), heap: heapBytes() }).toEqual(before);
  expect(Array.from(parameters.w2.dataSync()).every(Number.isFinite)).toBe(true);
  optimizer.dispose();
  tf.dispose(parameters);
});

test('kernels run on the cpu backend leave nothing behind on either side', async () => {
  const { tf } = await openBackend('wasm');
  const cpu = tf.findBackend('cpu');
  const before = [tf.backend().numDataIds(), cpu.numDataIds()];
  for (let i = 0; i < 5; i++) {
    tf.tidy(() => {
      tf.einsum('ij,jk->ik', tf.ones([3, 4]), tf.ones([4, 5]));
      tf.grad((x) => tf.maxPool(x as never, 2, 2, 'valid'))(tf.ones([4, 4, 1]));
      tf.matMul(tf.ones([2, 3], 'int32'), tf.ones([3, 2], 'int32'));
    });
  }
  expect([tf.backend().numDataIds(), cpu.numDataIds()]).toEqual(before);
});
