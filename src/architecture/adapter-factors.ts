import path from 'node:path';
import type { Checkpoint, CheckpointTensor } from '../checkpoint/checkpoint';
import { readLoraAdapter, refuseChangedBase } from '../checkpoint/lora-adapter';
import { linearsOf, type Architecture, type Linear } from './architecture';
import { ConfigReader } from './config-reader';
import { adapterMismatch, unknownTarget, unsupportedAdapter } from './errors';

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
 * The LoRA adapters that a PEFT checkpoint has for a base model of this architecture, by its config and headers. Every
 * tensor of the file finds its layer, or nothing is loaded: no key is dropped in silence.
 * @throws AdapterMismatchError when its tensors do not fit this base, UnsupportedAdapterError for anything but plain LoRA,
 * MalformedAdapterError
 */
export function adapterFactors(checkpoint: Checkpoint, architecture: Architecture): AdapterFactors[] {
  const { kind, config, path: where } = checkpoint;
  if (kind !== 'adapter') throw unsupportedAdapter(where, 'a directory without adapter_config.json and adapter_model.safetensors');
  const { modules, replaced } = readLoraAdapter(checkpoint);
  refuseChangedBase(checkpoint, 'the base');
  const [whole] = replaced.keys();
  if (whole !== undefined) throw unsupportedAdapter(where, `a whole tensor beside the factors (${whole})`);
  const linears = new Map(architecture.layers.flatMap(linearsOf).map((linear) => [linear.name, linear]));
  const dropout = new ConfigReader(path.join(where, 'adapter_config.json'), config!).number('lora_dropout', 0);
  return [...modules.values()].map(({ name, rank, scale, a, b }) => {
    const linear = linears.get(name);
    if (!linear) throw adapterMismatch(where, `tensor ${a.name} belongs to no layer of this ${architecture.modelType} model`);
    const fits = a.shape.join() === `${rank},${linear.inputs}` && b.shape.join() === `${linear.outputs},${rank}`;
    if (!fits) throw adapterMismatch(where, `${name}: factors [${a.shape.join(', ')}] and [${b.shape.join(', ')}] do not fit the layer's [${linear.outputs}, ${linear.inputs}]`);
    return { linear, rank, scale, dropout, a, b };
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
