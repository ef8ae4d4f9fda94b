import path from 'node:path';
import { isFloatDtype, type FloatDtype } from '../checkpoint/dtype';
import type { NamedCheckpoint } from '../checkpoint/names';
import { SoupError } from '../errors';
import type { BlendOptions } from './blend';
import { blendParameters } from './blend-parameters';
import { findMethod } from './methods/registry';
import { configurationText } from './model-card';
import { openBlend } from './prepare-blend';
import { soupCommand } from './soup-command';

export interface RecipeRequest {
  readonly as: 'mergekit' | 'command';
  /** the directory that the command makes */
  readonly output: string;
}

/**
 * How a blend is made again: a call of `soup blend`, or a mergekit configuration for `soup merge`, with absolute paths.
 * @throws InvalidWeightsError and the like for settings that do not go together, NoConfigurationError for adapters that
 *   are averaged, which a configuration cannot say
 */
export async function blendRecipe(options: Omit<BlendOptions, 'output'>, { as, output }: RecipeRequest): Promise<string> {
  const method = findMethod(options.method ?? 'linear');
  const { inputs, adapters } = await openBlend(options, method);
  const names = inputs.map(({ name }) => name);
  const { method: methodParameters, experts, weights } = blendParameters(method, names, options);
  if (as === 'command') return soupCommand(options, names, output);
  if (adapters) throw new SoupError('NoConfigurationError', `mergekit merges whole models and cannot say how adapters are averaged — copy the command, or choose another method with the base, which merges them as models`);
  const dtype = options.dtype ?? onlyDtype(inputs);
  if (dtype === null) throw new SoupError('NoConfigurationError', 'the tensors have several float types, and a configuration names one for all — choose the type of the soup');
  return configurationText({
    method: method.name,
    methodParameters,
    modelParameters: Object.fromEntries(names.map((name, i) => [name, experts[i]])),
    weights: Object.fromEntries(names.map((name, i) => [name, weights[i]])),
    fishers: options.fishers?.length ? options.fishers.map((fisher) => path.resolve(fisher)) : undefined,
    inputs: inputs.map(({ name, checkpoint }) => ({ name, path: checkpoint.adapted ? `${path.resolve(checkpoint.adapted.base.path)}+${path.resolve(checkpoint.adapted.adapter.path)}` : path.resolve(checkpoint.path) })),
    base: options.base === undefined ? null : { path: path.resolve(options.base) },
  }, dtype, method.isRandom ? (options.seed ?? 0) : null);
}

/** The type of all float tensors of the first input, which the soup gets; null where there are several. */
function onlyDtype([{ checkpoint }]: readonly NamedCheckpoint[]): FloatDtype | null {
  const dtypes = new Set([...checkpoint.tensors.values()].map(({ dtype }) => dtype).filter(isFloatDtype));
  return dtypes.size === 1 ? [...dtypes][0] : null;
}
