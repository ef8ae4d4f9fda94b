import type { Tensor, Tensor1D, Tensor2D } from '@tensorflow/tfjs';
import type { Tf } from '../../../backend/backend';
import { hasKernel, runKernel, withGradient } from './fused';

/**
 * log softmax(logits)[row, tokens[row]], [rows]. Only the logits are kept for the gradient, which is
 * (1[token] − softmax) · dy.
 * @param logits [rows, vocabulary]
 * @param tokens int32 [rows]
 */
export function tokenLogProbabilities(tf: Tf, logits: Tensor2D, tokens: Tensor1D): Tensor1D {
  return withGradient(tf, [logits], ([x]) => (hasKernel(tf, 'tokenLogProbabilities') ? fused(tf, x!, tokens) : composed(tf, x!, tokens))) as Tensor1D;
}

function fused(tf: Tf, logits: Tensor, tokens: Tensor1D): ReturnType<Parameters<typeof withGradient>[2]> {
  const [value, logSums] = runKernel(tf, 'tokenLogProbabilities', { logits, tokens });
  return {
    value: value!,
    kept: [logits, tokens, logSums!],
    gradient: (dy, [x, chosen, sums]) => runKernel(tf, 'tokenLogProbabilitiesGradient', { logits: x!, tokens: chosen!, logSums: sums!, dy }),
  };
}

function composed(tf: Tf, logits: Tensor, tokens: Tensor1D): ReturnType<Parameters<typeof withGradient>[2]> {
  const chosen = tf.oneHot(tokens, logits.shape[1]!);
  return {
    value: tf.sub(tf.sum(tf.mul(logits, chosen), 1), tf.logSumExp(logits, 1)),
    kept: [logits, tokens],
    gradient: (dy, [x, ids]) => [tf.mul(tf.expandDims(dy, 1), tf.sub(tf.oneHot(ids as Tensor1D, x!.shape[1]!), tf.softmax(x!)))],
  };
}
