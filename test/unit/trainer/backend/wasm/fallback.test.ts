import type { Tensor, Tensor3D, Tensor4D } from '@tensorflow/tfjs';
import { expectSameAsCpu, integers, normal, valueAndGradients } from '../compare';

describe('kernels that the stock wasm backend lacks', () => {
  test('einsum', async () => {
    await expectSameAsCpu((tf, random) => tf.einsum('bij,bjk->bik', normal(tf, random, [2, 3, 4]), normal(tf, random, [2, 4, 5])));
  });

  test('gradients of a convolution', async () => {
    await expectSameAsCpu((tf, random) => valueAndGradients(tf, random, (x, filter) => tf.conv2d(x as Tensor4D, filter as Tensor4D, 1, 'same'), [normal(tf, random, [2, 5, 5, 3]), normal(tf, random, [3, 3, 3, 4])]));
  });

  test('gradients of a depthwise convolution', async () => {
    await expectSameAsCpu((tf, random) => valueAndGradients(tf, random, (x, filter) => tf.depthwiseConv2d(x as Tensor4D, filter as Tensor4D, 1, 'same'), [normal(tf, random, [2, 5, 5, 3]), normal(tf, random, [3, 3, 3, 2])]));
  });
});

describe('kernels that are silently wrong in the stock wasm backend', () => {
  test.each([[2, 2], [3, 1], [3, 2]])('gradient of max pooling, window %i, stride %i', async (window, stride) => {
    await expectSameAsCpu((tf, random) => valueAndGradients(tf, random, (x) => tf.maxPool(x as Tensor3D, window, stride, 'valid'), [normal(tf, random, [7, 7, 3])]));
  });
});

/** Ops that losses and networks are made of; most run on the stock kernels, and must agree too. */
const ops: Record<string, (tf: Parameters<Parameters<typeof expectSameAsCpu>[0]>[0]) => (...inputs: Tensor[]) => Tensor> = {
  'add, broadcast': (tf) => (a, b) => tf.add(a, tf.sum(b, 0)),
  'multiply, broadcast': (tf) => (a, b) => tf.mul(a, tf.sum(b, 1, true)),
  divide: (tf) => (a, b) => tf.div(a, tf.add(tf.square(b), 1)),
  'minimum and clip': (tf) => (a, b) => tf.minimum(a, tf.clipByValue(b, -0.2, 0.2)),
  maximum: (tf) => (a, b) => tf.maximum(a, b),
  'log softmax': (tf) => (a, b) => tf.logSoftmax(tf.add(a, b)),
  softmax: (tf) => (a, b) => tf.mul(tf.softmax(a), b),
  'log-probability of a Gaussian': (tf) => (a, b) => tf.sum(tf.sub(tf.mul(-0.5, tf.square(tf.div(tf.sub(a, b), tf.exp(tf.mul(b, 0.1))))), tf.mul(b, 0.1)), 1),
  'relu, sigmoid, softplus': (tf) => (a, b) => tf.add(tf.relu(a), tf.add(tf.sigmoid(b), tf.softplus(a))),
  'slice, concat, reshape': (tf) => (a, b) => tf.reshape(tf.concat([tf.slice(a, [0, 1], [-1, 3]), b], 1), [-1]),
  'stack and unstack': (tf) => (a, b) => tf.stack([...tf.unstack(a, 0), ...tf.unstack(b, 0)]),
  'logarithm and power': (tf) => (a, b) => tf.add(tf.log(tf.add(tf.abs(a), 1)), tf.pow(tf.add(tf.square(b), 0.5), 1.5)),
  'variance': (tf) => (a, b) => tf.add(tf.moments(a, 1).variance, tf.mean(b, 1)),
};

test.each(Object.keys(ops))('%s, forward and gradients', async (name) => {
  await expectSameAsCpu((tf, random) => valueAndGradients(tf, random, ops[name](tf), [normal(tf, random, [6, 5]), normal(tf, random, [6, 5])]), 2e-6);
});

test('one-hot, argmax, comparison and cast', async () => {
  await expectSameAsCpu((tf, random) => {
    const x = normal(tf, random, [6, 5]);
    return [tf.oneHot(integers(tf, random, [6], 5), 5), tf.argMax(x, 1), tf.greater(x, 0), tf.cast(tf.greater(x, 0), 'float32'), tf.cumsum(x, 1)];
  });
});
