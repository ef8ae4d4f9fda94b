import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import writeFileAtomic from 'write-file-atomic';
import { openCheckpoint, type Checkpoint, type CheckpointTensor } from '../../../checkpoint/checkpoint';
import { fromFloat32, toFloat32, writeSafetensors } from '../../../checkpoint/safetensors';
import { openTensorReader } from '../../../checkpoint/tensor-reader';
import { linearsOf, type Architecture, type Linear } from './architecture';
import { ConfigReader } from './config-reader';
import { adapterMismatch, unsupportedAdapter } from './errors';
import { adapterScale, factorArrays, lastPart, type AdapterSet, type LinearAdapter } from './lora';

/** Keys of adapter_config.json that change what an adapter computes, in ways that are not LoRA's plain ΔW = scale · B A. */
const refusedKeys: readonly string[] = ['use_dora', 'use_qalora', 'lora_bias', 'modules_to_save', 'layer_replication', 'trainable_token_indices', 'target_parameters', 'alora_invocation_tokens', 'arrow_config', 'kasa_config', 'use_bdlora', 'velora_config', 'monteclora_config'];

/** What an adapter says of itself beside its factors. */
export interface AdapterFile {
  readonly adapters: AdapterSet;
  readonly config: Readonly<Record<string, unknown>>;
  /** SHA-256 of the base it was trained on, where the writer noted it */
  readonly baseSha256: string | null;
}

/**
 * Reads a PEFT adapter (adapter_config.json, adapter_model.safetensors) for a base model.
 * @throws AdapterMismatchError when its tensors do not fit this base, UnsupportedAdapterError for anything but plain LoRA
 */
export async function readAdapter(directory: string, architecture: Architecture): Promise<AdapterFile> {
  const checkpoint = await openCheckpoint(directory);
  if (checkpoint.kind !== 'adapter' || !checkpoint.config) throw unsupportedAdapter(directory, 'a directory without adapter_config.json and adapter_model.safetensors');
  const reader = new ConfigReader(path.join(directory, 'adapter_config.json'), checkpoint.config);
  refuseExtras(reader, checkpoint.config);
  const pairs = pairFactors(checkpoint, architecture);
  const files = openTensorReader();
  const load = async (tensor: CheckpointTensor): Promise<Float32Array> => {
    const bytes = new Uint8Array(tensor.end - tensor.begin);
    await files.read(tensor, 0, bytes);
    return toFloat32(bytes, tensor.dtype);
  };
  try {
    const adapters = new Map<string, LinearAdapter>();
    for (const { linear, a, b } of pairs) {
      const rank = a.shape[0]!;
      const scale = adapterScale(alphaOf(reader, linear), rank, reader.boolean('use_rslora', false));
      adapters.set(linear.name, { linear, rank, scale, dropout: reader.number('lora_dropout', 0), a: await load(a), b: await load(b) });
    }
    return { adapters, config: checkpoint.config, baseSha256: checkpoint.metadata['soup.base_sha256'] ?? null };
  } finally {
    await files.close();
  }
}

/** Reads an adapter for a base of this SHA-256. @throws AdapterMismatchError also where it notes another, and what `readAdapter` throws */
export async function readAdapterOf(directory: string, architecture: Architecture, baseSha256: string): Promise<AdapterFile> {
  const file = await readAdapter(directory, architecture);
  if (file.baseSha256 !== null && file.baseSha256 !== baseSha256) throw adapterMismatch(directory, `it was trained on the base with SHA-256 ${file.baseSha256}, this one has ${baseSha256}`);
  return file;
}

function refuseExtras(reader: ConfigReader, config: Readonly<Record<string, unknown>>): void {
  const type = reader.text('peft_type', 'LORA');
  if (type !== 'LORA') throw unsupportedAdapter(reader.where, `peft_type "${type}"`);
  const bias = reader.text('bias', 'none');
  if (bias !== 'none') throw unsupportedAdapter(reader.where, `bias "${bias}"`);
  for (const key of refusedKeys) {
    const value = config[key];
    const isSet = Array.isArray(value) ? value.length > 0 : Boolean(value);
    if (isSet) throw unsupportedAdapter(reader.where, key);
  }
}

