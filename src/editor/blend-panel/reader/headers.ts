import { openCheckpoint } from '../../../checkpoint/checkpoint';
import { nameCheckpoints } from '../../../checkpoint/names';
import { summaryOf } from '../../checkpoint-tree/checkpoint-summary';
import type { CheckpointHeader } from './work';

/** What the headers of checkpoints that belong together say. @throws what opening one of them throws */
export async function readHeaders(paths: readonly string[]): Promise<CheckpointHeader[]> {
  const checkpoints = await Promise.all(paths.map((at) => openCheckpoint(at)));
  return nameCheckpoints(checkpoints).map(({ name, checkpoint }, at) => {
    const { kind, config, files, path } = checkpoint;
    return { name, summary: summaryOf(paths[at]!, checkpoint), origin: { kind, config, files, path } };
  });
}
