import { SoupError } from '../../errors';
import type { KeyPath } from '../../experiment/yaml-source';
import { isBeforeLayers, layerCounts, layerPlace } from './layers';
import type { MergekitConfig, Settings } from './schema';

/** Names of the tensors of every model of a configuration, by the model as it is written there. */
export type ModelTensors = ReadonlyMap<string, ReadonlySet<string>>;

/** One tensor of the output, and the tensors that it is merged from. */
export interface OutputTensor {
  readonly name: string;
  /** in the order of the slice's sources */
  readonly inputs: readonly { readonly model: string; readonly tensor: string; readonly parameters: Settings | null; readonly path: KeyPath }[];
  /** the model that is the base; null without one */
  readonly base: string | null;
  /** place among the layers of its slice, 0 to 1; 0 outside the layers */
  readonly t: number;
  /** parameters of the slice and of the module, with their places in the file */
  readonly scopes: readonly { readonly settings: Settings | null; readonly path: KeyPath }[];
}

interface Source {
  readonly model: string;
  readonly range: readonly [number, number] | null;
  readonly parameters: Settings | null;
  readonly path: KeyPath;
}

interface Slice {
  readonly sources: readonly Source[];
  readonly base: string | null;
  readonly scopes: OutputTensor['scopes'];
}

/** Models of a configuration, each once, in the order in which they stand there, the base first where it is named. */
export function modelsOf(config: MergekitConfig): string[] {
  const named = slicesOf(config).flatMap(({ sources, base }) => [...(base === null ? [] : [base]), ...sources.map(({ model }) => model)]);
  return [...new Set(config.base_model == null ? named : [config.base_model, ...named])];
}

/** Everything as slices: `models` is one slice of all layers, with the base added where it is not among them. */
function slicesOf(config: MergekitConfig): Slice[] {
  const [[name, module] = [null, null]] = Object.entries(config.modules ?? {});
  const path: KeyPath = name === null ? [] : ['modules', name];
  const { models, slices } = module ?? config;
  const outer = [...(module ? [{ settings: module.parameters ?? null, path: [...path, 'parameters'] }] : []), { settings: config.parameters ?? null, path: ['parameters'] }];
  const globalBase = config.base_model ?? null;
  if (models) {
    const sources = models.map(({ model, parameters }, i): Source => ({ model, range: null, parameters: parameters ?? null, path: [...path, 'models', i, 'parameters'] }));
    const isIncluded = globalBase === null || models.some(({ model }) => model === globalBase);
    return [{ sources: isIncluded ? sources : [...sources, { model: globalBase, range: null, parameters: null, path: ['base_model'] }], base: globalBase, scopes: outer }];
  }
  return (slices ?? []).map(({ sources, base_model: base, parameters }, i) => ({
    sources: sources.map(({ model, layer_range: range, parameters: own }, j): Source => ({ model, range, parameters: own ?? null, path: [...path, 'slices', i, 'sources', j, 'parameters'] })),
    base: base ?? globalBase,
    scopes: [{ settings: parameters ?? null, path: [...path, 'slices', i, 'parameters'] }, ...outer],
  }));
}

/** How many layers the output's stack has where slices say so, and which layer of the first source each one is; null otherwise. */
export function outputLayers(config: MergekitConfig): readonly { readonly model: string; readonly layer: number }[] | null {
  const slices = slicesOf(config);
  if (slices.some(({ sources }) => sources[0].range === null)) return null;
  return slices.flatMap(({ sources: [{ model, range }] }) => (range ? Array.from({ length: range[1] - range[0] }, (_, i) => ({ model, layer: range[0] + i })) : []));
}

/**
 * Every tensor of the output with its inputs: layers slice by slice, renumbered, and what lies outside them from the
 * first slice (embeddings) or the last (final norm, head), in the order of the first model's tensors.
 * @throws SliceError where a slice asks for layers that a model lacks, or the model has several stacks
 */
export function outputTensors(config: MergekitConfig, tensors: ModelTensors): OutputTensor[] {
  const slices = slicesOf(config);
  const names = (model: string) => tensors.get(model) ?? new Set<string>();
  const result: OutputTensor[] = [];
  const isSliced = outputLayers(config) !== null;
  const [first] = slices;
  const outside = (slice: Slice, name: string) => result.push({ ...slice, name, t: 0, inputs: slice.sources.map((source) => ({ ...source, tensor: name })) });
  const unionOf = (slice: Slice) => [...new Set(slice.sources.flatMap(({ model }) => [...names(model)]))];
  const outsiders = (slice: Slice) => unionOf(slice).filter((name) => layerPlace(name) === null);
  for (const name of outsiders(first)) if (isBeforeLayers(name)) outside(first, name);
  let layers = 0;
  for (const slice of slices) {
    const counts = layerCounts(unionOf(slice));
    if (isSliced) checkSlice(slice, counts, names);
    for (const [stack, count] of counts) {
      const length = slice.sources[0].range ? slice.sources[0].range[1] - slice.sources[0].range[0] : count;
      for (let i = 0; i < length; i++) {
        const rests = new Set<string>();
        for (const { model, range } of slice.sources) for (const rest of restsOf(names(model), stack).get(i + (range?.[0] ?? 0)) ?? []) rests.add(rest);
        for (const rest of rests) {
          const inputs = slice.sources.map((source) => ({ ...source, tensor: `${stack}${i + (source.range?.[0] ?? 0)}${rest}` }));
          result.push({ ...slice, name: `${stack}${isSliced ? layers + i : i}${rest}`, t: length > 1 ? i / (length - 1) : 1, inputs });
        }
      }
      if (isSliced) layers += length;
    }
  }
  const last = slices[slices.length - 1];
  for (const name of outsiders(last)) if (!isBeforeLayers(name)) outside(last, name);
  return result;
}

const restCache = new WeakMap<ReadonlySet<string>, Map<string, Map<number, string[]>>>();

/** What follows the number in the names of a stack's tensors, by layer. */
function restsOf(names: ReadonlySet<string>, stack: string): ReadonlyMap<number, readonly string[]> {
  let stacks = restCache.get(names);
  if (!stacks) {
    stacks = new Map();
    for (const name of names) {
      const place = layerPlace(name);
      if (!place) continue;
      const layers = stacks.get(place.stack) ?? new Map<number, string[]>();
      stacks.set(place.stack, layers);
      layers.set(place.layer, [...(layers.get(place.layer) ?? []), place.rest]);
    }
    restCache.set(names, stacks);
  }
  return stacks.get(stack) ?? new Map();
}

function checkSlice({ sources }: Slice, counts: ReadonlyMap<string, number>, names: (model: string) => ReadonlySet<string>): void {
  if (counts.size > 1) throw new SoupError('SliceError', `slices: the model has several stacks of layers (${[...counts.keys()].map((stack) => `${stack}N`).join(', ')}), and a slice does not say which — merge whole models with models`);
  for (const { model, range } of sources) {
    const [[, count] = ['', 0]] = layerCounts(names(model));
    if (range && range[1] > count) throw new SoupError('SliceError', `slices: layer_range [${range.join(', ')}] of ${model}, which has ${count} layers — end it at ${count} or before`);
  }
}
