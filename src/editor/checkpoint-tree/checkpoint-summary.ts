import path from 'node:path';
import { openCheckpoint, type Checkpoint } from '../../checkpoint/checkpoint';
import { inspectCheckpoint } from '../../checkpoint/inspect';
import { sampleWeights } from './weight-sample';

/** What the tree says of a checkpoint, from its headers alone. */
export interface CheckpointSummary {
  /** absolute path of the file or directory */
  readonly path: string;
  readonly storage: Checkpoint['kind'];
  readonly format: 'safetensors' | 'PyTorch';
  /** `base`, `expert`, `morl`, `soup`, … as the writer noted it; null for checkpoints of other tools */
  readonly role: string | null;
  /** the writer's name for it, or the file's */
  readonly name: string;
  /** the reward expression that the training maximised */
  readonly objective: string | null;
  /** mean of each reward: as the sweep has measured it, else at the last evaluation in training */
  readonly scores: Readonly<Record<string, number>>;
  /** standard errors of the scores that a sweep has measured; null where it noted no samples */
  readonly errors: Readonly<Record<string, number | null>>;
  readonly step: number | null;
  /** λ of a soup by expert name; null for everything else */
  readonly weights: Readonly<Record<string, number>> | null;
  readonly dtypes: readonly string[];
  readonly tensors: number;
  readonly parameters: number;
  readonly sizeBytes: number;
  /** SHA-256 of the shared initialisation; null where nothing says */
  readonly baseHash: string | null;
  /** of the tensors' names and shapes */
  readonly fingerprint: string;
  /** what the config says of the architecture; null where there is no config */
  readonly architecture: string | null;
  /** the model's type in its config; the name of the base in that of an adapter; null where nothing says */
  readonly family: string | null;
  /** r of a LoRA adapter */
  readonly rank: number | null;
  /** see `sampleWeights` */
  readonly sample: Float32Array | null;
  /** when the weights were last written, in ms since 1970; 0 where nothing has looked */
  readonly modifiedMs: number;
}

const scorePrefix = 'soup.score.';

/**
 * Reads the headers of a checkpoint and sums them up.
 * @throws SoupError when it cannot be read as one
 */
export async function summariseCheckpoint(fileOrDirectory: string): Promise<CheckpointSummary> {
  const checkpoint = await openCheckpoint(fileOrDirectory);
  return { ...summaryOf(fileOrDirectory, checkpoint), sample: await sampleWeights(checkpoint) };
}

/** The summary of a checkpoint that is open. */
export function summaryOf(fileOrDirectory: string, checkpoint: Checkpoint): CheckpointSummary {
  const { lineage, metadata, dtypes, tensorCount, parameters, sizeBytes } = inspectCheckpoint(checkpoint);
  return {
    path: fileOrDirectory,
    storage: checkpoint.kind,
    format: checkpoint.files.every((file) => file.endsWith('.safetensors')) ? 'safetensors' : 'PyTorch',
    role: metadata['soup.kind'] ?? null,
    name: metadata['soup.name'] ?? nameOfPath(fileOrDirectory),
    objective: metadata['soup.objective'] ?? null,
    scores: scoresOf(metadata),
    errors: {},
    step: finiteNumber(metadata['soup.step']),
    weights: weightsOf(metadata['soup.weights']),
    dtypes: Object.keys(dtypes),
    tensors: tensorCount,
    parameters,
    sizeBytes,
    baseHash: lineage.baseHash,
    fingerprint: lineage.fingerprint,
    architecture: architectureOf(checkpoint.config),
    family: familyOf(checkpoint),
    rank: checkpoint.kind === 'adapter' && typeof checkpoint.config?.r === 'number' ? checkpoint.config.r : null,
    sample: null,
    modifiedMs: 0,
  };
}

/** The file's name without its extension; the directory's name. */
export function nameOfPath(fileOrDirectory: string): string {
  return path.basename(fileOrDirectory).replace(/\.(safetensors|pt|pth|ckpt|bin)$/i, '');
}

/** Keys of a config that tell one base from another where all shapes are equal; fine-tuning leaves them as they are. */
const architectureKeys = [
  'model_type', 'hidden_act', 'activation_function', 'num_attention_heads', 'num_key_value_heads', 'n_head', 'rope_theta', 'rope_scaling', 'layer_norm_eps', 'rms_norm_eps', 'tie_word_embeddings',
  'base_model_name_or_path', 'peft_type', 'r', 'lora_alpha', 'use_rslora',
];

function architectureOf(config: Checkpoint['config']): string | null {
  if (config === null) return null;
  const entries = architectureKeys.flatMap((key) => (config[key] === undefined ? [] : [[key, config[key]]]));
  return entries.length === 0 ? null : JSON.stringify(Object.fromEntries(entries));
}

/** Of a base's path the last part, by which its spellings are told from other bases. */
function familyOf({ kind, config }: Pick<Checkpoint, 'kind' | 'config'>): string | null {
  const name = kind === 'adapter' ? config?.base_model_name_or_path : config?.model_type;
  return typeof name === 'string' ? name.replace(/[\\/]+$/, '').split(/[\\/]/).at(-1) || null : null;
}

function weightsOf(text: string | undefined): Record<string, number> | null {
  try {
    const value: unknown = JSON.parse(text ?? 'null');
    const isWeights = typeof value === 'object' && value !== null && Object.values(value).every((weight) => typeof weight === 'number');
    return isWeights ? (value as Record<string, number>) : null;
  } catch {
    return null; // metadata of another tool
  }
}

function scoresOf(metadata: Readonly<Record<string, string>>): Record<string, number> {
  const scores: Record<string, number> = {};
  for (const [key, text] of Object.entries(metadata)) {
    const value = finiteNumber(text);
    if (key.startsWith(scorePrefix) && value !== null) scores[key.slice(scorePrefix.length)] = value;
  }
  return scores;
}

function finiteNumber(text: string | undefined): number | null {
  const value = text === undefined || text.trim() === '' ? NaN : Number(text);
  return Number.isFinite(value) ? value : null;
}
