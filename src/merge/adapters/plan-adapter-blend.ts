import { applyAdapters } from '../../checkpoint/adapted';
import type { Checkpoint, CheckpointTensor } from '../../checkpoint/checkpoint';
import { isFloatDtype, type Dtype, type FloatDtype } from '../../checkpoint/dtype';
import type { LowRankUpdate } from '../../checkpoint/low-rank';
import type { LoraAdapter } from '../../checkpoint/lora-adapter';
import type { NamedCheckpoint } from '../../checkpoint/names';
import { elementCount } from '../../checkpoint/safetensors-header';
import { isSameShape } from '../checks/tensors';
import { adapterBlendProblem } from '../errors';
import type { MergeRequest, RequestedTensor, TensorInput } from '../request';
import { FileCache } from '../sources/open-files';
import { sourceOf } from '../sources/of-tensor';
import { shardTensors } from '../shards';
import { blendedConfig } from './adapter-config';
import { checkBase, factorsOf, moduleTerms, weightedAdapters, type ModuleTerms, type WeightedAdapter } from './module-terms';
import { moduleDifferences, type SpaceComparison } from './space-difference';
import type { Columns } from './svd';
import { differenceAt, productsOf, truncateUpdate } from './update-algebra';

export interface AdapterBlendOptions {
  readonly weights: readonly number[];
  /** the factors averaged (the paper), or the updates (exact) */
  readonly space: 'factor' | 'delta';
  /** of the result in delta space; the sum of the adapters' ranks, and exact, where null */
  readonly rank: number | null;
  readonly base: Checkpoint | null;
  /** write the base with the blended update instead of an adapter */
  readonly mergeIntoBase: boolean;
  readonly dtype: FloatDtype | null;
  readonly metadata: Readonly<Record<string, string>>;
  readonly shardBytes?: number;
  /** of these adapters, where it is known already: the factors are then read for a cut alone */
  readonly comparison?: SpaceComparison;
}

/** What a blend of adapters found out about its two spaces; part of `soup blend --json`. */
export interface AdapterReport {
  readonly space: 'factor' | 'delta';
  readonly mergedIntoBase: boolean;
  /** largest rank of the result; null in a merged base */
  readonly rank: number | null;
  /** ‖ΔW_factor − ΔW_delta‖/‖ΔW_delta‖ by module; null where ΔW_delta is zero, or there is no factor space (ranks, scales or modules differ) */
  readonly differences: Readonly<Record<string, number | null>>;
  /** ‖ΔW − BA‖/‖ΔW‖ by module, with `rank` */
  readonly truncation: Readonly<Record<string, number>> | null;
}

export interface AdapterBlendPlan {
  /** null where the factors are blended as any tensors are */
  readonly request: MergeRequest | null;
  /** whose config and tokenizer go beside the result */
  readonly companion: Checkpoint | null;
  /** files that are written over the copied ones */
  readonly files: ReadonlyMap<string, string>;
  readonly report: AdapterReport;
}

/**
 * Plans the blend of LoRA adapters. In delta space the result is Σ λᵢsᵢBᵢAᵢ to the rounding of its type: factors
 * stacked to rank Σr, cut to `rank` by SVD, or added to the base. Reads the factors, module by module, to compare the
 * spaces; the result of a cut is kept in memory until it is written.
 * @throws PreflightError, AdapterBlendError, AdapterMismatchError, UnsupportedAdapterError, MalformedAdapterError
 */
