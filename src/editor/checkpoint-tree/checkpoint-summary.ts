import path from 'node:path';
import { openCheckpoint, type Checkpoint } from '../../checkpoint/checkpoint';
import { inspectCheckpoint } from '../../checkpoint/inspect';

/** What the tree says of a checkpoint, from its headers alone. */
export interface CheckpointSummary {
  /** absolute path of the file or directory */
  readonly path: string;
  readonly storage: Checkpoint['kind'];
  /** `base`, `expert`, `morl`, `soup`, … as the writer noted it; null for checkpoints of other tools */
  readonly role: string | null;
  /** the writer's name for it, or the file's */
  readonly name: string;
  /** the reward expression that the training maximised */
  readonly objective: string | null;
  /** mean of each reward at the last evaluation in training */
  readonly scores: Readonly<Record<string, number>>;
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
}

const scorePrefix = 'soup.score.';

/**
 * Reads the headers of a checkpoint and sums them up.
 * @throws SoupError when it cannot be read as one
 */
export async function summariseCheckpoint(fileOrDirectory: string): Promise<CheckpointSummary> {
  return summaryOf(fileOrDirectory, await openCheckpoint(fileOrDirectory));
}

/** The summary of a checkpoint that is open. */
export function summaryOf(fileOrDirectory: string, checkpoint: Checkpoint): CheckpointSummary {
  const { lineage, metadata, dtypes, tensorCount, parameters, sizeBytes } = inspectCheckpoint(checkpoint);
  return {
    path: fileOrDirectory,
    storage: checkpoint.kind,
    role: metadata['soup.kind'] ?? null,
    name: metadata['soup.name'] ?? nameOfPath(fileOrDirectory),
    objective: metadata['soup.objective'] ?? null,
    scores: scoresOf(metadata),
    step: finiteNumber(metadata['soup.step']),
    weights: weightsOf(metadata['soup.weights']),
    dtypes: Object.keys(dtypes),
    tensors: tensorCount,
    parameters,
    sizeBytes,
    baseHash: lineage.baseHash,
    fingerprint: lineage.fingerprint,
  };
}

/** The file's name without its extension; the directory's name. */
export function nameOfPath(fileOrDirectory: string): string {
  return path.basename(fileOrDirectory).replace(/\.safetensors$/i, '');
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
