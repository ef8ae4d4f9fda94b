import path from 'node:path';
import { openCheckpoint, type Checkpoint } from '../../checkpoint/checkpoint';
import { isFloatDtype } from '../../checkpoint/dtype';
import { joinedSha256 } from '../../checkpoint/digest';
import { nameCheckpoints, type NamedCheckpoint } from '../../checkpoint/names';
import { isHead, withoutTiedHead } from '../../checkpoint/tied';
import { SoupError } from '../../errors';
import { executeMerge, type MergeResult } from '../execute';
import { strangersTo } from '../checks/bases';
import { differingIntegers, integersOfBase } from '../differing-integers';
import { openOutput } from '../output-directory';
import { floatDtypeOf, planMerge, writtenTensors, type MergePlan } from '../plan';
import { preflightMerge } from '../preflight';
import { copyCompanions, referencePath, shardIndex, soupMetadata, soupRecord, writeText, type SoupRecord } from '../provenance';
import type { RequestedTensor } from '../request';
import { shardTensors } from '../shards';
import { mergeSummary, type MergeSummary } from '../summary';
import { planTokenizer, type TokenizerPlan } from '../tokenizer/plan-tokenizer';
import { resizedRows, resizedWarnings } from '../tokenizer/resized';
import type { TokenRule } from '../tokenizer/token-rows';
import { chatTemplate, templateFiles } from './chat-template';
import { idleFilters } from './idle-filters';
import { mergeCard } from './merge-card';
import { locateModel } from './models';
import { layerKeys, outputConfig } from './model-config';
import { modelsOf, outputLayers } from './output-tensors';
import { loadMergekit, methodOf } from './parse';
import { mergekitTensors, type MergeModel } from './request';
import type { MergekitConfig } from './schema';

export interface MergekitOptions {
  /** a mergekit configuration */
  readonly config: string;
  /** the directory to make */
  readonly output: string;
  /** of methods that draw; 0 by default */
  readonly seed?: number;
  /** most bytes of one weight file; more tensors go into further shards */
  readonly shardBytes?: number;
  /** move a non-empty output aside instead of refusing */
  readonly force?: boolean;
  /** write NaN values instead of refusing */
  readonly allowNan?: boolean;
  /** whether to wait until everything is on the disk; true by default */
  readonly isDurable?: boolean;
  readonly onProgress?: (progress: { readonly phase: 'merge' | 'hash'; readonly fraction: number }) => void;
  readonly signal?: AbortSignal;
}

/** What a merge did and what the checks after it found; `soup merge --json`. */
export interface MergekitSummary extends MergeSummary {
  readonly models: Readonly<Record<string, string>>;
  /** ‖θ‖₂ of the output, and of what was read of every model (a layer as often as it is stacked); null where nothing was */
  readonly norm: { readonly soup: number; readonly models: Readonly<Record<string, number | null>> };
}

/**
 * Carries out a mergekit configuration: weights, config, tokenizer, soup.json, mergekit_config.yml and a model card. The
 * directory appears complete or not at all.
 * @throws MergekitConfigError, ModelNotFoundError, PreflightError, MethodInputsError, MissingParameterError, SliceError,
 *   TokenizerError, OutputExistsError, NanTensorError, DiskFullError, InterruptedError and what opening models throws
 */