export async function planAdapterBlend(inputs: readonly NamedCheckpoint[], options: AdapterBlendOptions): Promise<AdapterBlendPlan> {
  const { space, base, mergeIntoBase, rank } = options;
  const adapters = weightedAdapters(inputs, options.weights);
  if (adapters.length === 0) throw adapterBlendProblem('every weight is 0, so that nothing would be left — give one adapter a weight');
  const modules = moduleTerms(adapters);
  if (base) checkBase(base, adapters);
  if (mergeIntoBase && !base) throw adapterBlendProblem('--merge-into-base needs the base: pass --base');
  if (rank !== null && (space !== 'delta' || mergeIntoBase)) throw adapterBlendProblem('--rank cuts an adapter in delta space — pass --space delta, without --merge-into-base');
  const known = options.comparison && rank === null ? moduleDifferences(options.comparison, options.weights) : null;
  const { differences, cut } = known ? { differences: Object.fromEntries(known.map(({ module, relativeDifference }) => [module, relativeDifference])), cut: new Map<string, CutModule>() } : await measure(modules, adapters.length, rank);
  const truncation = rank === null ? null : Object.fromEntries([...cut].map(([name, { relativeError }]) => [name, relativeError]));
  const report = { space, mergedIntoBase: mergeIntoBase, differences, truncation };
  if (mergeIntoBase && base) return { request: mergedRequest(adapters, base, modules, inputs, options), companion: adaptedBy(base, inputs), files: new Map(), report: { ...report, rank: null } };
  const ranks = new Map(modules.map(({ name, terms }) => [name, cut.get(name)?.b.length ?? terms.reduce((sum, { module }) => sum + module.rank, 0)]));
  // one adapter alone is the expert itself, factor by factor
  const isAlone = adapters.length === 1 && adapters[0].weight === 1 && rank === null;
  const largest = [...(space === 'factor' || isAlone ? modules.map(({ terms }) => terms[0].module.rank) : ranks.values())].reduce((a, b) => Math.max(a, b), 0);
  if (space === 'factor' || isAlone) return { request: null, companion: null, files: new Map(), report: { ...report, rank: largest } };
  checkReplaced(adapters);
  return {
    request: deltaRequest(adapters, modules, cut, inputs, options),
    companion: adapters[0].adapter.checkpoint,
    files: new Map([['adapter_config.json', blendedConfig(adapters.map(({ adapter }) => adapter), ranks)]]),
    report: { ...report, rank: largest },
  };
}

interface CutModule {
  readonly a: Columns;
  readonly b: Columns;
  readonly relativeError: number;
}

async function measure(modules: readonly ModuleTerms[], adapterCount: number, rank: number | null): Promise<{ differences: Record<string, number | null>; cut: Map<string, CutModule> }> {
  const files = new FileCache();
  const differences: Record<string, number | null> = {};
  const cut = new Map<string, CutModule>();
  try {
    for (const terms of modules) {
      const factors = factorsOf(terms, files);
      // what an adapter lacks cannot be averaged with what it has
      differences[terms.name] = factors.length === adapterCount ? differenceAt(productsOf(factors), factors.map(({ weight }) => weight)) : null;
      if (rank !== null) cut.set(terms.name, truncateUpdate(factors, rank));
      // progress and Ctrl-C between modules
      await new Promise(setImmediate);
    }
  } finally {
    files.close();
  }
  return { differences, cut };
}

/** Whole tensors are blended as weights are, so that every adapter needs them. */
function checkReplaced(adapters: readonly WeightedAdapter[]): void {
  const [first] = adapters;
  for (const { name, adapter } of adapters) {
    for (const [one, other, has, lacks] of [[first.adapter, adapter, first.name, name], [adapter, first.adapter, name, first.name]] as const) {
      const missing = [...one.replaced.keys()].find((tensor) => !other.replaced.has(tensor));
      if (missing !== undefined) throw adapterBlendProblem(`${has} replaces ${missing} as a whole, and ${lacks} does not — pass --merge-into-base, which knows what ${lacks} leaves`);
    }
    for (const [tensor, { shape }] of adapter.replaced) checkReplacedShape(tensor, shape, name, first.adapter.replaced.get(tensor)?.shape ?? [], first.name);
  }
}

/** Embeddings are replaced by larger ones where tokens were added. */
function checkReplacedShape(tensor: string, shape: readonly number[], from: string, expected: readonly number[], of: string): void {
  if (!isSameShape(shape, expected)) throw adapterBlendProblem(`${tensor}: ${from} has [${shape.join(', ')}], ${of} has [${expected.join(', ')}], and they cannot be averaged — resize one (resize_token_embeddings)`);
}

