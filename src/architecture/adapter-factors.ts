import path from 'node:path';
import type { Checkpoint, CheckpointTensor } from '../checkpoint/checkpoint';
import { linearsOf, type Architecture, type Linear } from './architecture';
import { ConfigReader } from './config-reader';
import { adapterMismatch, unknownTarget, unsupportedAdapter } from './errors';

/** Keys of adapter_config.json that change what an adapter computes, in ways that are not LoRA's plain ΔW = scale · B A. */
const refusedKeys: readonly string[] = ['use_dora', 'use_qalora', 'lora_bias', 'modules_to_save', 'layer_replication', 'trainable_token_indices', 'target_parameters', 'alora_invocation_tokens', 'arrow_config', 'kasa_config', 'use_bdlora', 'velora_config', 'monteclora_config'];

/** One adapter of a linear layer in a PEFT file. */
export interface AdapterFactors {
  readonly linear: Linear;
  readonly rank: number;
  readonly scale: number;
  readonly dropout: number;
  /** [rank, inputs] */
  readonly a: CheckpointTensor;
  /** [outputs, rank] */
  readonly b: CheckpointTensor;
}

/**
 * The LoRA adapters that a PEFT checkpoint has for a base model of this architecture, by its config and headers.
 * @throws AdapterMismatchError when its tensors do not fit this base, UnsupportedAdapterError for anything but plain LoRA
 */
export function adapterFactors(checkpoint: Checkpoint, architecture: Architecture): AdapterFactors[] {
  const { kind, config } = checkpoint;
  if (kind !== 'adapter' || !config) throw unsupportedAdapter(checkpoint.path, 'a directory without adapter_config.json and adapter_model.safetensors');
  const reader = new ConfigReader(path.join(checkpoint.path, 'adapter_config.json'), config);
  refuseExtras(reader, config);
  const isRankStabilised = reader.boolean('use_rslora', false);
  const dropout = reader.number('lora_dropout', 0);
  return pairFactors(checkpoint, architecture).map(({ linear, a, b }) => {
    const rank = a.shape[0]!;
    return { linear, rank, scale: adapterScale(alphaOf(reader, linear), rank, isRankStabilised), dropout, a, b };
  });
}

/** α / r, or α / √r with rsLoRA (Kalajdzievski 2023, arXiv 2312.03732). */
export function adapterScale(alpha: number, rank: number, isRankStabilised: boolean): number {
  return alpha / (isRankStabilised ? Math.sqrt(rank) : rank);
}

/**
 * The linear layers that get a new adapter.
 * @param targets last parts of their names; by default those of the attention
 * @throws UnknownLoraTargetError when a target names no linear layer
 */
export function adaptedLinears(architecture: Architecture, targets: readonly string[] = architecture.defaultTargets): Linear[] {
  const linears = architecture.layers.flatMap(linearsOf);
  const available = [...new Set(linears.map(lastPart))];
  const unknown = targets.filter((target) => !available.includes(target));
  if (unknown.length > 0 || targets.length === 0) throw unknownTarget(unknown, available);
  return linears.filter((linear) => targets.includes(lastPart(linear)));
}

export function lastPart({ name }: Linear): string {
  return name.slice(name.lastIndexOf('.') + 1);
}

function refuseExtras(reader: ConfigReader, config: Readonly<Record<string, unknown>>): void {
  const type = reader.text('peft_type', 'LORA');
  if (type !== 'LORA') throw unsupportedAdapter(reader.where, `peft_type "${type}"`);
  const bias = reader.text('bias', 'none');
  if (bias !== 'none') throw unsupportedAdapter(reader.where, `bias "${bias}"`);
  for (const key of refusedKeys) {
    const value = config[key];
    const isSet = Array.isArray(value) ? value.length > 0 : Boolean(value);
    if (isSet) throw unsupportedAdapter(reader.where, key);
  }
}

/** α of a layer: `alpha_pattern` names exceptions, matched as PEFT does. */
function alphaOf(reader: ConfigReader, linear: Linear): number {
  const patterns = reader.object('alpha_pattern');
  const key = patterns?.keys().find((pattern) => new RegExp(`^(.*\\.)?(${pattern})$`).test(linear.name));
  return key === undefined ? reader.number('lora_alpha') : patterns!.number(key);
}

/** Every tensor of the file finds its layer and its partner, or nothing is loaded: no key is dropped in silence. */
function pairFactors(checkpoint: Checkpoint, architecture: Architecture): Pick<AdapterFactors, 'linear' | 'a' | 'b'>[] {
  const linears = new Map(architecture.layers.flatMap(linearsOf).map((linear) => [linear.name, linear]));
  const halves = new Map<string, { a?: CheckpointTensor; b?: CheckpointTensor }>();
  for (const tensor of checkpoint.tensors.values()) {
    const [, name, factor] = /^base_model\.model\.(.+)\.lora_(A|B)(?:\.default)?\.weight$/.exec(tensor.name) ?? [];
    if (!name || !linears.has(name)) throw adapterMismatch(checkpoint.path, `tensor ${tensor.name} belongs to no layer of this ${architecture.modelType} model`);
    const half = halves.get(name) ?? {};
    half[factor === 'A' ? 'a' : 'b'] = tensor;
    halves.set(name, half);
  }
  if (halves.size === 0) throw adapterMismatch(checkpoint.path, 'it holds no LoRA tensors');
  return [...halves].map(([name, { a, b }]) => {
    const linear = linears.get(name)!;
    if (!a || !b) throw adapterMismatch(checkpoint.path, `${name} has only one of lora_A and lora_B`);
    const rank = a.shape[0]!;
    const fits = a.shape.join() === `${rank},${linear.inputs}` && b.shape.join() === `${linear.outputs},${rank}`;
    if (!fits) throw adapterMismatch(checkpoint.path, `${name}: factors [${a.shape.join(', ')}] and [${b.shape.join(', ')}] do not fit the layer's [${linear.outputs}, ${linear.inputs}]`);
    return { linear, a, b };
  });
}