export async function mergeFromConfig(options: MergekitOptions): Promise<MergekitSummary> {
  const { config, text } = await loadMergekit(options.config);
  const models = await openModels(config, path.dirname(path.resolve(options.config)));
  const tokenizer = await tokenizerPlan(config, models);
  const checked = await preflightMerge(models, { layerKeys: outputLayers(config) === null ? [] : layerKeys, areRowsMatched: tokenizer !== null, areCopies: config.merge_method === 'passthrough' });
  const { tensors, fromBase } = await withIntegersOfBase(mergekitTensors(config, models, tokenizer), config, models);
  const template = config.chat_template == null ? null : await chatTemplate(config.chat_template, models);
  const inputs: NamedCheckpoint[] = [...models, ...models.flatMap(({ fisher }) => (fisher ? [fisher] : []))];
  const output = await openOutput(options.output, options.force ?? false, inputs.map(({ checkpoint }) => checkpoint));
  const seed = options.seed ?? 0;
  try {
    const first = models[0].checkpoint;
    const metadata = soupMetadata(first, options.output, config.merge_method);
    const plan = planMerge({ inputs: inputs.map(({ name }) => name), seed, files: shardTensors(tensors, options.shardBytes).map((shard) => ({ ...shard, metadata })) });
    const { signal, onProgress, allowNan = false, isDurable } = options;
    const hashed = [...new Set(inputs.flatMap(({ checkpoint }) => checkpoint.files))];
    const hashedBytes = inputs.reduce((sum, { checkpoint }) => sum + [...checkpoint.tensors.values()].reduce((total, { begin, end }) => total + end - begin, 0), 0);
    const result = await executeMerge({
      plan, directory: output.temporary, allowNan, isDurable, signal, hashed,
      onProgress: (done) => onProgress?.(done.elements >= plan.totalElements && done.hashedBytes > 0 ? { phase: 'hash', fraction: Math.min(1, done.hashedBytes / hashedBytes) } : { phase: 'merge', fraction: done.elements / Math.max(1, plan.totalElements) }),
    });
    const hashes = inputs.map(({ checkpoint }) => joinedSha256(checkpoint, result.hashes));
    const record = soupRecord({
      method: config.merge_method,
      parameters: { normalize: false, extrapolate: false, dtype: config.out_dtype ?? config.dtype ?? null, space: 'weights' },
      configuration: config,
      weights: {},
      inputs: inputs.map(({ name, checkpoint }, i) => ({ name, path: referencePath(output.directory, checkpoint), sha256: hashes[i] })),
      base: config.base_model == null ? null : { path: referencePath(output.directory, first), sha256: hashes[0] },
      seed: methodOf(config).isRandom ? seed : null,
    });
    await writeBesides(output.temporary, { config, text, models, plan, tokenizer, template, name: path.basename(path.resolve(options.output)), record });
    await openCheckpoint(output.temporary);
    const replaced = await output.commit();
    const warnings = [
      ...checked,
      ...idleFilters(config, [...models.flatMap(({ checkpoint }) => [...checkpoint.tensors.keys()]), ...tensors.map(({ name }) => name)]),
      ...integersOfBase(fromBase),
      ...(tokenizer?.warnings ?? (await resizedWarnings(models[0].checkpoint, writtenTensors(plan)))),
      ...(config.base_model == null ? [] : strangersTo('base_model', hashes[0], models.slice(1))),
      ...(config.chat_template != null && template === null ? ['chat_template: no model has one, so the output has none'] : []),
    ];
    return {
      ...mergeSummary({ output: options.output, method: config.merge_method, replaced, warnings }, plan, result),
      models: Object.fromEntries(models.map(({ name, checkpoint }) => [name, checkpoint.path])),
      norm: { soup: Math.sqrt(result.squares), models: norms(inputs, result) },
    };
  } catch (error) {
    throw await output.abandon(error);
  }
}

interface Written {
  readonly name: string;
  readonly config: MergekitConfig;
  readonly text: string;
  readonly models: readonly MergeModel[];
  readonly plan: MergePlan;
  readonly tokenizer: TokenizerPlan | null;
  readonly template: string | null;
  readonly record: SoupRecord;
}

/** Everything but the weights. */
async function writeBesides(directory: string, { name, config, text, models, plan, tokenizer, template, record }: Written): Promise<void> {
  await copyCompanions(models[tokenizer?.from ?? 0].checkpoint, directory);
  const files = new Map<string, string>(tokenizer?.files);
  if (plan.files.length > 1) files.set('model.safetensors.index.json', shardIndex(plan));
  const written = await writtenConfig(config, models, plan, tokenizer);
  if (written !== null) files.set('config.json', written);
  files.set('soup.json', `${JSON.stringify(record, null, 2)}\n`).set('mergekit_config.yml', text).set('README.md', mergeCard(name, record, text));
  for (const [file, content] of files) await writeText(path.join(directory, file), content);
  if (template !== null) for (const [file, content] of await templateFiles(template, directory)) await writeText(path.join(directory, file), content);
}

function norms(inputs: readonly NamedCheckpoint[], { inputSquares }: MergeResult): Record<string, number | null> {
  return Object.fromEntries(inputs.map(({ name }, i) => {
    const square = inputSquares[i];
    return [name, square === null ? null : Math.sqrt(square)];
  }));
}

