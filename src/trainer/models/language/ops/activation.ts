import type { Tensor } from '@tensorflow/tfjs';
import type { Tf } from '../../../backend/backend';
import type { Activation } from '../../../../architecture/architecture';
import { hasKernel, runKernel, withGradient } from './fused';

const rootTwoOverPi = Math.sqrt(2 / Math.PI);

const compositions: Readonly<Record<Activation, (tf: Tf, x: Tensor) => Tensor>> = {
  // Hendrycks & Gimpel 2016, with the tanh approximation that GPT-2 uses
  'gelu-tanh': (tf, x) => {
    const inner = tf.mul(rootTwoOverPi, tf.add(x, tf.mul(0.044715, tf.mul(x, tf.square(x)))));
    return tf.mul(tf.mul(0.5, x), tf.add(1, tf.tanh(inner)));
  },
  gelu: (tf, x) => tf.mul(tf.mul(0.5, x), tf.add(1, tf.erf(tf.mul(x, Math.SQRT1_2)))),
  silu: (tf, x) => tf.mul(x, tf.sigmoid(x)),
  relu: (tf, x) => tf.relu(x),
};

export function activate(tf: Tf, kind: Activation, x: Tensor): Tensor {
  if (kind !== 'gelu-tanh' || !hasKernel(tf, 'gelu')) return compositions[kind](tf, x);
  return withGradient(tf, [x], ([input]) => ({
    value: runKernel(tf, 'gelu', { x: input! })[0]!,
    kept: [input!],
    gradient: (dy, saved) => runKernel(tf, 'geluGradient', { x: saved[0]!, dy }),
  }));
}

/** activation(gate) · up: the GLU variants of Shazeer 2020 (SwiGLU with silu). */
export function activateGated(tf: Tf, kind: Activation, gate: Tensor, up: Tensor): Tensor {
  if (kind !== 'silu' || !hasKernel(tf, 'gatedSilu')) return tf.mul(activate(tf, kind, gate), up);
  return withGradient(tf, [gate, up], ([first, second]) => ({
    value: runKernel(tf, 'gatedSilu', { gate: first!, up: second! })[0]!,
    kept: [first!, second!],
    gradient: (dy, saved) => runKernel(tf, 'gatedSiluGradient', { gate: saved[0]!, up: saved[1]!, dy }),
  }));
}
