import type { Checkpoint } from '../../checkpoint/checkpoint';
import { dtypeBytes, isFloatDtype } from '../../checkpoint/dtype';
import { toFloat32 } from '../../checkpoint/float-formats';
import { elementCount } from '../../checkpoint/safetensors-header';
import { openTensorReader } from '../../checkpoint/tensor-reader';

/** values of a sample: independent weights then have a cosine within ±0.2, nearly always */
const sampleSize = 256;
/** below this, two checkpoints are taken for trained from different bases */
const leastCosine = 0.3;
/** checkpoints of a group that each is held against */
const comparedWith = 64;

/**
 * A few values from the middle of the largest float matrix: the same place in every checkpoint with the same tensors,
 * so that what was fine-tuned from one base is alike there. Null where there is no matrix, and for adapters, whose
 * factors start from random numbers of their own.
 */
export async function sampleWeights(checkpoint: Checkpoint): Promise<Float32Array | null> {
  if (checkpoint.kind === 'adapter') return null;
  const matrices = [...checkpoint.tensors.values()].filter(({ dtype, shape }) => isFloatDtype(dtype) && shape.length >= 2);
  const size = ({ shape }: { readonly shape: readonly number[] }): number => elementCount(shape);
  const [largest] = matrices.sort((a, b) => size(b) - size(a) || (a.name < b.name ? -1 : 1));
  if (!largest || size(largest) === 0) return null;
  const length = Math.min(sampleSize, size(largest));
  const bytes = new Uint8Array(length * dtypeBytes[largest.dtype]);
  const reader = openTensorReader();
  try {
    await reader.read(largest, Math.floor((size(largest) - length) / 2) * dtypeBytes[largest.dtype], bytes);
  } finally {
    await reader.close();
  }
  return toFloat32(bytes, largest.dtype);
}

/**
 * Which members of a group look unlike most others at the sampled place: indices into `samples`.
 * @param samples [members]; members without one are never strange
 */
export function strangers(samples: readonly (Float32Array | null)[]): Set<number> {
  const compared = samples.flatMap((sample, index) => (sample ? [index] : [])).slice(0, comparedWith);
  const strange = new Set<number>();
  for (const [index, sample] of samples.entries()) {
    if (!sample) continue;
    const others = compared.filter((other) => other !== index);
    const unlike = others.filter((other) => cosine(sample, samples[other]!) < leastCosine);
    if (others.length > 0 && 2 * unlike.length > others.length) strange.add(index);
  }
  return strange;
}

/** Cosine of two samples; 1 where either is zero or not finite, which tells nothing. */
function cosine(a: Float32Array, b: Float32Array): number {
  let [dot, own, other] = [0, 0, 0];
  for (let k = 0; k < a.length; k++) {
    dot += a[k]! * b[k]!;
    own += a[k]! * a[k]!;
    other += b[k]! * b[k]!;
  }
  const value = dot / Math.sqrt(own * other);
  return Number.isFinite(value) ? value : 1;
}
