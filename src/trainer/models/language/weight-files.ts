import type { Checkpoint } from '../../../checkpoint/checkpoint';
import { toFloat32 } from '../../../checkpoint/safetensors';
import { openTensorReader } from '../../../checkpoint/tensor-reader';
import { RandomStream } from '../../random';
import { tensorSpecs, type Architecture, type TensorSpec } from './architecture';
import { weightMismatch } from './errors';

/** Tensors by name, row-major float32. */
export type HostWeights = ReadonlyMap<string, Float32Array>;

export function sizeOf({ shape }: TensorSpec): number {
  return shape.reduce((size, length) => size * length, 1);
}

/**
 * Reads the weights that an architecture needs, single or sharded, as float32.
 * @throws WeightMismatchError when a tensor is missing, unknown or of another shape, and what `openCheckpoint` throws
 */
export async function readWeights(checkpoint: Checkpoint, architecture: Architecture): Promise<HostWeights> {
  const specs = new Map(tensorSpecs(architecture).map((spec) => [spec.name, spec]));
  const found = new Map([...checkpoint.tensors.values()].flatMap((tensor) => {
    const name = architecture.canonicalName(tensor.name);
    // a tied head may be saved a second time
    return name === null || (architecture.head === null && name === 'lm_head.weight') ? [] : [[name, tensor] as const];
  }));
  const missing = [...specs.keys()].filter((name) => !found.has(name));
  if (missing.length > 0) throw weightMismatch(checkpoint.path, `${missing.length} tensors are missing, such as ${missing[0]}`);
  const unknown = [...found.keys()].filter((name) => !specs.has(name));
  if (unknown.length > 0) throw weightMismatch(checkpoint.path, `it has tensors that a ${architecture.modelType} model does not know, such as ${unknown[0]}`);
  const reader = openTensorReader();
  try {
    const weights = new Map<string, Float32Array>();
    for (const [name, { shape }] of specs) {
      const tensor = found.get(name)!;
      if (tensor.shape.join() !== shape.join()) throw weightMismatch(checkpoint.path, `${name}: config.json implies [${shape.join(', ')}], the file has [${tensor.shape.join(', ')}]`);
      const bytes = new Uint8Array(tensor.end - tensor.begin);
      await reader.read(tensor, 0, bytes);
      weights.set(name, toFloat32(bytes, tensor.dtype));
    }
    return weights;
  } finally {
    await reader.close();
  }
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

