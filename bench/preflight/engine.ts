import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { openCheckpoint } from '../../src/checkpoint/checkpoint';
import { nameCheckpoints } from '../../src/checkpoint/names';
import { encodeHeader } from '../../src/checkpoint/safetensors-header';
import { preflight } from '../../src/merge/preflight';

/** A sharded checkpoint of tensors with one element. */
export function makeShards(directory: string, shards: number, tensors: number): void {
  mkdirSync(directory, { recursive: true });
  const weightMap: Record<string, string> = {};
  const each = tensors / shards;
  for (let shard = 0; shard < shards; shard++) {
    const file = `model-${String(shard + 1).padStart(5, '0')}-of-${String(shards).padStart(5, '0')}.safetensors`;
    const layouts = Array.from({ length: each }, (_, i) => ({ name: `model.layers.${shard}.experts.${i}.weight`, dtype: 'BF16' as const, shape: [1, 1] }));
    for (const { name } of layouts) weightMap[name] = file;
    const { bytes } = encodeHeader(layouts, { format: 'pt' }, file);
    writeFileSync(path.join(directory, file), Buffer.concat([bytes, Buffer.alloc(2 * each)]));
  }
  writeFileSync(path.join(directory, 'model.safetensors.index.json'), JSON.stringify({ metadata: {}, weight_map: weightMap }));
}

/** Milliseconds of each step; one checkpoint is held against nothing. */
export async function timePreflight(directories: readonly string[]): Promise<Record<string, number>> {
  const started = performance.now();
  const checkpoints = [];
  for (const directory of directories) checkpoints.push(await openCheckpoint(directory));
  const opened = performance.now();
  await preflight(nameCheckpoints(checkpoints), null);
  return { open: opened - started, compare: performance.now() - opened };
}
