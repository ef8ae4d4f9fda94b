import type { Checkpoint, CheckpointTensor } from './checkpoint';
import { isFloatDtype } from './dtype';
import { adapterMismatch, malformedAdapter, unsupportedAdapter } from './errors';
import type { LowRankUpdate } from './low-rank';
import { elementCount } from './safetensors-header';

/** The two factors of one module: it adds scale · BA to its weight, transposed where the weight is [in, out]. */
export interface LoraModule {
  /** path of the module in the base */
  readonly name: string;
  readonly kind: 'linear' | 'embedding';
  /** [rank, in] */
  readonly a: CheckpointTensor;
  /** [out, rank] */
  readonly b: CheckpointTensor;
  readonly rank: number;
  readonly alpha: number;
  /** α/r, or α/√r for rank-stabilised LoRA */
  readonly scale: number;
  readonly isTransposed: boolean;
}

/** A PEFT LoRA adapter, from its header and configuration. */
export interface LoraAdapter {
  readonly checkpoint: Checkpoint;
  /** by path of the module */
  readonly modules: ReadonlyMap<string, LoraModule>;
  /** whole tensors (modules_to_save, biases) by the name of the base's tensor that they replace */
  readonly replaced: ReadonlyMap<string, CheckpointTensor>;
}

/** Settings under which a module's update is not scale · BA, and why. */
const refusedSettings: Readonly<Record<string, string>> = {
  use_dora: 'DoRA scales every column of W + BA to a learned norm, so that its update is not of low rank',
  use_qalora: 'QA-LoRA pools the inputs of A',
  lora_bias: 'the bias of B needs a bias in the base',
  target_parameters: 'updates of single parameters (mixtures of experts) have a layout of their own',
  layer_replication: 'its layers are copies of the base\'s',
  alora_invocation_tokens: 'activated LoRA acts from a token on and cannot be merged',
  arrow_config: 'Arrow routes every token to experts of its own',
  kasa_config: 'KaSA changes the base and scales B and A by singular values',
  monteclora_config: 'MonteCLoRA samples its factors',
  use_bdlora: 'BD-LoRA has factors in blocks',
  trainable_token_indices: 'single trained rows of the embeddings are not a LoRA',
};

/**
 * Reads what a PEFT adapter adds to its base, by the rules of PEFT's LoraConfig: rank and α by module
 * (`rank_pattern`, `alpha_pattern`), `use_rslora`, `fan_in_fan_out`, embeddings, `modules_to_save` and biases.
 * @throws UnsupportedAdapterError (DoRA and other types, with the reason), MalformedAdapterError
 */
export function readLoraAdapter(checkpoint: Checkpoint): LoraAdapter {
  const config = checkpoint.config ?? {};
  const where = checkpoint.path;
  if (checkpoint.config === null) throw malformedAdapter(where, 'has no adapter_config.json, and without rank and α its factors mean nothing — copy it there');
  const type = config.peft_type ?? 'LORA';
  if (type !== 'LORA') throw unsupportedAdapter(where, `is of type ${String(type)}, whose update is not scale · BA; only LORA is blended`);
  for (const [key, reason] of Object.entries(refusedSettings)) if (isSet(config[key])) throw unsupportedAdapter(where, `has ${key}: ${reason}`);
  const factors = new Map<string, Partial<Record<'a' | 'b', CheckpointTensor>> & { kind: LoraModule['kind'] }>();
  const replaced = new Map<string, CheckpointTensor>();
  for (const tensor of checkpoint.tensors.values()) {
    const name = baseName(tensor.name);
    if (/\.lora_magnitude_vector/.test(name)) throw unsupportedAdapter(where, `has ${tensor.name}: ${refusedSettings.use_dora}`);
    if (/\.lora_[AB]\.bias$/.test(name)) throw unsupportedAdapter(where, `has ${tensor.name}: ${refusedSettings.lora_bias}`);
    const match = /^(.*)\.lora_(embedding_)?([AB])(\.weight)?$/.exec(name);
    if (match) {
      const [, module, embedding, factor] = match;
      const entry = factors.get(module) ?? { kind: embedding ? 'embedding' : 'linear' };
      entry[factor === 'A' ? 'a' : 'b'] = tensor;
      factors.set(module, entry);
    } else if (/\.(trainable_tokens_|lora_|modules_to_save\.)/.test(name)) throw unsupportedAdapter(where, `has ${tensor.name}, which is no factor and no whole tensor of the base`);
    else replaced.set(name, tensor);
  }
  const modules = new Map<string, LoraModule>();
  for (const [name, { a, b, kind }] of factors) {
    if (!a || !b) throw malformedAdapter(where, `has ${a ? 'A' : 'B'} and no ${a ? 'B' : 'A'} for ${name} — save it again`);
    modules.set(name, loraModule(checkpoint, name, kind, a, b));
  }
  if (modules.size === 0 && replaced.size === 0) throw malformedAdapter(where, 'has no tensors — save it again');
  return { checkpoint, modules, replaced };
}

