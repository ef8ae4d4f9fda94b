import path from 'node:path';
import { openCheckpoint, type Checkpoint } from '../checkpoint/checkpoint';
import { checkpointSha256 } from '../checkpoint/digest';
import type { FloatDtype } from '../checkpoint/dtype';
import { sharedFloatTensors } from '../checkpoint/float-chunks';
import { lineageOf } from '../checkpoint/lineage';
import { nameCheckpoints, type NamedCheckpoint } from '../checkpoint/names';
import { blendRequest } from './blend-request';
import { executeMerge } from './execute';
import { findMethod } from './methods/registry';
import { openOutput } from './output-directory';
import { planMerge, type MergePlan } from './plan';
import { preflight } from './preflight';
import { copyCompanions, modelCard, relativePath, shardIndex, soupMetadata, soupRecord, writeText, type SoupRecord } from './provenance';
import type { MergeStatistics } from './statistics';
import { verifyEndpoint } from './verify-endpoint';
import { endpointOf, resolveWeights, simplexTolerance, type WeightsInput } from './weights';

export interface BlendProgress {
  readonly phase: 'hash' | 'blend' | 'verify';
  /** of the phase, 0 to 1 */
  readonly fraction: number;
}

export interface BlendOptions {
  /** safetensors files, checkpoint directories, sharded ones or adapters */
  readonly inputs: readonly string[];
  /** λ by position, or keyed by expert name */
  readonly weights: WeightsInput;
  readonly method?: string;
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
  /** ‖θ_λ‖₂, Σ |λᵢ|·‖θᵢ‖₂, and the first over the second − 1; null above a zero */
  readonly norm: { readonly soup: number; readonly expected: number; readonly drift: number | null };
  readonly warnings: readonly string[];
  /** where a directory that stood at `output` was moved, with `force` */
  readonly replaced: string | null;
}

interface PreparedBlend {
  readonly inputs: readonly NamedCheckpoint[];
  readonly weights: readonly number[];
  readonly base: Checkpoint | null;
  readonly warnings: string[];
}

/** Everything that can be known from headers: what is wrong is said before a byte of data is read. */
async function prepare(options: BlendOptions): Promise<PreparedBlend> {
  const checkpoints: Checkpoint[] = [];
  for (const input of options.inputs) checkpoints.push(await openCheckpoint(input));
  const inputs = nameCheckpoints(checkpoints);
  const weights = resolveWeights(options.weights, inputs.map(({ name }) => name), options);
  const warnings = await preflight(inputs, options.dtype ?? null);
  const base = options.base === undefined ? null : await openCheckpoint(options.base);
  if (base) sharedFloatTensors([base, checkpoints[0]]);
  const sum = weights.reduce((total, weight) => total + weight, 0);
  if (Math.abs(sum - 1) > simplexTolerance) warnings.push(`the weights sum to ${Number(sum.toPrecision(12))}, which scales the model`);
  return { inputs, weights, base, warnings };
}

/**
 * Blends checkpoints into a soup directory: weights, config and tokenizer of the first input, soup.json and a model
 * card. The directory appears complete or not at all.
 * @throws InvalidWeightsError, PreflightError, OutputExistsError, NanTensorError, DiskFullError, InterruptedError and
 *   whatever opening the inputs throws
 */