/** Integers and booleans that differ are the base's, where one is named. */
async function withIntegersOfBase(tensors: readonly RequestedTensor[], { base_model: base }: MergekitConfig, models: readonly MergeModel[]): Promise<{ readonly tensors: readonly RequestedTensor[]; readonly fromBase: readonly string[] }> {
  if (base == null || tensors.every(({ dtype }) => isFloatDtype(dtype))) return { tensors, fromBase: [] };
  // the base is the first of the models
  const differing = new Set(await differingIntegers(models, models[0].checkpoint));
  const isOfBase = ({ name, dtype, inputs }: RequestedTensor) => !isFloatDtype(dtype) && differing.has(name) && inputs.some(({ input }) => input === 0);
  return {
    tensors: tensors.map((tensor) => (isOfBase(tensor) ? { ...tensor, inputs: tensor.inputs.filter(({ input }) => input === 0), base: null } : tensor)),
    fromBase: tensors.filter(isOfBase).map(({ name }) => name),
  };
}

async function openModels(config: MergekitConfig, directory: string): Promise<MergeModel[]> {
  const references = modelsOf(config);
  const checkpoints: Checkpoint[] = [];
  for (const reference of references) checkpoints.push(withoutTiedHead(await openCheckpoint(await locateModel(reference, directory))));
  const listed = config.models ?? Object.values(config.modules ?? {}).flatMap(({ models }) => models ?? []);
  const result: MergeModel[] = [];
  for (const [i, { name, checkpoint }] of nameCheckpoints(checkpoints).entries()) {
    const fisher = listed.find(({ model }) => model === references[i])?.fisher;
    result.push({ name, checkpoint, reference: references[i], fisher: fisher === undefined ? null : { name: `Fisher of ${name}`, checkpoint: await openCheckpoint(await locateModel(fisher, directory)) } });
  }
  return result;
}

async function tokenizerPlan({ tokenizer, tokenizer_source: short, base_model: base }: MergekitConfig, models: readonly MergeModel[]): Promise<TokenizerPlan | null> {
  const source = tokenizer?.source ?? short;
  if (source == null) return null;
  const indexOf = (reference: string) => models.findIndex((model) => model.reference === reference);
  const tokens = new Map(Object.entries(tokenizer?.tokens ?? {}).map(([token, { source: from, force }]): [string, TokenRule] => {
    if (from == null) return [token, { origin: null, force }];
    if (typeof from === 'string') return [token, { origin: { kind: 'model', input: known(from, indexOf(from)) }, force }];
    if (from.kind === 'zero') return [token, { origin: { kind: 'zero' }, force }];
    const input = known(from.model, indexOf(from.model));
    return [token, { origin: from.token === undefined ? { kind: 'model_token', input, id: from.token_id ?? 0 } : { kind: 'model_token', input, token: from.token }, force }];
  }));
  return planTokenizer(models, {
    source: source === 'union' || source === 'base' ? source : known(source, indexOf(source)),
    base: base == null ? null : indexOf(base),
    tokens,
    padToMultipleOf: tokenizer?.pad_to_multiple_of ?? undefined,
  });
}

function known(reference: string, index: number): number {
  if (index < 0) throw new SoupError('MergekitConfigError', `tokenizer: ${reference} is none of the models — name one of them`);
  return index;
}

/** config.json; null where the model has none. */
function writtenConfig(config: MergekitConfig, models: readonly MergeModel[], plan: MergePlan, tokenizer: TokenizerPlan | null): Promise<string | null> {
  const ties = models.map(({ checkpoint }) => checkpoint.config?.tie_word_embeddings);
  return outputConfig(models[0].checkpoint, new Map(models.map(({ reference, checkpoint }) => [reference, checkpoint])), {
    dtype: floatDtypeOf(plan),
    layers: outputLayers(config),
    vocabularySize: tokenizer?.rowCount ?? resizedRows(models[0].checkpoint, writtenTensors(plan)),
    isUntied: plan.files.some(({ tensors }) => tensors.some(({ name }) => isHead(name))) && (ties[0] === true || ties.includes(false)),
  });
}
