import path from 'node:path';
import { openCheckpoint, type Checkpoint } from '../checkpoint/checkpoint';
import { joinedSha256 } from '../checkpoint/digest';
import { isFloatDtype, type FloatDtype } from '../checkpoint/dtype';
import { sharedFloatTensors } from '../checkpoint/float-chunks';
import { lineageOf } from '../checkpoint/lineage';
import { nameCheckpoints, type NamedCheckpoint } from '../checkpoint/names';
import { blendParameters, type BlendParameters } from './blend-parameters';
import { blendRequest } from './blend-request';
import { executeMerge, type ExecutionProgress, type MergeResult } from './execute';
import type { MergeMethod } from './methods/method';
import { findMethod } from './methods/registry';
import { openOutput } from './output-directory';
import { planMerge, taskOf, type MergePlan } from './plan';
import { preflight } from './preflight';
import { baseMetadata, copyCompanions, modelCard, relativePath, shardIndex, soupMetadata, soupRecord, writeText, type SoupRecord } from './provenance';
import { verifyEndpoint } from './verify-endpoint';
import { simplexTolerance, type WeightsInput } from './weights';

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
  /** move a non-empty output aside instead of refusing */
  readonly force?: boolean;
  /** write NaN values instead of refusing */
  readonly allowNan?: boolean;
  readonly onProgress?: (progress: BlendProgress) => void;
  readonly signal?: AbortSignal;
}

/** What a blend did and what the checks after it found; `soup blend --json`. */
export interface BlendSummary {
  readonly output: string;
  readonly files: readonly string[];
  readonly method: string;
  readonly weights: Readonly<Record<string, number>>;
  readonly tensorCount: number;
  readonly parameters: number;
  readonly sizeBytes: number;
  /** tensors that were read, of `tensorCount` */
  readonly loadedTensors: number;
  readonly nonFinite: { readonly nan: number; readonly infinite: number };
  /** at λ = eᵢ with the expert's own dtype: the soup was read back and equals it byte for byte; null elsewhere */
  readonly endpoint: { readonly expert: string; readonly identical: true } | null;
  /** ‖θ_λ‖₂, Σ |λᵢ|·‖θᵢ‖₂ (over Σ |λᵢ| for methods other than linear), and the first over the second − 1; null above a zero */
  readonly norm: { readonly soup: number; readonly expected: number; readonly drift: number | null };
  readonly warnings: readonly string[];
  /** where a directory that stood at `output` was moved, with `force` */
  readonly replaced: string | null;
}

interface PreparedBlend {
  readonly inputs: readonly NamedCheckpoint[];
  readonly weights: readonly number[];
  readonly parameters: BlendParameters;
  readonly fishers: readonly NamedCheckpoint[];
  readonly base: Checkpoint | null;
  readonly warnings: string[];
}

/** Everything that can be known from headers: what is wrong is said before a byte of data is read. */
async function prepare(options: BlendOptions, method: MergeMethod): Promise<PreparedBlend> {
  const checkpoints: Checkpoint[] = [];
  for (const input of options.inputs) checkpoints.push(await openCheckpoint(input));
  const inputs = nameCheckpoints(checkpoints);
  const parameters = blendParameters(method, inputs.map(({ name }) => name), options);
  const { weights } = parameters;
  const warnings = await preflight(inputs, options.dtype ?? null);
  const base = options.base === undefined ? null : await openCheckpoint(options.base);
  if (base) sharedFloatTensors([base, checkpoints[0]]);
  const fishers: NamedCheckpoint[] = [];
  for (const [i, fisher] of (options.fishers ?? []).entries()) {
    const checkpoint = await openCheckpoint(fisher);
    sharedFloatTensors([checkpoint, checkpoints[i] ?? checkpoints[0]]);
    fishers.push({ name: `Fisher of ${inputs[i]?.name ?? 'no expert'}`, checkpoint });
  }
  const sum = weights.reduce((total, weight) => total + weight, 0);
  if (method.name === 'linear' && Math.abs(sum - 1) > simplexTolerance) warnings.push(`the weights sum to ${Number(sum.toPrecision(12))}, which scales the model`);
  return { inputs, weights, parameters, fishers, base, warnings };
}

/**
 * Blends checkpoints into a soup directory: weights, config and tokenizer of the first input, soup.json and a model
 * card. The directory appears complete or not at all.
 * @throws InvalidWeightsError, PreflightError, OutputExistsError, NanTensorError, DiskFullError, InterruptedError and
 *   whatever opening the inputs throws
 */
