import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import path from 'node:path';
import type { Checkpoint } from './checkpoint';

/** Where a checkpoint comes from, as far as its headers and its place on the disk tell. */
export interface Lineage {
  /** SHA-256 of the base's model.safetensors as the writer noted it; null where nothing says, and in a base itself */
  readonly baseHash: string | null;
  /** SHA-256 of every tensor's name and shape: equal for checkpoints that can be blended */
  readonly fingerprint: string;
  /** the run directory (with a run.json) that the weights lie in, absolute */
  readonly run: string | null;
}

/** Lineage of an open checkpoint, for grouping checkpoints by the base they share. Reads no tensor data. */
export function lineageOf(checkpoint: Checkpoint): Lineage {
  const names = [...checkpoint.tensors.values()].map(({ name, shape }) => `${JSON.stringify(name)}:${shape.join(',')}`).sort();
  const directory = path.dirname(checkpoint.files[0]);
  return {
    baseHash: baseHashOf(checkpoint),
    fingerprint: createHash('sha256').update(names.join('\n')).digest('hex'),
    run: existsSync(path.join(directory, 'run.json')) ? directory : null,
  };
}

/** The base's hash alone, without a look at every tensor. */
export function baseHashOf({ metadata }: Pick<Checkpoint, 'metadata'>): string | null {
  const noted = metadata['soup.base_sha256'];
  return noted !== undefined && /^[0-9a-f]{64}$/i.test(noted) ? noted.toLowerCase() : null;
}