/** What the base calls a tensor of an adapter. */
export function baseName(tensor: string): string {
  return tensor.replace(/^base_model\.model\./, '').replace('.base_layer.', '.');
}

/** Starts of LoRA that change the base itself, so that the adapter fits only the base that PEFT made then. */
const changesBase = /^(pissa|olora|corda|loftq|lora_ga)/i;

/**
 * Refuses an adapter whose start has changed the base that it was trained on.
 * @param base what to call the base that it would be applied to
 * @throws AdapterMismatchError
 */
export function refuseChangedBase({ path: where, config }: Checkpoint, base: string): void {
  const init = config?.init_lora_weights;
  if (typeof init === 'string' && changesBase.test(init)) throw adapterMismatch(where, `was started with init_lora_weights ${init}, which changed its base, so that ${base} is not what it was trained on — save it with path_initial_model_for_weight_conversion`);
}

function isSet(value: unknown): boolean {
  return value !== undefined && value !== null && value !== false && !(Array.isArray(value) && value.length === 0);
}

function loraModule({ config, path: where }: Checkpoint, name: string, kind: LoraModule['kind'], a: CheckpointTensor, b: CheckpointTensor): LoraModule {
  const settings = config ?? {};
  for (const { name: tensor, dtype } of [a, b]) if (!isFloatDtype(dtype)) throw malformedAdapter(where, `has ${tensor} as ${dtype} — save its factors as floats`);
  const rank = numberFor(name, 'rank_pattern', 'r', settings, where);
  const alpha = numberFor(name, 'alpha_pattern', 'lora_alpha', settings, where);
  if (a.shape[0] !== rank || elementCount(b.shape) !== b.shape[0] * rank) throw malformedAdapter(where, `has rank ${rank} for ${name} in its configuration, and factors [${a.shape.join(', ')}] and [${b.shape.join(', ')}] — they belong to different trainings`);
  return { name, kind, a, b, rank, alpha, scale: settings.use_rslora === true ? alpha / Math.sqrt(rank) : alpha / rank, isTransposed: kind === 'embedding' || settings.fan_in_fan_out === true };
}

/** PEFT's rule: the first pattern that matches the end of the module's path from a dot on, else the general value. */
function numberFor(module: string, patternKey: string, key: string, settings: Readonly<Record<string, unknown>>, where: string): number {
  const patterns = settings[patternKey];
  let value = settings[key];
  if (typeof patterns === 'object' && patterns !== null) {
    const own = Object.entries(patterns).find(([pattern]) => pattern === module || endsWithPattern(module, pattern, where));
    if (own) [, value] = own;
  }
  if (typeof value !== 'number' || !Number.isFinite(value) || (key === 'r' && !(Number.isSafeInteger(value) && value > 0))) throw malformedAdapter(where, `has ${key} ${JSON.stringify(value)} for ${module} — expected a number in adapter_config.json`);
  return value;
}

function endsWithPattern(module: string, pattern: string, where: string): boolean {
  try {
    return new RegExp(`^(.*\\.)?(${pattern})$`).test(module);
  } catch (error) {
    throw malformedAdapter(where, `has the pattern ${JSON.stringify(pattern)}, which is no regular expression (${error instanceof Error ? error.message : String(error)}) — correct it`);
  }
}

/** What the module adds to its base's tensor, times `weight`. @throws AdapterMismatchError when the shapes disagree */
export function updateOf(module: LoraModule, tensor: CheckpointTensor, weight: number, where: string): LowRankUpdate {
  const { a, b, rank, scale, isTransposed, name } = module;
  const [inputs, outputs] = [elementCount(a.shape) / rank, elementCount(b.shape) / rank];
  const rows = tensor.shape[0] ?? 0;
  const columns = elementCount(tensor.shape) / rows;
  const [expectedRows, expectedColumns] = isTransposed ? [inputs, outputs] : [outputs, inputs];
  if (rows !== expectedRows || columns !== expectedColumns) throw adapterMismatch(where, `adds [${expectedRows}, ${expectedColumns}] to ${name}, and the base has [${tensor.shape.join(', ')}]${rows === expectedColumns && columns === expectedRows ? ' — its fan_in_fan_out is wrong for this base' : ' — it was trained on another model'}`);
  return { a: [{ tensor: a, weight: 1 }], b: [{ tensor: b, weight: 1 }], rank, scale: weight * scale, isTransposed, columns };
}