/** α of a layer: `alpha_pattern` names exceptions, matched as PEFT does. */
function alphaOf(reader: ConfigReader, linear: Linear): number {
  const patterns = reader.object('alpha_pattern');
  const key = patterns?.keys().find((pattern) => new RegExp(`^(.*\\.)?(${pattern})$`).test(linear.name));
  return key === undefined ? reader.number('lora_alpha') : patterns!.number(key);
}

interface FactorPair {
  readonly linear: Linear;
  readonly a: CheckpointTensor;
  readonly b: CheckpointTensor;
}

/** Every tensor of the file finds its layer and its partner, or nothing is loaded: no key is dropped in silence. */
function pairFactors(checkpoint: Checkpoint, architecture: Architecture): FactorPair[] {
  const linears = new Map(architecture.layers.flatMap(linearsOf).map((linear) => [linear.name, linear]));
  const halves = new Map<string, { a?: CheckpointTensor; b?: CheckpointTensor }>();
  for (const tensor of checkpoint.tensors.values()) {
    const [, name, factor] = /^base_model\.model\.(.+)\.lora_(A|B)(?:\.default)?\.weight$/.exec(tensor.name) ?? [];
    if (!name || !linears.has(name)) throw adapterMismatch(checkpoint.path, `tensor ${tensor.name} belongs to no layer of this ${architecture.modelType} model`);
    const half = halves.get(name) ?? {};
    half[factor === 'A' ? 'a' : 'b'] = tensor;
    halves.set(name, half);
  }
  if (halves.size === 0) throw adapterMismatch(checkpoint.path, 'it holds no LoRA tensors');
  return [...halves].map(([name, { a, b }]) => {
    const linear = linears.get(name)!;
    if (!a || !b) throw adapterMismatch(checkpoint.path, `${name} has only one of lora_A and lora_B`);
    const rank = a.shape[0]!;
    const fits = a.shape.join() === `${rank},${linear.inputs}` && b.shape.join() === `${linear.outputs},${rank}`;
    if (!fits) throw adapterMismatch(checkpoint.path, `${name}: factors [${a.shape.join(', ')}] and [${b.shape.join(', ')}] do not fit the layer's [${linear.outputs}, ${linear.inputs}]`);
    return { linear, a, b };
  });
}

/** `adapter_config.json` of a new adapter, with every key that PEFT needs to rebuild it. */
export function adapterConfig(settings: { readonly rank: number; readonly alpha: number; readonly dropout: number; readonly rankStabilised: boolean }, adapters: AdapterSet, base: string): Record<string, unknown> {
  const linears = [...adapters.values()].map(({ linear }) => linear);
  return {
    peft_type: 'LORA',
    task_type: 'CAUSAL_LM',
    base_model_name_or_path: base,
    r: settings.rank,
    lora_alpha: settings.alpha,
    lora_dropout: settings.dropout,
    use_rslora: settings.rankStabilised,
    target_modules: [...new Set(linears.map(lastPart))].sort(),
    fan_in_fan_out: linears.some(({ layout }) => layout === 'in-out'),
    bias: 'none',
    use_dora: false,
    modules_to_save: null,
    init_lora_weights: true,
    inference_mode: true,
    alpha_pattern: {},
    rank_pattern: {},
  };
}

/** Writes `adapter_model.safetensors` (float32) and `adapter_config.json`, each atomically. */
export async function writeAdapter(directory: string, adapters: AdapterSet, config: Readonly<Record<string, unknown>>, metadata: Readonly<Record<string, string>>): Promise<void> {
  await mkdir(directory, { recursive: true });
  const tensors = factorArrays(adapters).map(({ name, shape, values }) => ({ name, dtype: 'F32' as const, shape, data: fromFloat32(values, 'F32') }));
  await writeSafetensors(path.join(directory, 'adapter_model.safetensors'), tensors, { format: 'pt', ...metadata });
  await writeFileAtomic(path.join(directory, 'adapter_config.json'), `${JSON.stringify(config, null, 2)}\n`);
}