const copied = { method: 'linear', parameters: { normalize: false }, base: null } as const;

/** Inputs of the request are the blend's, so that statistics and names fit; λ is already in the factors. */
function deltaRequest(adapters: readonly WeightedAdapter[], modules: readonly ModuleTerms[], cut: ReadonlyMap<string, CutModule>, inputs: readonly NamedCheckpoint[], { dtype, metadata }: AdapterBlendOptions): MergeRequest {
  const indexOf = inputIndex(inputs);
  const typeOf = (own: Dtype) => (dtype !== null && isFloatDtype(own) ? dtype : own);
  const factors = modules.flatMap(({ name, terms }): RequestedTensor[] => {
    const [{ module: first }] = terms;
    const [outputs, inputsOf] = [elementCount(first.b.shape) / first.rank, elementCount(first.a.shape) / first.rank];
    const own = cut.get(name);
    const rank = own ? own.b.length : terms.reduce((sum, { module }) => sum + module.rank, 0);
    const one = (tensor: CheckpointTensor, shape: readonly number[], source: TensorInput['source']): RequestedTensor => (
      { ...copied, name: tensor.name, shape, dtype: typeOf(tensor.dtype), inputs: [{ input: 0, source, parameters: { weight: 1 } }] });
    const stored = ({ dtype: type, file, position }: CheckpointTensor) => ({ kind: 'stored', dtype: type, file, position }) as const;
    // kernels of convolutions keep their further dimensions
    const shapes = [[rank, ...first.a.shape.slice(1)], [outputs, rank, ...first.b.shape.slice(2)]] as const;
    if (own) {
      const b = Float32Array.from({ length: outputs * rank }, (_, k) => own.b[k % rank][Math.floor(k / rank)]);
      const a = Float32Array.from({ length: rank * inputsOf }, (_, k) => own.a[Math.floor(k / inputsOf)][k % inputsOf]);
      return [one(first.a, shapes[0], { kind: 'inline', dtype: 'F32', values: a }), one(first.b, shapes[1], { kind: 'inline', dtype: 'F32', values: b })];
    }
    return [
      one(first.a, shapes[0], { kind: 'stacked', dtype: 'F32', parts: terms.map(({ module }) => ({ stored: stored(module.a), scale: 1, width: elementCount(module.a.shape) })) }),
      one(first.b, shapes[1], { kind: 'stacked', dtype: 'F32', parts: terms.map(({ module, weight }) => ({ stored: stored(module.b), scale: weight * module.scale, width: module.rank })) }),
    ];
  });
  const whole = [...adapters[0].adapter.replaced].map(([target, tensor]): RequestedTensor => ({
    ...copied, name: tensor.name, shape: tensor.shape, dtype: typeOf(tensor.dtype),
    inputs: adapters.map(({ name, adapter, weight }) => ({ input: indexOf(name), source: sourceOf(adapter.replaced.get(target) as CheckpointTensor), parameters: { weight } })),
  }));
  return { inputs: inputs.map(({ name }) => name), seed: 0, files: [{ file: 'adapter_model.safetensors', metadata, tensors: [...factors, ...whole] }] };
}

function inputIndex(inputs: readonly NamedCheckpoint[]): (name: string) => number {
  const names = inputs.map(({ name }) => name);
  return (name) => names.indexOf(name);
}

