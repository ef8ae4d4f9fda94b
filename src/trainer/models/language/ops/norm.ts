import type { Tensor } from '@tensorflow/tfjs';
import type { Tf } from '../../../backend/backend';

/** (x − mean) / √(variance + ε) · weight + bias over the last axis (Ba et al. 2016). */
export function layerNorm(tf: Tf, x: Tensor, weight: Tensor, bias: Tensor, epsilon: number): Tensor {
  const centred = tf.sub(x, tf.mean(x, -1, true));
  const deviation = tf.sqrt(tf.add(tf.mean(tf.square(centred), -1, true), epsilon));
  return tf.add(tf.mul(tf.div(centred, deviation), weight), bias);
}

/** x / √(mean(x²) + ε) · weight over the last axis (Zhang & Sennrich 2019). */
export function rmsNorm(tf: Tf, x: Tensor, weight: Tensor, epsilon: number): Tensor {
  const size = tf.sqrt(tf.add(tf.mean(tf.square(x), -1, true), epsilon));
  return tf.mul(tf.div(x, size), weight);
}
