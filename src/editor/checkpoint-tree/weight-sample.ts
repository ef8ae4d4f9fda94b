import type { Checkpoint } from '../../checkpoint/checkpoint';
import { dtypeBytes, isFloatDtype } from '../../checkpoint/dtype';
import { toFloat32 } from '../../checkpoint/float-formats';
import { elementCount } from '../../checkpoint/safetensors-header';
import { openTensorReader } from '../../checkpoint/tensor-reader';

/** values of a sample: independent weights then have a cosine within ±0.2, nearly always */
const sampleSize = 256;
/** below this, two checkpoints are taken for trained from different bases */
const leastCosine = 0.3;
/** checkpoints of a group that each is held against, itself among them where it is one of the first */
const comparedWith = 16;

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
export function* strangers(samples: readonly (Float32Array | null)[]): Generator<void, Set<number>> {
  const compared: Float32Array[] = [];
  for (const sample of samples) if (sample && compared.push(sample) === comparedWith) break;
  const strange = new Set<number>();
  let met = 0;
  for (const [index, sample] of samples.entries()) {
    yield;
    if (sample && isUnlikeMost(sample, compared, compared.length - Number(met++ < compared.length))) strange.add(index);
  }
  return strange;
}

/** The last answer of each sample: the tree asks again for ten thousand whenever it has read a few more. */
const answers = new WeakMap<Float32Array, { readonly compared: readonly Float32Array[]; readonly unlike: number }>();

/** Whether a sample is unlike more than half of the others among those that it is compared with; it is like itself. */
function isUnlikeMost(sample: Float32Array, compared: readonly Float32Array[], others: number): boolean {
  let answer = answers.get(sample);
  if (answer?.compared.length !== compared.length || answer.compared.some((other, index) => other !== compared[index])) {
    answer = { compared, unlike: compared.filter((other) => cosine(sample, other) < leastCosine).length };
    answers.set(sample, answer);
  }
  return 2 * answer.unlike > others;
}

const norms = new WeakMap<Float32Array, number>();

/** Computed once a sample, because each is compared many times. */
function normOf(sample: Float32Array): number {
  let norm = norms.get(sample);
  if (norm === undefined) norms.set(sample, (norm = Math.sqrt(dot(sample, sample))));
  return norm;
}

function dot(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let k = 0; k < a.length; k++) sum += a[k]! * b[k]!;
  return sum;
}

/** Cosine of two samples; 1 where either is zero or not finite, which tells nothing. */
function cosine(a: Float32Array, b: Float32Array): number {
  const value = dot(a, b) / (normOf(a) * normOf(b));
  return Number.isFinite(value) ? value : 1;
}
