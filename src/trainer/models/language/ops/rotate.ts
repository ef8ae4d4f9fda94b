import type { Tensor, Tensor2D } from '@tensorflow/tfjs';
import type { Tf } from '../../../backend/backend';
import type { Rope } from '../../../../architecture/architecture';
import { hasKernel, runKernel, withGradient } from './fused';

/** Cosines and sines of rows at positions, [rows, headSize / 2] each. */
export interface Rotation {
  readonly cos: Tensor2D;
  readonly sin: Tensor2D;
}

/** Fills [rows, frequencies] tables; angles are products in float32, as in transformers. */
export function rotationTables(rope: Rope, positions: ArrayLike<number>): { cos: Float32Array; sin: Float32Array } {
  const half = rope.frequencies.length;
  const frequencies = Float32Array.from(rope.frequencies);
  const cos = new Float32Array(positions.length * half);
  const sin = new Float32Array(positions.length * half);
  for (let row = 0; row < positions.length; row++) {
    for (let i = 0; i < half; i++) {
      const angle = Math.fround(positions[row]! * frequencies[i]!);
      cos[row * half + i] = Math.cos(angle) * rope.magnitude;
      sin[row * half + i] = Math.sin(angle) * rope.magnitude;
    }
  }
  return { cos, sin };
}

/**
 * Turns the halves (a, b) of every head into (a cos − b sin, b cos + a sin), as transformers' `rotate_half`.
 * @param x [rows, heads · headSize]
 */
export function rotate(tf: Tf, x: Tensor2D, heads: number, { cos, sin }: Rotation): Tensor2D {
  if (hasKernel(tf, 'rotate')) {
    // turning is linear, and its transpose turns back
    const turn = (input: Tensor, c: Tensor, s: Tensor, direction: 1 | -1): Tensor => runKernel(tf, 'rotate', { x: input, cos: c, sin: s }, { heads, direction })[0]!;
    return withGradient(tf, [x], ([input]) => ({ value: turn(input!, cos, sin, 1), kept: [cos, sin], gradient: (dy, [c, s]) => [turn(dy, c!, s!, -1)] })) as Tensor2D;
  }
  const rows = x.shape[0];
  const half = cos.shape[1];
  const [a, b] = tf.split(tf.reshape(x, [rows, heads, 2, half]), 2, 2) as [Tensor, Tensor];
  const [c, s] = [cos, sin].map((table) => tf.reshape(table, [rows, 1, 1, half])) as [Tensor, Tensor];
  return tf.reshape(tf.concat([tf.sub(tf.mul(a, c), tf.mul(b, s)), tf.add(tf.mul(b, c), tf.mul(a, s))], 2), [rows, heads * 2 * half]);
}
