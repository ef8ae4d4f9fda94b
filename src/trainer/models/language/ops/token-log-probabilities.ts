import type { Tensor, Tensor1D, Tensor2D } from '@tensorflow/tfjs';
import type { Tf } from '../../../backend/backend';

/**
 * log softmax(logits)[row, tokens[row]], [rows]. Only the logits are kept for the gradient, which is
 * (1[token] − softmax) · dy.
 * @param logits [rows, vocabulary]
 * @param tokens int32 [rows]
 */
export function tokenLogProbabilities(tf: Tf, logits: Tensor2D, tokens: Tensor1D): Tensor1D {
  const vocabulary = logits.shape[1];
  const score = tf.customGrad((x, save) => {
    (save as (tensors: Tensor[]) => void)([x as Tensor]);
    const value = tf.sub(tf.sum(tf.mul(x as Tensor, tf.oneHot(tokens, vocabulary)), 1), tf.logSumExp(x as Tensor, 1));
    return {
      value,
      gradFunc: (dy: Tensor, saved: Tensor[]) => tf.mul(tf.expandDims(dy, 1), tf.sub(tf.oneHot(tokens, vocabulary), tf.softmax(saved[0]!))),
    };
  });
  return score(logits) as Tensor1D;
}
