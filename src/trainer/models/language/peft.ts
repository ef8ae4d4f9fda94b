import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import writeFileAtomic from 'write-file-atomic';
import { adapterFactors, lastPart } from '../../../architecture/adapter-factors';
import type { Architecture } from '../../../architecture/architecture';
import { adapterMismatch } from '../../../architecture/errors';
import { openCheckpoint, type CheckpointTensor } from '../../../checkpoint/checkpoint';
import { fromFloat32, toFloat32, writeSafetensors } from '../../../checkpoint/safetensors';
import { openTensorReader } from '../../../checkpoint/tensor-reader';
import { factorArrays, type AdapterSet, type LinearAdapter } from './lora';

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
  const factors = adapterFactors(checkpoint, architecture);
  const files = openTensorReader();
  const load = async (tensor: CheckpointTensor): Promise<Float32Array> => {
    const bytes = new Uint8Array(tensor.end - tensor.begin);
    await files.read(tensor, 0, bytes);
    return toFloat32(bytes, tensor.dtype);
  };
  try {
    const adapters = new Map<string, LinearAdapter>();
    for (const { a, b, ...adapter } of factors) adapters.set(adapter.linear.name, { ...adapter, a: await load(a), b: await load(b) });
    return { adapters, config: checkpoint.config!, baseSha256: checkpoint.metadata['soup.base_sha256'] ?? null };
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