export async function blend(options: BlendOptions): Promise<BlendSummary> {
  const method = findMethod(options.method ?? 'linear');
  const prepared = await prepare(options);
  const { inputs, weights, warnings } = prepared;
  const named = Object.fromEntries(inputs.map(({ name }, i) => [name, weights[i]]));
  const { signal, onProgress } = options;
  const output = await openOutput(options.output, options.force ?? false, inputs.map(({ checkpoint }) => checkpoint));
  try {
    const record = await provenance(options, prepared, named, method.name);
    const metadata = soupMetadata(inputs[0].checkpoint, options.output, method.name, named, record.base?.sha256 ?? null);
    const plan = planMerge(blendRequest(inputs, { method, weights, base: prepared.base && { name: 'the base', checkpoint: prepared.base }, dtype: options.dtype ?? null, metadata }));
    const statistics = await executeMerge({
      plan, directory: output.temporary, allowNan: options.allowNan ?? false, signal,
      onElements: (done) => onProgress?.({ phase: 'blend', fraction: done / plan.totalElements }),
    });
    await copyCompanions(inputs[0].checkpoint, output.temporary);
    if (inputs[0].checkpoint.kind === 'sharded') await writeText(path.join(output.temporary, 'model.safetensors.index.json'), shardIndex(plan));
    await writeText(path.join(output.temporary, 'soup.json'), `${JSON.stringify(record, null, 2)}\n`);
    await writeText(path.join(output.temporary, 'README.md'), modelCard(path.basename(path.resolve(options.output)), record));
    const soup = { name: 'the soup', checkpoint: await openCheckpoint(output.temporary) };
    const expert = copiedExpert(inputs, weights, plan);
    if (expert) {
      onProgress?.({ phase: 'verify', fraction: 0 });
      await verifyEndpoint(soup, expert, signal);
    }
    const replaced = await output.commit();
    return summary(options.output, prepared, named, method.name, plan, statistics, expert?.name ?? null, replaced, warnings);
  } catch (error) {
    await output.abandon();
    throw error;
  }
}

async function provenance(options: BlendOptions, { inputs, base, warnings }: PreparedBlend, weights: Readonly<Record<string, number>>, method: string): Promise<SoupRecord> {
  const { signal, onProgress } = options;
  const output = path.resolve(options.output);
  const hashed: SoupRecord['inputs'][number][] = [];
  for (const { name, checkpoint } of inputs) {
    onProgress?.({ phase: 'hash', fraction: hashed.length / inputs.length });
    hashed.push({ name, path: relativePath(output, checkpoint.path), sha256: await checkpointSha256(checkpoint, signal) });
  }
  // a base that is blended with its own expert is of its own lineage
  const hashes = new Set(inputs.map(({ checkpoint }, i) => (checkpoint.metadata['soup.kind'] === 'base' ? hashed[i].sha256 : lineageOf(checkpoint).baseHash)));
  const [shared] = hashes.size === 1 ? hashes : [null];
  const given = base ? await checkpointSha256(base, signal) : null;
  for (const { name, checkpoint } of inputs) {
    const { baseHash } = lineageOf(checkpoint);
    if (given && baseHash && baseHash !== given) warnings.push(`${name} was trained from another base (${baseHash.slice(0, 12)}) than --base (${given.slice(0, 12)})`);
  }
  const sha256 = given ?? shared;
  return soupRecord({
    method,
    parameters: { normalize: options.normalize ?? false, extrapolate: options.extrapolate ?? false, dtype: options.dtype ?? null, space: inputs[0].checkpoint.kind === 'adapter' ? 'factors' : 'weights' },
    weights,
    seed: null,
    inputs: hashed,
    base: sha256 === null ? null : { path: base ? relativePath(output, base.path) : null, sha256 },
  });
}

/** The expert that the soup has to equal byte for byte: λ is exactly its own, and no type changes. */
function copiedExpert(inputs: readonly NamedCheckpoint[], weights: readonly number[], { files }: MergePlan): NamedCheckpoint | null {
  const endpoint = endpointOf(weights);
  const isCopied = endpoint !== null && files.every(({ tensors }) => tensors.every(({ inputs: sources, dtype }) => sources[endpoint].source.kind === 'stored' && sources[endpoint].source.dtype === dtype));
  return isCopied ? inputs[endpoint] : null;
}

function summary(output: string, { inputs, weights }: PreparedBlend, named: Readonly<Record<string, number>>, method: string, plan: MergePlan, result: MergeStatistics, endpoint: string | null, replaced: string | null, warnings: readonly string[]): BlendSummary {
  const expected = weights.reduce((sum, weight, i) => sum + Math.abs(weight) * Math.sqrt(result.inputSquares[i] ?? 0), 0);
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
