import path from 'node:path';
import { openCheckpoint, type Checkpoint } from '../checkpoint/checkpoint';
import { joinedSha256 } from '../checkpoint/digest';
import { isFloatDtype, type FloatDtype } from '../checkpoint/dtype';
import { baseHashOf } from '../checkpoint/lineage';
import type { NamedCheckpoint } from '../checkpoint/names';
import { planAdapterBlend, type AdapterReport } from './adapters/plan-adapter-blend';
import { blendRequest } from './blend-request';
import { strangersTo } from './checks/bases';
import { executeMerge, type ExecutionProgress, type MergeResult } from './execute';
import type { MergeMethod } from './methods/method';
import { findMethod } from './methods/registry';
import { modelCard } from './model-card';
import { openOutput } from './output-directory';
import { soupConfig } from './mergekit/model-config';
import { floatDtypeOf, planMerge, taskOf, writtenTensors, type MergePlan } from './plan';
import { openBlend, prepareBlend, type PreparedBlend } from './prepare-blend';
import type { MergeRequest } from './request';
import { baseMetadata, copyCompanions, referencePath, relativePath, shardIndex, soupMetadata, soupRecord, writeText, type SoupRecord } from './provenance';
import { resizedRows, resizedWarnings } from './tokenizer/resized';
import { verifyEndpoint } from './verify-endpoint';
import { mergeSummary, type MergeSummary } from './summary';
import { constantWeights, type Weight, type WeightsInput } from './weights';

export interface BlendProgress {
  readonly phase: 'hash' | 'blend' | 'verify';
  /** of the phase, 0 to 1 */
  readonly fraction: number;
}

export interface BlendOptions {
  /** safetensors files, checkpoint directories, sharded ones or adapters */
  readonly inputs: readonly string[];
  /** λ by position, or keyed by expert name; may be left out where the method takes none or has a default */
  readonly weights?: WeightsInput;
  readonly method?: string;
  /** the method's own: `density` of all experts or the whole merge, `risky.density` of one expert */
  readonly parameters?: Readonly<Record<string, unknown>>;
  /** of methods that draw; 0 by default */
  readonly seed?: number;
  /** checkpoints with the diagonal Fisher information, one an expert, of the method fisher */
  readonly fishers?: readonly string[];
  /** the shared initialisation; its hash goes into the provenance */
  readonly base?: string;
  /** type of the soup's float tensors; the first input's by default */
  readonly dtype?: FloatDtype;
  /** the directory to make */
  readonly output: string;
  readonly normalize?: boolean;
  readonly extrapolate?: boolean;
  /** most bytes of one weight file; the files of the first input by default */
  readonly shardBytes?: number;
  /** of adapters: their factors averaged (the paper, and the default), or their updates (exact) */
  readonly space?: 'factor' | 'delta';
  /** of the adapter in delta space: cut to it by SVD */
  readonly rank?: number;
  /** of adapters: write the base with the blended update */
  readonly mergeIntoBase?: boolean;
  /** move a non-empty output aside instead of refusing */
  readonly force?: boolean;
  /** write NaN values instead of refusing */
  readonly allowNan?: boolean;
  readonly onProgress?: (progress: BlendProgress) => void;
  readonly signal?: AbortSignal;
}

/** What a blend did and what the checks after it found; `soup blend --json`. */
export interface BlendSummary extends MergeSummary {
  readonly weights: Readonly<Record<string, Weight>>;
  /** tensors that the soup has when it is opened again, of `tensorCount` */
  readonly loadedTensors: number;
  /** at λ = eᵢ with the expert's own dtype: the soup was read back and equals it byte for byte; null elsewhere */
  readonly endpoint: { readonly expert: string; readonly identical: true } | null;
  /** ‖θ_λ‖₂, Σ |λᵢ|·‖θᵢ‖₂ (over Σ |λᵢ| for methods other than linear), and the first over the second − 1; null above a zero */
  readonly norm: { readonly soup: number; readonly expected: number | null; readonly drift: number | null };
  /** of a blend of adapters */
  readonly adapters: AdapterReport | null;
}

/**
 * Blends checkpoints into a soup directory: weights, config and tokenizer of the first input, soup.json and a model
 * card. The directory appears complete or not at all.
 * @throws InvalidWeightsError, PreflightError, OutputExistsError, NanTensorError, DiskFullError, InterruptedError and
 *   whatever opening the inputs throws
 */
