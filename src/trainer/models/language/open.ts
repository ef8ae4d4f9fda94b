import { copyFile, mkdir } from 'node:fs/promises';
import path from 'node:path';
import writeFileAtomic from 'write-file-atomic';
import { openCheckpoint } from '../../../checkpoint/checkpoint';
import { checkpointSha256 } from '../../../checkpoint/digest';
import { fileSystemError } from '../../../checkpoint/errors';
import { fromFloat32, writeSafetensors } from '../../../checkpoint/safetensors';
import { SoupError } from '../../../errors';
import type { OpenBackend } from '../../backend/backend';
import type { LanguageModel, Trainable, WeightArray } from '../language-model';
import { describeArchitecture, tensorSpecs, weightName, type Architecture } from '../../../architecture/architecture';
import { architectureOf } from '../../../architecture/check-model';
import { readGenerationDefaults } from './generation/defaults';
import { createAdapters, factorName, mergeAdapter, type AdapterSet } from './lora';
import { CausalLanguageModel, type ModelParts } from './model';
import { adapterConfig, readAdapterOf, writeAdapter } from './peft';
import { openTokenizer, tokenizerFiles } from './tokenizer';
import { initialWeights, readWeights } from './weight-files';

export interface OpenOptions {
  /** default none */
  readonly trainable?: Trainable;
  /** a PEFT adapter to start from: trained further where `trainable` is `adapter`, else merged into the weights */
  readonly adapter?: string;
  /** adds a linear value head on the last hidden state, zero at first; default false */
  readonly hasValueHead?: boolean;
  /** keeps of each layer its input alone for the gradient, and computes the layer again then; default false */
  readonly gradientCheckpointing?: boolean;
  /** of a new adapter's A; default 0 */
  readonly seed?: number;
}

/** What a new model is made from: the keys that transformers' config.json has, and the seed of its weights. */
export interface CreateOptions {
  readonly config: Readonly<Record<string, unknown>>;
  /** tokenizer files are taken from here, and saved with the model */
  readonly tokenizerDirectory: string;
  readonly seed: number;
  readonly hasValueHead?: boolean;
  readonly gradientCheckpointing?: boolean;
}

/**
 * Opens a causal language model from a Hugging Face directory (config.json, safetensors, tokenizer.json).
 * @throws UnsupportedModelError, InvalidModelConfigError, WeightMismatchError, MissingTokenizerError,
 * AdapterMismatchError, UnknownLoraTargetError and the errors of reading a checkpoint
 */
export async function openLanguageModel(backend: OpenBackend, directory: string, options: OpenOptions = {}): Promise<LanguageModel> {
  return openCausalModel(backend, directory, options);
}

export async function openCausalModel({ tf }: OpenBackend, directory: string, options: OpenOptions = {}): Promise<CausalLanguageModel> {
  const { trainable = 'none', adapter, hasValueHead = false, gradientCheckpointing = false, seed = 0 } = options;
  const checkpoint = await openCheckpoint(directory);
  const architecture = architectureOf(checkpoint);
  const config = checkpoint.config!;
  const tokenizer = await openTokenizer(directory);
  const base = await readWeights(checkpoint, architecture);
  const isNewAdapter = typeof trainable === 'object';
  const baseSha256 = adapter !== undefined || isNewAdapter ? await checkpointSha256(checkpoint) : null;
  const file = adapter === undefined ? null : await readAdapterOf(adapter, architecture, baseSha256!);
  if (trainable === 'adapter' && !file) throw new SoupError('MissingAdapterError', `${directory}: an adapter is to be trained further, but none is given — name one, or settings of a new one`);
  if (file && trainable !== 'adapter') for (const each of file.adapters.values()) mergeAdapter(each, base.get(weightName(each.linear))!);
  const adapters: AdapterSet = isNewAdapter ? createAdapters(architecture, trainable, seed) : trainable === 'adapter' ? file!.adapters : new Map();
  return new CausalLanguageModel({
    tf,
    architecture,
    config,
    tokenizer,
    generationDefaults: await readGenerationDefaults(directory, config, tokenizer),
    weights: base,
    adapters,
    trains: isNewAdapter ? 'adapter' : trainable,
    hasValueHead,
    gradientCheckpointing,
    save: isNewAdapter || trainable === 'adapter'
      ? adapterWriter(adapters, isNewAdapter ? newAdapterConfig(trainable, adapters, directory) : file!.config, { 'soup.base_sha256': baseSha256! })
      : modelWriter(architecture, config, directory),
  });
}

