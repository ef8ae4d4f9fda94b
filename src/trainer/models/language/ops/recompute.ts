import type { Tensor } from '@tensorflow/tfjs';
import type { Tf } from '../../../backend/backend';
import { withGradient } from './fused';

/**
 * `compute(x)`, whose intermediate tensors are given up and computed again when the gradient is asked for (gradient
 * checkpointing, Chen et al. 2016): memory for a second forward pass.
 * @param weights what `compute` uses and has to give gradients for
 * @param constants what it uses beside, kept until then
 */
export function recomputed(tf: Tf, x: Tensor, weights: readonly Tensor[], constants: readonly Tensor[], compute: (x: Tensor, constants: readonly Tensor[]) => Tensor): Tensor {
  return withGradient(tf, [x, ...weights], ([input]) => ({
    value: compute(input!, constants),
    kept: [input!, ...constants],
    gradient: (dy, [again, ...kept]) => gradientsOf(tf, () => compute(again!, kept), [again!, ...weights], dy),
  }));
}

function gradientsOf(tf: Tf, compute: () => Tensor, inputs: Tensor[], dy: Tensor): Tensor[] {
  const { state } = tf.engine();
  // the gradient that is being computed still needs its tape, and a further one would replace it
  const { activeTape } = state;
  try {
    const { value, grads } = tf.engine().gradients(compute, inputs, dy, true);
    value.dispose();
    return inputs.map((input, i) => grads[i] ?? tf.zerosLike(input));
  } finally {
    state.activeTape = activeTape;
  }
}