export async function blend(options: BlendOptions): Promise<BlendSummary> {
  const method = findMethod(options.method ?? 'linear');
  const prepared = await prepareBlend(options, method, await openBlend(options, method));
  const { inputs, weights, warnings } = prepared;
  const named = Object.fromEntries(inputs.map(({ name }, i) => [name, weights[i]]));
  const { signal, onProgress } = options;
  const metadata = soupMetadata(inputs[0].checkpoint, options.output, method.name, named);
  const ofAdapters = prepared.adapters && await planAdapterBlend(inputs, { ...prepared.adapters, metadata });
  const output = await openOutput(options.output, options.force ?? false, inputs.map(({ checkpoint }) => checkpoint));
  try {
    const plan = planMerge(ofAdapters?.request ?? requestOf(options, prepared, method, metadata));
    const result = await executeMerge({
      plan, directory: output.temporary, allowNan: options.allowNan ?? false, signal,
      hashed: hashedFiles(prepared),
      lateMetadata: (hashes) => baseMetadata(baseSha256(prepared, hashes)),
      onProgress: onProgress && reporter(plan, prepared, onProgress),
    });
    const record = provenance(output.directory, options, prepared, named, method, result.hashes);
    const companion = ofAdapters?.companion ?? inputs[0].checkpoint;
    await copyCompanions(companion, output.temporary);
    const config = await soupConfig(companion, { dtype: options.dtype ?? null, vocabularySize: resizedRows(companion, writtenTensors(plan)) });
    if (config !== null) await writeText(path.join(output.temporary, 'config.json'), config);
    for (const [name, text] of ofAdapters?.files ?? []) await writeText(path.join(output.temporary, name), text);
    if (plan.files.some(({ file }) => !singleNames.has(file))) await writeText(path.join(output.temporary, 'model.safetensors.index.json'), shardIndex(plan));
    await writeText(path.join(output.temporary, 'soup.json'), `${JSON.stringify(record, null, 2)}\n`);
    await writeText(path.join(output.temporary, 'README.md'), modelCard(path.basename(path.resolve(options.output)), record, { adapterBase: adapterBase(inputs[0].checkpoint), dtype: floatDtypeOf(plan) }));
    const soup = { name: 'the soup', checkpoint: await openCheckpoint(output.temporary) };
    const expert = ofAdapters?.request ? null : copiedInput(prepared, plan);
    if (expert) {
      onProgress?.({ phase: 'verify', fraction: 0 });
      await verifyEndpoint(soup, expert, signal);
    }
    warnings.push(...(await resizedWarnings(companion, writtenTensors(plan))));
    const replaced = await output.commit();
    return summary(options.output, prepared, named, method.name, plan, result, soup.checkpoint.tensors.size, expert?.name ?? null, replaced, [...warnings, ...spaceWarnings(ofAdapters?.report ?? null, expert !== null)], ofAdapters?.report ?? null);
  } catch (error) {
    throw await output.abandon(error);
  }
}

/** The request of a blend of whole tensors. @throws MethodInputsError */
export function requestOf(options: Omit<BlendOptions, 'output'>, { inputs, parameters, fishers, base, fromBase }: PreparedBlend, method: MergeMethod, metadata: Readonly<Record<string, string>>): MergeRequest {
  return blendRequest(inputs, { method, parameters, fishers, seed: options.seed, base: base && { name: 'the base', checkpoint: base }, dtype: options.dtype ?? null, metadata, shardBytes: options.shardBytes, fromBase });
}

const singleNames: ReadonlySet<string> = new Set(['model.safetensors', 'adapter_model.safetensors']);

/** The base that an adapter names. */
function adapterBase({ kind, config }: Checkpoint): string | null {
  const base = kind === 'adapter' ? config?.base_model_name_or_path : null;
  return typeof base === 'string' && base !== '' ? base : null;
}

function spaceRecord(adapters: PreparedBlend['adapters']): Pick<SoupRecord['parameters'], 'space' | 'rank' | 'mergedIntoBase'> {
  if (!adapters) return { space: 'weights' };
  return { space: adapters.space === 'factor' ? 'factors' : 'delta', ...(adapters.rank === null ? {} : { rank: adapters.rank }), ...(adapters.mergeIntoBase ? { mergedIntoBase: true } : {}) };
}

/** What choosing a space, or cutting the rank, has cost. */
function spaceWarnings(report: AdapterReport | null, isEndpoint: boolean): string[] {
  const largest = (values: Readonly<Record<string, number | null>>) => Object.entries(values).reduce<readonly [string, number]>((worst, [name, value]) => ((value ?? 0) > worst[1] ? [name, value ?? 0] : worst), ['', 0]);
  const percent = (share: number) => `${Number((100 * share).toPrecision(3))} %`;
  if (!report || isEndpoint) return [];
  const [module, difference] = largest(report.differences);
  const [cut, lost] = largest(report.truncation ?? {});
  return [
    ...(report.space === 'factor' ? [`the adapters were blended in factor space (A and B separately), so that the update is quadratic in λ: it differs from the exact one by ${difference > 0 ? `up to ${percent(difference)}, in ${module}` : 'nothing'}`] : []),
    ...(report.truncation ? [`the update was cut to rank ${report.rank}: up to ${percent(lost)} of it is lost${lost > 0 ? `, in ${cut}` : ''}`] : []),
  ];
}

