import type { Checkpoint, CheckpointTensor } from '../../../checkpoint/checkpoint';
import { toFloat32 } from '../../../checkpoint/safetensors';
import { openTensorReader } from '../../../checkpoint/tensor-reader';
import { RandomStream } from '../../random';
import { tensorSpecs, type Architecture, type TensorSpec } from '../../../architecture/architecture';
import { weightMismatch } from '../../../architecture/errors';
import { weightTensors } from '../../../architecture/weight-tensors';

/** Tensors by name, row-major float32. */
export type HostWeights = ReadonlyMap<string, Float32Array>;

export function sizeOf({ shape }: TensorSpec): number {
  return shape.reduce((size, length) => size * length, 1);
}

/**
 * Reads the weights that an architecture needs, single or sharded, as float32.
 * @throws WeightMismatchError when a tensor is missing, unknown or of another shape, or a tied head says something else
 * than the embedding, and what `openCheckpoint` throws
 */
export async function readWeights(checkpoint: Checkpoint, architecture: Architecture): Promise<HostWeights> {
  const tensors = weightTensors(checkpoint, architecture);
  const reader = openTensorReader();
  const read = async (tensor: CheckpointTensor): Promise<Float32Array> => {
    const bytes = new Uint8Array(tensor.end - tensor.begin);
    await reader.read(tensor, 0, bytes);
    return toFloat32(bytes, tensor.dtype);
  };
  try {
    const weights = new Map<string, Float32Array>();
    for (const { name } of tensorSpecs(architecture)) weights.set(name, await read(tensors.get(name)!));
    const copy = architecture.head === null ? checkpoint.tensors.get('lm_head.weight') : undefined;
    if (copy) refuseOtherHead(checkpoint.path, await read(copy), weights.get(architecture.embedding)!);
    return weights;
  } finally {
    await reader.close();
  }
}

/** transformers 4 takes the embedding for a tied head, transformers 5 what the file has: where they differ, nobody knows. */
function refuseOtherHead(where: string, head: Float32Array, embedding: Float32Array): void {
  if (head.length === embedding.length && head.every((value, i) => value === embedding[i])) return;
  throw weightMismatch(where, 'config.json ties the head to the embedding, but the file has another lm_head.weight (write "tie_word_embeddings": false to use it)');
}

/** Seeded initial weights: normal or constant, as transformers starts them. Each tensor draws from a stream of its own. */
export function initialWeights(architecture: Architecture, seed: number): HostWeights {
  return new Map(tensorSpecs(architecture).map((spec, index) => [spec.name, initialValues(spec, seed, index)]));
}

function initialValues(spec: TensorSpec, seed: number, stream: number): Float32Array {
  const { initial } = spec;
  if ('constant' in initial) return new Float32Array(sizeOf(spec)).fill(initial.constant);
  const random = RandomStream.of(seed, stream);
  return Float32Array.from({ length: sizeOf(spec) }, () => initial.deviation * random.normal());
}

