import path from 'node:path';
import type { Checkpoint } from './checkpoint';

/** A checkpoint under the name that weights and reports use for it. */
export interface NamedCheckpoint {
  readonly name: string;
  readonly checkpoint: Checkpoint;
}

/** `organisation/model` of a snapshot in the Hugging Face cache; null elsewhere. */
export function hubName(directory: string): string | null {
  const [, name] = /models--([^/]+)\/snapshots\/[^/]+$/.exec(directory.split(path.sep).join('/')) ?? [];
  return name?.replace('--', '/') ?? null;
}

/** The name that the writer noted, else that on the hub, else that of the directory or file. */
export function ownName({ metadata, path: given, files, directory }: Checkpoint): string {
  const noted = metadata['soup.name']?.trim();
  if (noted) return noted;
  const resolved = directory ?? (files.length === 1 ? files[0] : path.resolve(given));
  return path.basename(hubName(resolved) ?? resolved).replace(/\.(safetensors|bin|pt|pth|ckpt)$/i, '') || 'checkpoint';
}

/** Names by what the writer noted (`soup.name`), else by hub, directory or file; repeated ones get -2, -3, … in order. */
export function nameCheckpoints(checkpoints: readonly Checkpoint[]): NamedCheckpoint[] {
  const taken = new Set<string>();
  const wanted = checkpoints.map(ownName);
  return checkpoints.map((checkpoint, index) => {
    let name = wanted[index];
    // a suffix must not take the name that a later checkpoint has of its own
    for (let n = 2; taken.has(name) || (name !== wanted[index] && wanted.includes(name)); n++) name = `${wanted[index]}-${n}`;
    taken.add(name);
    return { name, checkpoint };
  });
}
