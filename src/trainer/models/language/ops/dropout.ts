import type { Tensor2D } from '@tensorflow/tfjs';
import type { Tf } from '../../../backend/backend';

/**
 * x with a share `rate` of its elements zero and the others divided by 1 − rate. Which ones depends on seed, layer and
 * index alone, so that a resumed training drops what an uninterrupted one would have dropped.
 */
export function dropout(tf: Tf, x: Tensor2D, rate: number, seed: number, layer: string): Tensor2D {
  if (rate === 0) return x;
  return tf.mul(x, tf.tensor2d(dropoutMask(x.size, rate, seed, layer), x.shape));
}

/** 0 or 1 / (1 − rate) for each of `size` elements. */
export function dropoutMask(size: number, rate: number, seed: number, layer: string): Float32Array {
  let key = mix(seed | 0);
  for (let i = 0; i < layer.length; i++) key = mix(key ^ layer.charCodeAt(i));
  const threshold = rate * 2 ** 32;
  const kept = 1 / (1 - rate);
  const mask = new Float32Array(size);
  for (let i = 0; i < size; i++) mask[i] = mix(mix(key ^ i) + key) >>> 0 < threshold ? 0 : kept;
  return mask;
}

/** The seed of one pass of a training: another one for every place (step, epoch, first row, …). */
export function dropoutSeed(seed: number, ...place: readonly number[]): number {
  return place.reduce((hash, part) => mix(hash ^ part), seed | 0);
}

/** A bijection of 32 bits that looks random (the finaliser of MurmurHash3). */
function mix(value: number): number {
  let hash = (value + 0x9e3779b9) | 0;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}