/** Opens an expert as a model of its own: a whole model, or an adapter merged into the base. */
export async function openExpert(backend: OpenBackend, base: string, directory: string): Promise<CausalLanguageModel> {
  const isAdapter = (await openCheckpoint(directory)).kind === 'adapter';
  return isAdapter ? openCausalModel(backend, base, { adapter: directory }) : openCausalModel(backend, directory);
}

/** A new model of seeded weights, all of them trainable: for pre-training from scratch. */
export async function createLanguageModel({ tf }: OpenBackend, { config, tokenizerDirectory, seed, hasValueHead = false, gradientCheckpointing = false }: CreateOptions): Promise<LanguageModel> {
  const architecture = describeArchitecture('config', config);
  const tokenizer = await openTokenizer(tokenizerDirectory);
  return new CausalLanguageModel({
    tf,
    architecture,
    config,
    tokenizer,
    generationDefaults: await readGenerationDefaults(tokenizerDirectory, config, tokenizer),
    weights: initialWeights(architecture, seed),
    adapters: new Map(),
    trains: 'full',
    hasValueHead,
    gradientCheckpointing,
    save: modelWriter(architecture, config, tokenizerDirectory),
  });
}

function newAdapterConfig({ rank, alpha, dropout = 0, rankStabilised = false }: Exclude<Trainable, string>, adapters: AdapterSet, base: string): Record<string, unknown> {
  return adapterConfig({ rank, alpha, dropout, rankStabilised }, adapters, path.resolve(base));
}

type Save = ModelParts['save'];

function adapterWriter(adapters: AdapterSet, config: Readonly<Record<string, unknown>>, lineage: Readonly<Record<string, string>>): Save {
  return async (directory, values, metadata) => {
    const trained = new Map([...adapters].map(([name, adapter]) => [name, { ...adapter, a: valuesOf(values, factorName(name, 'A')), b: valuesOf(values, factorName(name, 'B')) }]));
    await writeAdapter(directory, trained, config, { ...lineage, ...metadata });
  };
}

function valuesOf(values: ReadonlyMap<string, WeightArray>, name: string): Float32Array {
  return values.get(name)!.values;
}

/** Files that go with a model's weights, taken from where it was opened. */
const companions: readonly string[] = [...tokenizerFiles, 'generation_config.json'];

function modelWriter(architecture: Architecture, config: Readonly<Record<string, unknown>>, source: string): Save {
  return async (directory, values, metadata) => {
    await mkdir(directory, { recursive: true });
    for (const file of companions) {
      if (path.resolve(source) !== path.resolve(directory)) await copyIfPresent(path.join(source, file), path.join(directory, file));
    }
    const tensors = tensorSpecs(architecture).map(({ name, shape }) => ({ name, dtype: 'F32' as const, shape, data: fromFloat32(valuesOf(values, name), 'F32') }));
    await writeFileAtomic(path.join(directory, 'config.json'), `${JSON.stringify(asFloat32(config), null, 2)}\n`);
    await writeSafetensors(path.join(directory, 'model.safetensors'), tensors, { format: 'pt', ...metadata });
  };
}

/** The config of weights that are written as float32, whatever the original's were. */
function asFloat32(config: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return { ...config, ['torch_dtype' in config ? 'torch_dtype' : 'dtype']: 'float32' };
}

async function copyIfPresent(from: string, to: string): Promise<void> {
  await copyFile(from, to).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw fileSystemError(from, error);
  });
}
