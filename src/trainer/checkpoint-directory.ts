import { mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';

/** What a training needs beyond its numbers: counters, and which checkpoint was the best so far. */
export interface Progress {
  readonly step: number;
  readonly iteration: number;
  /** seconds of training, pauses excluded */
  readonly seconds: number;
  /** processor seconds of the training's process, which other work on the machine does not lengthen */
  readonly cpuSeconds: number;
  /** mean objective of the rollout before this checkpoint */
  readonly score: number;
  /** mean rewards of the episodes that finished last */
  readonly rewards: Readonly<Record<string, number>>;
  readonly best: { readonly directory: string; readonly score: number } | null;
}

const namePattern = /^step-(\d+)$/;

/**
 * Puts `checkpoints/step-000120/` in its place by a rename, complete or not at all; only the last and the best are kept.
 * @param fill writes the checkpoint's files into a directory, with the progress that belongs to them
 */
export async function placeCheckpoint(runDirectory: string, progress: Progress, fill: (directory: string, progress: Progress) => Promise<void>): Promise<Progress> {
  const name = `step-${String(progress.step).padStart(6, '0')}`;
  const best = progress.best && progress.best.score > progress.score ? progress.best : { directory: name, score: progress.score };
  const root = path.join(runDirectory, 'checkpoints');
  const temporary = path.join(root, `.${name}.${process.pid}`);
  await rm(temporary, { recursive: true, force: true });
  await mkdir(temporary, { recursive: true });
  await fill(temporary, { ...progress, best });
  await rm(path.join(root, name), { recursive: true, force: true });
  await rename(temporary, path.join(root, name));
  await removeOthers(root, [name, best.directory]);
  return { ...progress, best };
}

/** Directory of the newest checkpoint of a run; null when there is none to resume from. */
export async function lastCheckpoint(runDirectory: string): Promise<string | null> {
  const root = path.join(runDirectory, 'checkpoints');
  const names = await readdir(root).catch(() => [] as string[]);
  const steps = names.map((name) => ({ name, step: Number(namePattern.exec(name)?.[1] ?? -1) })).filter(({ step }) => step >= 0);
  steps.sort((a, b) => b.step - a.step);
  return steps[0] ? path.join(root, steps[0].name) : null;
}

export type NumberArray = Float32Array | Float64Array | Int32Array | Uint8Array;

/** A flat array as a tensor of a safetensors file. */
export function tensorOf(name: string, values: NumberArray) {
  const dtype = values instanceof Float64Array ? 'F64' : values instanceof Float32Array ? 'F32' : values instanceof Int32Array ? 'I32' : 'U8';
  return { name, dtype, shape: [values.length], data: new Uint8Array(values.buffer, values.byteOffset, values.byteLength) } as const;
}

export async function writeSynced(file: string, text: string): Promise<void> {
  const handle = await open(file, 'w');
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function removeOthers(root: string, kept: readonly string[]): Promise<void> {
  for (const name of await readdir(root)) if (!kept.includes(name)) await rm(path.join(root, name), { recursive: true, force: true });
}
