import { isMap, isPair, isScalar, isSeq, type Node } from 'yaml';
import { SoupError } from '../../errors';
import { YamlSource, type KeyPath, type Position } from '../../experiment/yaml-source';
import { checkedValue, type ParameterTable, type ParameterValue } from '../methods/parameter';
import { outputTensors, type ModelTensors, type OutputTensor } from './output-tensors';
import { methodOf } from './parse';
import type { MergekitConfig } from './schema';
import { resolveSetting, type ResolvedValue, type Scope } from './settings';

export type ResolvedValues = Readonly<Record<string, ResolvedValue>>;

/** A tensor of the output with the value of every parameter, and where each value stands in the file. */
export interface ResolvedTensor {
  readonly name: string;
  readonly base: string | null;
  /** parameters of the whole merge */
  readonly parameters: ResolvedValues;
  /** parameters of every input; the base's are empty where the method merges task vectors */
  readonly inputs: readonly { readonly model: string; readonly tensor: string; readonly parameters: ResolvedValues }[];
}

/**
 * For every tensor of the output the value of each parameter: filters, gradients and precedence (source, slice, module,
 * global) as in mergekit. Parameters of the whole merge are looked up by the output's name, those of a model by the name
 * that the tensor has there.
 * @throws SliceError, MissingParameterError
 */
export function resolveParameters(config: MergekitConfig, tensors: ModelTensors): ResolvedTensor[] {
  const method = methodOf(config);
  return outputTensors(config, tensors).map((tensor) => ({
    name: tensor.name,
    base: tensor.base,
    parameters: resolveTable(method.parameters, tensor.scopes, tensor, tensor.name, null),
    inputs: tensor.inputs.map(({ model, tensor: own, parameters, path }) => {
      const isBase = method.inputs.base !== 'none' && model === tensor.base;
      return { model, tensor: own, parameters: isBase ? {} : resolveTable(method.modelParameters, [{ settings: parameters, path }, ...tensor.scopes], tensor, own, model) };
    }),
  }));
}

function resolveTable(table: ParameterTable, scopes: readonly Scope[], { name: output, t }: OutputTensor, tensor: string, model: string | null): ResolvedValues {
  return Object.fromEntries(Object.entries(table).map(([name, parameter]) => {
    const resolved = resolveSetting(name, parameter, scopes, tensor, t);
    const where = model === null ? output : `${output} of ${model}`;
    if (!resolved) throw new SoupError('MissingParameterError', `${where}: ${name} has no value — give one without a filter, as the last of the list or for the whole merge`);
    checkedValue(parameter, resolved.value, (what) => new SoupError('InvalidParameterError', `${where}: ${name} ${what}`));
    return [name, resolved];
  }));
}

export interface SettingUse {
  /** of the output */
  readonly tensor: string;
  /** null for a parameter of the whole merge */
  readonly model: string | null;
  readonly parameter: string;
  readonly value: ParameterValue;
}

/** The tensors that get their value from a place in the file: a parameter, or one entry of its list of filters. */
export function usesOf(resolved: readonly ResolvedTensor[], place: KeyPath): SettingUse[] {
  const isThere = (origin: KeyPath | null) => origin !== null && place.every((key, i) => String(origin[i]) === String(key));
  const found = (tensor: string, model: string | null, values: ResolvedValues) => Object.entries(values).flatMap(([parameter, { value, origin }]) => (isThere(origin) ? [{ tensor, model, parameter, value }] : []));
  return resolved.flatMap(({ name, parameters, inputs }) => [...found(name, null, parameters), ...inputs.flatMap(({ model, parameters: own }) => found(name, model, own))]);
}

/** The path of keys to the parameter, or the entry of a filter, at a position of a file's text; null elsewhere. */
export function settingAt(text: string, { line, character }: Position): KeyPath | null {
  const offset = text.split('\n').slice(0, line).reduce((sum, row) => sum + row.length + 1, 0) + character;
  const path = pathAt(new YamlSource(text).document.contents, offset, []);
  const at = path.lastIndexOf('parameters');
  if (at < 0 || path.length < at + 2) return null;
  // an index after the name is an entry of a list of filters; what lies below it says its filter or value
  const isEntry = typeof path[at + 2] === 'number' && path.length > at + 3;
  return path.slice(0, at + (isEntry ? 3 : 2));
}

function pathAt(node: Node | null, offset: number, path: KeyPath): KeyPath {
  if (isMap(node) || isSeq(node)) {
    for (const [index, item] of node.items.entries()) {
      const [key, value] = isPair(item) ? [item.key as Node | null, item.value as Node | null] : [null, item as Node | null];
      const start = (key ?? value)?.range?.[0] ?? Infinity;
      const end = value?.range?.[1] ?? key?.range?.[1] ?? -1;
      if (offset < start || offset > end) continue;
      return pathAt(value, offset, [...path, isScalar(key) ? String(key.value) : index]);
    }
  }
  return path;
}
