import type { Tensor } from '@tensorflow/tfjs';
import type { Tf } from '../../../backend/backend';
import { hasKernel, runKernel, withGradient } from './fused';

/** (x − mean) / √(variance + ε) · weight + bias over the last axis (Ba et al. 2016). */
export function layerNorm(tf: Tf, x: Tensor, weight: Tensor, bias: Tensor, epsilon: number): Tensor {
  if (hasKernel(tf, 'norm')) return fusedNorm(tf, [x, weight, bias], epsilon);
  const centred = tf.sub(x, tf.mean(x, -1, true));
  const deviation = tf.sqrt(tf.add(tf.mean(tf.square(centred), -1, true), epsilon));
  return tf.add(tf.mul(tf.div(centred, deviation), weight), bias);
}

/** x / √(mean(x²) + ε) · weight over the last axis (Zhang & Sennrich 2019). */
export function rmsNorm(tf: Tf, x: Tensor, weight: Tensor, epsilon: number): Tensor {
  if (hasKernel(tf, 'norm')) return fusedNorm(tf, [x, weight], epsilon);
  const size = tf.sqrt(tf.add(tf.mean(tf.square(x), -1, true), epsilon));
  return tf.mul(tf.div(x, size), weight);
}

function fusedNorm(tf: Tf, inputs: readonly Tensor[], epsilon: number): Tensor {
  const isCentred = inputs.length === 3;
  return withGradient(tf, inputs, ([x, weight, bias]) => {
    const [value, means, rates] = runKernel(tf, 'norm', bias ? { x: x!, weight: weight!, bias } : { x: x!, weight: weight! }, { epsilon });
    return {
      value: value!,
      kept: [x!, weight!, means!, rates!],
      gradient: (dy, saved) => {
        const [input, scale, centres, factors] = saved as [Tensor, Tensor, Tensor, Tensor];
        const dx = runKernel(tf, 'normGradient', { x: input, weight: scale, dy, means: centres, rates: factors }, { isCentred });
        return [...dx, ...runKernel(tf, 'normParametersGradient', { x: input, dy, means: centres, rates: factors }, { isCentred, columns: scale.size })];
      },
    };
  });
}