export async function blend(options: BlendOptions): Promise<BlendSummary> {
  const method = findMethod(options.method ?? 'linear');
  const prepared = await prepare(options, method);
  const { inputs, weights, warnings } = prepared;
  const named = Object.fromEntries(inputs.map(({ name }, i) => [name, weights[i]]));
  const { signal, onProgress } = options;
  const output = await openOutput(options.output, options.force ?? false, inputs.map(({ checkpoint }) => checkpoint));
  try {
    const metadata = soupMetadata(inputs[0].checkpoint, options.output, method.name, named);
    const plan = planMerge(blendRequest(inputs, { method, parameters: prepared.parameters, fishers: prepared.fishers, seed: options.seed, base: prepared.base && { name: 'the base', checkpoint: prepared.base }, dtype: options.dtype ?? null, metadata }));
    const result = await executeMerge({
      plan, directory: output.temporary, allowNan: options.allowNan ?? false, signal,
      hashed: hashedFiles(prepared),
      lateMetadata: (hashes) => baseMetadata(baseSha256(prepared, hashes)),
      onProgress: onProgress && reporter(plan, prepared, onProgress),
    });
    const record = provenance(options, prepared, named, method, result.hashes);
    await copyCompanions(inputs[0].checkpoint, output.temporary);
    if (inputs[0].checkpoint.kind === 'sharded') await writeText(path.join(output.temporary, 'model.safetensors.index.json'), shardIndex(plan));
    await writeText(path.join(output.temporary, 'soup.json'), `${JSON.stringify(record, null, 2)}\n`);
    await writeText(path.join(output.temporary, 'README.md'), modelCard(path.basename(path.resolve(options.output)), record));
    const soup = { name: 'the soup', checkpoint: await openCheckpoint(output.temporary) };
    const expert = copiedInput(prepared, plan);
    if (expert) {
      onProgress?.({ phase: 'verify', fraction: 0 });
      await verifyEndpoint(soup, expert, signal);
    }
    const replaced = await output.commit();
    return summary(options.output, prepared, named, method.name, plan, result, expert?.name ?? null, replaced, warnings);
  } catch (error) {
    await output.abandon();
    throw error;
  }
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
  const named = new Set(inputs.map(({ checkpoint }) => (checkpoint.metadata['soup.kind'] === 'base' ? joinedSha256(checkpoint, hashes) : lineageOf(checkpoint).baseHash)));
  return named.size === 1 ? [...named][0] : null;
}

function provenance(options: BlendOptions, prepared: PreparedBlend, weights: Readonly<Record<string, number>>, method: MergeMethod, hashes: ReadonlyMap<string, string>): SoupRecord {
  const { inputs, base, fishers, parameters, warnings } = prepared;
  const output = path.resolve(options.output);
  const sha256 = baseSha256(prepared, hashes);
  if (base && sha256) {
    for (const { name, checkpoint } of inputs) {
      const { baseHash } = lineageOf(checkpoint);
      if (baseHash && baseHash !== sha256) warnings.push(`${name} was trained from another base (${baseHash.slice(0, 12)}) than --base (${sha256.slice(0, 12)})`);
    }
  }
  return soupRecord({
    method: method.name,
    ...(method.name === 'linear' ? {} : { methodParameters: parameters.method, modelParameters: Object.fromEntries(inputs.map(({ name }, i) => [name, parameters.experts[i]])) }),
    ...(fishers.length > 0 ? { fishers: fishers.map(({ checkpoint }) => relativePath(output, checkpoint.path)) } : {}),
    parameters: { normalize: options.normalize ?? false, extrapolate: options.extrapolate ?? false, dtype: options.dtype ?? null, space: inputs[0].checkpoint.kind === 'adapter' ? 'factors' : 'weights' },
    weights,
    seed: method.isRandom ? (options.seed ?? 0) : null,
    inputs: inputs.map(({ name, checkpoint }) => ({ name, path: relativePath(output, checkpoint.path), sha256: joinedSha256(checkpoint, hashes) })),
    base: sha256 === null ? null : { path: base ? relativePath(output, base.path) : null, sha256 },
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

function summary(output: string, { inputs, weights }: PreparedBlend, named: Readonly<Record<string, number>>, method: string, plan: MergePlan, result: MergeResult, endpoint: string | null, replaced: string | null, warnings: readonly string[]): BlendSummary {
  // what the weights of other methods mean is theirs: their soup is compared with the mean norm
  const total = method === 'linear' ? 1 : weights.reduce((sum, weight) => sum + Math.abs(weight), 0) || 1;
  const expected = weights.reduce((sum, weight, i) => sum + (Math.abs(weight) / total) * Math.sqrt(result.inputSquares[i] ?? 0), 0);
  const norm = Math.sqrt(result.squares);
  const notes = [...warnings];
  if (result.firstNan !== null) notes.push(`the soup has ${result.nan} NaN values, the first in ${result.firstNan}`);
  if (result.infinite > 0) notes.push(`the soup has ${result.infinite} infinite values`);
  if (inputs[0].checkpoint.kind === 'adapter' && endpoint === null) notes.push('the adapters were blended in factor space (A and B separately): the update is quadratic in λ');
  return {
    output,
    files: plan.files.map(({ file }) => file),
    method,
    weights: named,
    tensorCount: plan.tensorCount,
    parameters: plan.totalElements,
    sizeBytes: plan.outBytes,
    loadedTensors: plan.tensorCount,
    nonFinite: { nan: result.nan, infinite: result.infinite },
    endpoint: endpoint === null ? null : { expert: endpoint, identical: true },
    norm: { soup: norm, expected, drift: expected > 0 ? norm / expected - 1 : null },
    warnings: notes,
    replaced,
  };
}
