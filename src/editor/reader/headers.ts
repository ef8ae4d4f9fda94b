import { openCheckpoint, type Checkpoint } from '../../checkpoint/checkpoint';
import { inspectCheckpoint } from '../../checkpoint/inspect';
import { nameCheckpoints } from '../../checkpoint/names';
import { summariseCheckpoint, summaryOf } from '../checkpoint-tree/checkpoint-summary';
import type { Evaluations } from '../checkpoint-tree/evaluations';
import type { CheckpointHeader, CheckpointOrigin, InspectedHeader, ReaderResults } from './work';

/** Each checkpoint for itself: one that cannot be read says why. */
export function summaries(paths: readonly string[], evaluations: Evaluations): Promise<ReaderResults['summaries']> {
  return Promise.all(paths.map((at) => summariseCheckpoint(at).then((summary) => evaluations.added(summary)).catch((error: unknown) => ({ failure: error instanceof Error ? error.message : String(error) }))));
}

/** What the headers of checkpoints that belong together say. @throws what opening one of them throws */
export async function readHeaders(paths: readonly string[], evaluations: Evaluations): Promise<CheckpointHeader[]> {
  const checkpoints = await Promise.all(paths.map((at) => openCheckpoint(at)));
  return Promise.all(nameCheckpoints(checkpoints).map(async ({ name, checkpoint }, at) => ({ name, summary: await evaluations.added(summaryOf(paths[at]!, checkpoint)), origin: originOf(checkpoint) })));
}

/** What the headers of one checkpoint say of every tensor. @throws what opening it throws */
export async function inspectHeader(at: string, evaluations: Evaluations): Promise<InspectedHeader> {
  const checkpoint = await openCheckpoint(at);
  const { metadata, dtypes, tensors } = inspectCheckpoint(checkpoint);
  return {
    summary: await evaluations.added(summaryOf(at, checkpoint)),
    origin: originOf(checkpoint),
    metadata,
    dtypes: Object.fromEntries(Object.entries(dtypes).map(([dtype, { tensors: count }]) => [dtype, count])),
    tensorsJson: JSON.stringify(tensors),
  };
}

const originOf = ({ kind, config, files, path }: Checkpoint): CheckpointOrigin => ({ kind, config, files, path });