/** Progress of the elements, then, when they are written, of what is still being hashed. */
function reporter({ totalElements }: MergePlan, prepared: PreparedBlend, onProgress: (progress: BlendProgress) => void) {
  const bytes = [...prepared.inputs.map(({ checkpoint }) => checkpoint), ...(prepared.base ? [prepared.base] : [])].reduce((sum, { tensors }) => [...tensors.values()].reduce((total, { begin, end }) => total + end - begin, sum), 0);
  return ({ elements, hashedBytes }: ExecutionProgress): void => {
    const isMerged = elements >= totalElements;
    onProgress(isMerged && hashedBytes > 0 ? { phase: 'hash', fraction: Math.min(1, hashedBytes / bytes) } : { phase: 'blend', fraction: totalElements > 0 ? elements / totalElements : 1 });
  };
}

function hashedFiles({ inputs, base }: PreparedBlend): string[] {
  return [...new Set([...inputs.flatMap(({ checkpoint }) => checkpoint.files), ...(base?.files ?? [])])];
}

/** Hash of the base that was given, or that all inputs name. */
function baseSha256({ inputs, base }: PreparedBlend, hashes: ReadonlyMap<string, string>): string | null {
  if (base) return joinedSha256(base, hashes);
  // a base that is blended with its own expert is of its own lineage
  const named = new Set(inputs.map(({ checkpoint }) => (checkpoint.metadata['soup.kind'] === 'base' ? joinedSha256(checkpoint, hashes) : baseHashOf(checkpoint))));
  return named.size === 1 ? [...named][0] : null;
}

function provenance(output: string, options: BlendOptions, prepared: PreparedBlend, weights: Readonly<Record<string, Weight>>, method: MergeMethod, hashes: ReadonlyMap<string, string>): SoupRecord {
  const { inputs, base, fishers, parameters, warnings } = prepared;
  const sha256 = baseSha256(prepared, hashes);
  if (base && sha256) warnings.push(...strangersTo('--base', sha256, inputs));
  return soupRecord({
    method: method.name,
    ...(method.name === 'linear' ? {} : { methodParameters: parameters.method, modelParameters: Object.fromEntries(inputs.map(({ name }, i) => [name, parameters.experts[i]])) }),
    ...(fishers.length > 0 ? { fishers: fishers.map(({ checkpoint }) => relativePath(output, checkpoint.path)) } : {}),
    parameters: { normalize: options.normalize ?? false, extrapolate: options.extrapolate ?? false, dtype: options.dtype ?? null, ...spaceRecord(prepared.adapters) },
    weights,
    seed: method.isRandom ? (options.seed ?? 0) : null,
    inputs: inputs.map(({ name, checkpoint }) => ({ name, path: referencePath(output, checkpoint), sha256: joinedSha256(checkpoint, hashes) })),
    base: sha256 === null ? null : { path: base ? referencePath(output, base) : null, sha256 },
  });
}

/** The input that the soup has to equal byte for byte: every tensor is a copy of it, and no type changes. */
function copiedInput({ inputs, base }: PreparedBlend, { inputs: names, files }: MergePlan): NamedCheckpoint | null {
  let copied: number | null = null;
  for (const tensor of files.flatMap(({ tensors }) => tensors)) {
    if (!isFloatDtype(tensor.dtype)) continue;
    const program = findMethod(tensor.method).program(taskOf(tensor, names));
    const source = program.kind === 'copy' ? tensor.inputs[program.input] : null;
    if (source === null || source.source.kind !== 'stored' || source.source.dtype !== tensor.dtype || (copied ?? source.input) !== source.input) return null;
    copied = source.input;
  }
  if (copied === null) return null;
  return inputs[copied] ?? (base && { name: 'the base', checkpoint: base });
}

function summary(output: string, { weights }: PreparedBlend, named: Readonly<Record<string, Weight>>, method: string, plan: MergePlan, result: MergeResult, loadedTensors: number, endpoint: string | null, replaced: string | null, warnings: readonly string[], adapters: AdapterReport | null): BlendSummary {
  // what the weights of other methods mean is theirs: their soup is compared with the mean norm
  const constant = constantWeights(weights) ?? [];
  const total = method === 'linear' ? 1 : constant.reduce((sum, weight) => sum + Math.abs(weight), 0) || 1;
  const expected = constant.reduce((sum, weight, i) => sum + (Math.abs(weight) / total) * Math.sqrt(result.inputSquares[i] ?? 0), 0);
  const norm = Math.sqrt(result.squares);
  return {
    ...mergeSummary({ output, method, replaced, warnings }, plan, result),
    weights: named,
    loadedTensors,
    endpoint: endpoint === null ? null : { expert: endpoint, identical: true },
    // factors that are no averages of the experts' have no norm to be compared with, nor has λ that changes over the layers
    norm: (adapters && (adapters.space === 'delta' || adapters.mergedIntoBase)) || constant.length === 0 ? { soup: norm, expected: null, drift: null } : { soup: norm, expected, drift: expected > 0 ? norm / expected - 1 : null },
    adapters,
  };
}
