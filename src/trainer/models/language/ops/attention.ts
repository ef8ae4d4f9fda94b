import type { Tensor, Tensor2D } from '@tensorflow/tfjs';
import type { Tf } from '../../../backend/backend';
import { hasKernel, runKernel, withGradient } from './fused';

export interface AttentionShape {
  readonly batch: number;
  readonly time: number;
  readonly heads: number;
  /** a divisor of heads: each key and value serves heads / keyValueHeads queries (Ainslie et al. 2023) */
  readonly keyValueHeads: number;
  readonly headSize: number;
  readonly scale: number;
}

/** far below any score, and finite: a row of padding sees nothing, and must not become NaN */
const hidden = 1e9;

/**
 * Causal attention, softmax(scale · Q Kᵀ) V by head, over tokens that are no padding.
 * @param query [batch · time, heads · headSize]; key and value [batch · time, keyValueHeads · headSize]
 * @param mask 1 for real tokens, int32 [batch, time]
 */
export function attend(tf: Tf, query: Tensor2D, key: Tensor2D, value: Tensor2D, mask: Tensor2D, shape: AttentionShape): Tensor2D {
  if (hasKernel(tf, 'attention')) return fusedAttention(tf, [query, key, value], mask, shape);
  const { batch, time, heads, keyValueHeads, headSize, scale } = shape;
  const group = heads / keyValueHeads;
  const byHead = (x: Tensor2D, count: number): Tensor => tf.transpose(tf.reshape(x, [batch, time, count, headSize]), [0, 2, 1, 3]);
  // queries that share a key stand below each other: one product serves the group
  const queries = tf.reshape(byHead(query, heads), [batch, keyValueHeads, group * time, headSize]);
  const scores = tf.mul(tf.matMul(queries, byHead(key, keyValueHeads), false, true), scale);
  const visible = tf.mul(tf.reshape(mask, [batch, 1, 1, time]).toFloat(), tf.reshape(lowerTriangle(tf, time), [1, 1, time, time]));
  const bias = tf.mul(tf.sub(visible, 1), hidden);
  const weights = tf.softmax(tf.add(tf.reshape(scores, [batch, heads, time, time]), bias));
  const mixed = tf.matMul(tf.reshape(weights, [batch, keyValueHeads, group * time, time]), byHead(value, keyValueHeads));
  return tf.reshape(tf.transpose(tf.reshape(mixed, [batch, heads, time, headSize]), [0, 2, 1, 3]), [batch * time, heads * headSize]);
}

function fusedAttention(tf: Tf, inputs: readonly Tensor[], mask: Tensor2D, shape: AttentionShape): Tensor2D {
  return withGradient(tf, inputs, ([query, key, value]) => {
    const [mixed, weights] = runKernel(tf, 'attention', { query: query!, key: key!, value: value!, mask }, shape);
    return {
      value: mixed!,
      kept: [query!, key!, value!, weights!],
      gradient: (dy, [q, k, v, w]) => runKernel(tf, 'attentionGradient', { query: q!, key: k!, value: v!, weights: w!, dy }, shape),
    };
  }) as Tensor2D;
}

function lowerTriangle(tf: Tf, size: number): Tensor2D {
  const row = tf.range(0, size, 1, 'int32');
  return tf.cast(tf.greaterEqual(tf.expandDims(row, 1), tf.expandDims(row, 0)), 'float32') as Tensor2D;
}
