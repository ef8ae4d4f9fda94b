import path from 'node:path';
import { isFloatDtype, type FloatDtype } from '../checkpoint/dtype';
import type { Checkpoint } from '../checkpoint/checkpoint';
import type { NamedCheckpoint } from '../checkpoint/names';
import { valuesAt, type BlendParameters } from './blend-parameters';
import { methodInputs, wrongInputCount } from './errors';
import { layerPositions } from './mergekit/layers';
import type { MergeMethod } from './methods/method';
import type { MergeRequest, RequestedTensor } from './request';
import { shardTensors, type Shard } from './shards';
import { sourceOf } from './sources/of-tensor';
import type { TensorSource } from './sources/source';

export interface BlendRecipe {
  readonly method: MergeMethod;
  readonly parameters: BlendParameters;
  /** diagonal Fisher information, one an expert, of methods that take it */
  readonly fishers?: readonly NamedCheckpoint[];
  /** of methods that draw */
  readonly seed?: number;
  /** goes in as the first input where the method merges task vectors */
  readonly base: NamedCheckpoint | null;
  /** of the output's float tensors; as in the first input where null */
  readonly dtype: FloatDtype | null;
  readonly metadata: Readonly<Record<string, string>>;
  /** most bytes of one weight file; the files of the first expert where absent */
  readonly shardBytes?: number;
  /** integer tensors that are the base's, whatever the experts have */
  readonly fromBase?: ReadonlySet<string>;
}

/**
 * The request of a blend: the same shards, order and types as in the first expert, but for floats when `dtype` asks for
 * another. The checkpoints have passed the preflight.
 * @throws MethodInputsError when the method takes another number of experts or misses its base
 */
export function blendRequest(experts: readonly NamedCheckpoint[], { method, parameters: { method: parameters, experts: ofExperts }, fishers = [], seed = 0, base, dtype, metadata, shardBytes, fromBase = new Set() }: BlendRecipe): MergeRequest {
  checkInputs(method, experts, fishers.length, base !== null);
  const first = experts[0].checkpoint;
  const taken = method.inputs.base === 'none' ? null : base;
  const inputs = [...experts, ...(taken ? [taken] : []), ...fishers, ...(base && !taken && fromBase.size > 0 ? [base] : [])];
  // the base comes first, as the θ₀ of θ₀ + Σ wᵢτᵢ
  const order = taken ? [experts.length, ...experts.keys()] : [...experts.keys()];
  // the base and the Fishers have no parameters of their own; every input has a value for each all the same
  const unused = Object.fromEntries(Object.entries(method.modelParameters).map(([name, { default: value }]) => [name, value ?? 0]));
  const positionOf = layerPositions(first.tensors.keys());
  const fisherInputs = fishers.map((_, i) => experts.length + (taken ? 1 : 0) + i);
  const baseInput = taken ? experts.length : inputs.length - 1;
  const tensors = [...first.tensors.values()].map(({ name, shape, dtype: own }): RequestedTensor => ({
    name,
    shape,
    dtype: dtype !== null && isFloatDtype(own) ? dtype : own,
    method: method.name,
    parameters,
    inputs: (fromBase.has(name) ? [baseInput] : [...order, ...(isFloatDtype(own) ? fisherInputs : [])]).map((input) => ({ input, source: tensorSource(inputs[input].checkpoint, name), parameters: ofExperts[input] ? valuesAt(ofExperts[input], positionOf(name)) : unused })),
    base: taken && !fromBase.has(name) ? 0 : null,
  }));
  const files = weightFiles(first, tensors, shardBytes).map((shard) => ({ ...shard, metadata }));
  return { inputs: inputs.map(({ name }) => name), files, seed };
}

/** An adapter is one file; shards stay as they are, unless their size is asked for or they are none of safetensors'. */
function weightFiles({ kind, files, tensors: own }: Checkpoint, tensors: readonly RequestedTensor[], shardBytes: number | undefined): Shard[] {
  if (kind === 'adapter') return [{ file: 'adapter_model.safetensors', tensors }];
  const shardOf = (name: string) => own.get(name)?.file ?? '';
  const areKept = kind === 'sharded' && shardBytes === undefined && files.every((file) => file.endsWith('.safetensors') && path.basename(file) !== 'adapter_model.safetensors');
  if (areKept) return files.map((file) => ({ file: path.basename(file), tensors: tensors.filter(({ name }) => shardOf(name) === file) }));
  return shardTensors(tensors, shardBytes ?? (kind === 'sharded' ? undefined : Infinity));
}

/** What may be done to LoRA factors one by one. */
export function isAverage({ name }: Pick<MergeMethod, 'name'>): boolean {
  return name === 'linear' || name === 'uniform';
}

function checkInputs(method: MergeMethod, experts: readonly NamedCheckpoint[], fishers: number, hasBase: boolean): void {
  const { name, inputs, takesFishers = false } = method;
  const count = experts.length;
  if (count < inputs.minimum || count > inputs.maximum) throw wrongInputCount(name, inputs, 'expert', '', count);
  if (inputs.base === 'required' && !hasBase) throw methodInputs(name, 'needs a base: pass --base');
  if (takesFishers && fishers !== count) throw methodInputs(name, `takes the Fisher information of every expert: pass --fisher ${count} times, in their order`);
  if (!takesFishers && fishers > 0) throw methodInputs(name, 'has no use for Fisher information: leave --fisher out');
  const adapter = experts.find(({ checkpoint }) => checkpoint.kind === 'adapter');
  if (adapter && !isAverage(method)) throw methodInputs(name, `merges whole models, and ${adapter.name} is an adapter, whose factors can only be averaged — pass --base to merge it with its base, or use linear`);
}

function tensorSource({ tensors }: Checkpoint, name: string): TensorSource {
  const tensor = tensors.get(name);
  if (!tensor) throw new Error(`${name}: planned without a preflight`);
  return sourceOf(tensor);
}