/** θ₀ + ΔW: tensors with updates are computed as they are read; whole tensors are blended with what the others leave. */
function mergedRequest(adapters: readonly WeightedAdapter[], base: Checkpoint, modules: readonly ModuleTerms[], inputs: readonly NamedCheckpoint[], { space, dtype, metadata, shardBytes }: AdapterBlendOptions): MergeRequest {
  const indexOf = inputIndex(inputs);
  const updated = applyAdapters(base.path, base, adapters.map(({ adapter, weight }) => ({ adapter: withoutReplaced(adapter), weight })));
  const alone = adapters.map(({ adapter }) => applyAdapters(base.path, base, [{ adapter, weight: 1 }]));
  const isReplaced = new Set(alone.flatMap(({ tensors }) => [...tensors.values()].filter(({ name, file }) => file !== base.tensors.get(name)?.file).map(({ name }) => name)));
  const rest = 1 - adapters.reduce((sum, { weight }) => sum + weight, 0);
  const takesBase = Math.abs(rest) >= 1e-9;
  const tensors = [...updated.tensors.values()].map((tensor): RequestedTensor => {
    const { name, shape } = tensor;
    const own = base.tensors.get(name) as CheckpointTensor;
    const type = dtype !== null && isFloatDtype(own.dtype) ? dtype : own.dtype;
    if (space === 'factor' && isReplaced.has(name) && alone.some(({ tensors: own }) => own.get(name)?.updates)) throw adapterBlendProblem(`${name}: it is both replaced and updated — pass --space delta`);
    if (isReplaced.has(name)) {
      const shapes = alone.map((model) => model.tensors.get(name)?.shape ?? []);
      for (const [i, one] of shapes.entries()) checkReplacedShape(name, one, adapters[i].name, shapes[0], adapters[0].name);
      if (takesBase) checkReplacedShape(name, own.shape, 'the base', shapes[0], adapters[0].name);
    }
    const sources: TensorInput[] = isReplaced.has(name)
      ? [
          ...adapters.map(({ name: from, weight }, i) => ({ input: indexOf(from), source: sourceOf(alone[i].tensors.get(name) as CheckpointTensor), parameters: { weight } })),
          { input: inputs.length, source: sourceOf(own), parameters: { weight: takesBase ? rest : 0 } },
        ]
      : [{ input: inputs.length, source: sourceOf(space === 'factor' && tensor.updates ? inFactorSpace(tensor, adapters, modules) : tensor), parameters: { weight: 1 } }];
    return { ...copied, name, shape: isReplaced.has(name) ? (alone[0].tensors.get(name) as CheckpointTensor).shape : shape, dtype: type, inputs: sources };
  });
  return { inputs: [...inputs.map(({ name }) => name), 'the base'], seed: 0, files: shardTensors(tensors, shardBytes).map((shard) => ({ ...shard, metadata })) };
}

/** The base, known to be adapted: its tokenizer is that of the first adapter that has one. */
function adaptedBy(base: Checkpoint, inputs: readonly NamedCheckpoint[]): Checkpoint {
  return inputs.reduceRight((on, { checkpoint }) => ({ ...on, adapted: { base: on, adapter: checkpoint } }), base);
}

/** What is replaced is blended as a whole, with what the same adapter adds to it. */
function withoutReplaced({ replaced, modules, ...adapter }: LoraAdapter): LoraAdapter {
  return { ...adapter, replaced: new Map(), modules: new Map([...modules].filter(([name]) => !replaced.has(`${name}.weight`))) };
}

/** s(Σ λᵢBᵢ)(Σ λᵢAᵢ) in the place of the sum of updates. */
function inFactorSpace(tensor: CheckpointTensor, adapters: readonly WeightedAdapter[], modules: readonly ModuleTerms[]): CheckpointTensor {
  const [update] = tensor.updates as readonly LowRankUpdate[];
  const { terms } = modules.find(({ terms: [{ module }] }) => module.a === update.a[0].tensor) as ModuleTerms;
  if (terms.length !== adapters.length) throw adapterBlendProblem(`${tensor.name}: only some adapters update it, and their factors cannot be averaged — pass --space delta`);
  return { ...tensor, updates: [{
    ...update,
    scale: terms[0].module.scale,
    a: terms.map(({ module, weight }) => ({ tensor: module.a, weight })),
    b: terms.map(({ module, weight }) => ({ tensor: module.b, weight })),
  }] };
}
