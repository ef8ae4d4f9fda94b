import path from 'node:path';
import { isFloatDtype, type FloatDtype } from '../checkpoint/dtype';
import type { Checkpoint, CheckpointTensor } from '../checkpoint/checkpoint';
import type { NamedCheckpoint } from '../checkpoint/names';
import { methodInputs } from './errors';
import type { MergeMethod } from './methods/method';
import { resolveParameters } from './methods/parameter';
import type { MergeRequest, RequestedFile } from './request';
import { sourceOf } from './sources/of-tensor';
import type { TensorSource } from './sources/source';

export interface BlendRecipe {
  readonly method: MergeMethod;
  /** one an expert */
  readonly weights: readonly number[];
  /** goes in as the first input where the method merges task vectors */
  readonly base: NamedCheckpoint | null;
  /** of the output's float tensors; as in the first input where null */
  readonly dtype: FloatDtype | null;
  readonly metadata: Readonly<Record<string, string>>;
}

/**
 * The request of a blend: the same shards, order and types as in the first expert, but for floats when `dtype` asks for
 * another. The checkpoints have passed the preflight.
 * @throws MethodInputsError when the method takes another number of experts or misses its base
 */
export function blendRequest(experts: readonly NamedCheckpoint[], { method, weights, base, dtype, metadata }: BlendRecipe): MergeRequest {
  checkInputs(method, experts.length, base !== null);
  const first = experts[0].checkpoint;
  const taken = method.inputs.base === 'none' ? null : base;
  const inputs = taken ? [...experts, taken] : experts;
  // the base comes first, as the θ₀ of θ₀ + Σ wᵢτᵢ
  const order = taken ? [experts.length, ...experts.keys()] : [...experts.keys()];
  const parameters = resolveParameters(method.parameters, 'normalize' in method.parameters ? { normalize: false } : {}, method.name);
  const ofInputs = inputs.map(({ name }, i) => resolveParameters(method.modelParameters, 'weight' in method.modelParameters ? { weight: weights[i] ?? 0 } : {}, name));
  const byFile = new Map<string, CheckpointTensor[]>(first.files.map((file) => [file, []]));
  for (const tensor of first.tensors.values()) byFile.get(tensor.file)?.push(tensor);
  const files = [...byFile].map(([file, tensors]): RequestedFile => ({
    file: outputName(first, file),
    metadata,
    tensors: tensors.map(({ name, shape, dtype: own }) => ({
      name,
      shape,
      dtype: dtype !== null && isFloatDtype(own) ? dtype : own,
      method: method.name,
      parameters,
      inputs: order.map((input) => ({ input, source: tensorSource(inputs[input].checkpoint, name), parameters: ofInputs[input] })),
      base: taken ? 0 : null,
    })),
  }));
  return { inputs: inputs.map(({ name }) => name), files, seed: 0 };
}

function checkInputs({ name, inputs }: MergeMethod, experts: number, hasBase: boolean): void {
  const { minimum, maximum } = inputs;
  if (experts < minimum || experts > maximum) throw methodInputs(name, `takes ${minimum === maximum ? minimum : maximum === Infinity ? `at least ${minimum}` : `${minimum} to ${maximum}`} experts, got ${experts}`);
  if (inputs.base === 'required' && !hasBase) throw methodInputs(name, 'merges task vectors and needs their base: pass --base');
}

function tensorSource({ tensors }: Checkpoint, name: string): TensorSource {
  const tensor = tensors.get(name);
  if (!tensor) throw new Error(`${name}: planned without a preflight`);
  return sourceOf(tensor);
}

function outputName({ kind }: Checkpoint, file: string): string {
  if (kind === 'sharded') return path.basename(file);
  return kind === 'adapter' ? 'adapter_model.safetensors' : 'model.safetensors';
}
