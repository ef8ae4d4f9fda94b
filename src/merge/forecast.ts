import type { Checkpoint } from '../checkpoint/checkpoint';
import { dtypeBytes } from '../checkpoint/dtype';
import { lineageOf } from '../checkpoint/lineage';
import type { NamedCheckpoint } from '../checkpoint/names';
import { elementCount } from '../checkpoint/safetensors-header';
import { SoupError } from '../errors';
import { rememberedComparison } from './adapters/space-difference';
import { planAdapterBlend } from './adapters/plan-adapter-blend';
import { requestOf, type BlendOptions } from './blend';
import { layerCounts } from './mergekit/layers';
import { findMethod } from './methods/registry';
import { planMerge } from './plan';
import { comparedBase, openBlend, prepareBlend } from './prepare-blend';
import { preflightFindings } from './preflight';
import type { PreflightCheck, PreflightFinding } from './preflight-checks';
import type { RequestedTensor } from './request';
import { isVocabularyTensor } from './tokenizer/vocabulary-tensors';

/** What is known of a blend before it is made. */
export interface BlendForecast {
  /** of the experts, as weights and parameters name them */
  readonly names: readonly string[];
  readonly findings: readonly PreflightFinding[];
  /** what each check that applies has to say where it found nothing */
  readonly facts: Readonly<Partial<Record<PreflightCheck, string>>>;
  /** what keeps it from being made, beside the findings: parameters, weights, a base that is missing */
  readonly problem: string | null;
  /** null where there is a problem */
  readonly output: { readonly tensors: number; readonly parameters: number; readonly sizeBytes: number; readonly readBytes: number } | null;
  /** layers of the deepest stack, 0 where there is none */
  readonly layers: number;
  /** of adapters, ‖ΔW_factor − ΔW_delta‖/‖ΔW_delta‖ by module (see AdapterReport); null for whole models */
  readonly differences: Readonly<Record<string, number | null>> | null;
}

/**
 * Opens the checkpoints of a blend and plans it, without writing: headers alone, but for integers and the factors of
 * adapters.
 * @throws what opening checkpoints throws; everything else that is wrong is part of the forecast
 */
export async function forecastBlend(options: Omit<BlendOptions, 'output'>): Promise<BlendForecast> {
  const method = findMethod(options.method ?? 'linear');
  const opened = await openBlend(options, method);
  const { inputs, adapters, base } = opened;
  const findings = (await preflightFindings(inputs, options.dtype ?? null, adapters?.space, comparedBase(opened))).found;
  const common = {
    names: inputs.map(({ name }) => name),
    findings,
    facts: factsOf(inputs, base),
    layers: Math.max(0, ...layerCounts(inputs[0].checkpoint.tensors.keys()).values()),
  };
  if (findings.some(({ level }) => level === 'problem')) return { ...common, problem: null, output: null, differences: null };
  try {
    const prepared = await prepareBlend(options, method, opened);
    // cut adapters are as large as their rank says: the cut itself takes long, and changes only values
    const ofAdapters = prepared.adapters && await planAdapterBlend(inputs, { ...prepared.adapters, rank: null, metadata: {}, comparison: await rememberedComparison(inputs) });
    const tensors = planMerge(ofAdapters?.request ?? requestOf(options, prepared, method, {})).files.flatMap((file) => file.tensors);
    const sizes = tensors.map((tensor) => ({ elements: elementCount(cutShape(tensor, prepared.adapters?.rank ?? null)), bytes: dtypeBytes[tensor.dtype] }));
    return {
      ...common,
      findings: [...findings, ...prepared.warnings.filter((text) => findings.every((finding) => finding.text !== text)).map((text) => ({ check: 'tensors' as const, level: 'warning' as const, text }))],
      problem: null,
      output: { tensors: tensors.length, parameters: sizes.reduce((sum, { elements }) => sum + elements, 0), sizeBytes: sizes.reduce((sum, { elements, bytes }) => sum + elements * bytes, 0), readBytes: [...inputs.map(({ checkpoint }) => checkpoint), ...(base ? [base] : [])].reduce((sum, checkpoint) => sum + dataBytes(checkpoint), 0) },
      differences: ofAdapters?.report.differences ?? null,
    };
  } catch (error) {
    if (!(error instanceof SoupError)) throw error;
    return { ...common, problem: error.message, output: null, differences: null };
  }
}

/** The shape of a factor when stacked factors are cut to a rank; other tensors keep theirs. */
function cutShape({ name, shape, inputs: [{ source }] }: RequestedTensor, rank: number | null): readonly number[] {
  if (rank === null || source.kind !== 'stacked') return shape;
  const axis = /\blora_(embedding_)?A\b/.test(name) ? 0 : 1;
  return shape.map((length, index) => (index === axis ? Math.min(rank, length) : length));
}

/** What each check can say for itself. */
function factsOf(inputs: readonly NamedCheckpoint[], base: Checkpoint | null): BlendForecast['facts'] {
  const checkpoints = inputs.map(({ checkpoint }) => checkpoint);
  const [{ tensors }] = checkpoints;
  const configs = checkpoints.map(({ config }) => config);
  const table = [...tensors.values()].find(({ name }) => isVocabularyTensor(name));
  const tied = configs[0]?.tie_word_embeddings;
  const [{ baseHash }] = checkpoints.map(lineageOf);
  // a vocabulary of another size is a finding of its own
  const haveSameShapes = checkpoints.every((checkpoint) => [...checkpoint.tensors.values()].every(({ name, shape }) => String(shape) === String(tensors.get(name)?.shape)));
  const areAdapters = checkpoints.some(({ kind, adapted }) => kind === 'adapter' || adapted);
  // in delta space adapters may be of several ranks, scales and modules
  const haveSameNames = checkpoints.every((checkpoint) => checkpoint.tensors.size === tensors.size && [...tensors.keys()].every((name) => checkpoint.tensors.has(name)));
  const kinds = [...new Set(configs.map(adapterKind))];
  const configsSay = areAdapters && !(haveSameNames && kinds.length === 1) ? 'the configs say the same, but for ranks, scales and modules' : 'the configs say the same';
  return {
    tensors: haveSameNames
      ? `${tensors.size.toLocaleString('en')} tensors, with the same names${haveSameShapes ? ', shapes and types' : ''}`
      : `${checkpoints.map((checkpoint) => checkpoint.tensors.size.toLocaleString('en')).join(' and ')} tensors; a module that an adapter leaves alone counts as unchanged there`,
    ...(table ? { vocabulary: `${table.shape[0].toLocaleString('en')} tokens in each` } : {}),
    ...(typeof tied === 'boolean' ? { 'tied weights': tied ? 'the head is the embeddings in each' : 'the head is its own in each' } : {}),
    ...(areAdapters ? { adapters: `LoRA${kinds.join(' and')}, for one base` } : {}),
    ...(configs.every((config) => config !== null) ? { config: configsSay } : {}),
    ...(baseHash !== null && checkpoints.every((checkpoint) => lineageOf(checkpoint).baseHash === baseHash) ? { base: `all were trained from base ${baseHash.slice(0, 12)}` } : base ? { base: 'the base is the one chosen; no checkpoint says which it was trained from' } : {}),
  };
}

function adapterKind(config: Checkpoint['config']): string {
  return typeof config?.r === 'number' ? ` of rank ${config.r}, α ${String(config.lora_alpha ?? config.r)}` : '';
}

function dataBytes({ tensors }: Checkpoint): number {
  return [...tensors.values()].reduce((sum, { begin, end }) => sum + end - begin, 0);
}
