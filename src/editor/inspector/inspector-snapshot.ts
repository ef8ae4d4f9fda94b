import path from 'node:path';
import { taskVectorDistance } from '../../checkpoint/compare';
import { openCheckpoint, type Checkpoint } from '../../checkpoint/checkpoint';
import { checkpointSha256 } from '../../checkpoint/digest';
import { inspectCheckpoint } from '../../checkpoint/inspect';
import type { InspectorSnapshot } from '../../protocol/panels';
import { checkpointDescription, formatBytes } from '../checkpoint-tree/appearance';
import { summaryOf, type CheckpointSummary } from '../checkpoint-tree/checkpoint-summary';
import { experimentOfPath, formatCount, shortHash } from '../checkpoint-tree/groups';

/**
 * What the headers say of a checkpoint; its distance to the base is still to be computed.
 * @throws SoupError when it cannot be read
 */
export async function headerSnapshot(at: string): Promise<{ readonly snapshot: InspectorSnapshot; readonly checkpoint: Checkpoint; readonly summary: CheckpointSummary }> {
  const checkpoint = await openCheckpoint(at);
  const summary = summaryOf(at, checkpoint);
  const inspection = inspectCheckpoint(checkpoint);
  const facts: (readonly [string, string])[] = [
    ['Tensors', String(inspection.tensorCount)],
    ['Parameters', parametersText(inspection.parameters)],
    ['Size', formatBytes(inspection.sizeBytes)],
    ['Types', Object.entries(inspection.dtypes).map(([dtype, { tensors }]) => `${dtype} × ${tensors}`).join(', ')],
    ['Stored as', storedAs(checkpoint)],
    ...(summary.objective === null ? [] : [['Maximises', summary.objective] as const]),
    ...Object.entries(summary.scores).map(([reward, value]) => [`Score of ${reward}`, value.toFixed(3)] as const),
    ...(summary.step === null ? [] : [['Trained for', `${summary.step.toLocaleString('en')} steps`] as const]),
    ...(summary.baseHash === null ? [] : [['Base', shortHash(summary.baseHash)] as const]),
  ];
  const snapshot: InspectorSnapshot = {
    path: at,
    title: path.basename(at),
    description: checkpointDescription(summary),
    facts,
    metadata: Object.entries(inspection.metadata),
    tensors: inspection.tensors,
    distance: null,
  };
  return { snapshot, checkpoint, summary };
}

/**
 * Distance of a checkpoint to the base it was trained from, or why it cannot be told.
 * @param bases checkpoints of the workspace that are bases
 */
export async function distanceToBase(checkpoint: Checkpoint, summary: CheckpointSummary, bases: readonly CheckpointSummary[], signal: AbortSignal): Promise<NonNullable<InspectorSnapshot['distance']>> {
  if (summary.role === 'base') return { error: 'This is a base itself: experts are measured from it.' };
  const candidates = basesFor(summary, bases);
  if (candidates.length === 0) return { error: 'No base of this checkpoint is in the workspace.' };
  try {
    for (const candidate of candidates) {
      const base = await openCheckpoint(candidate.path);
      if (summary.baseHash !== null && (await checkpointSha256(base, signal)) !== summary.baseHash) continue;
      return { base: candidate.path, ...(await taskVectorDistance(checkpoint, base, { signal })) };
    }
    return { error: `Its base ${shortHash(summary.baseHash!)} is not in the workspace; ${candidates[0]!.path} has changed since.` };
  } catch (error) {
    if (signal.aborted) throw error;
    return { error: error instanceof Error ? error.message : String(error) };
  }
}

/** Bases with the same tensors: that of the same experiment first; others only where a hash can tell. */
function basesFor(summary: CheckpointSummary, bases: readonly CheckpointSummary[]): CheckpointSummary[] {
  const experiment = experimentOfPath(summary.path);
  const fitting = bases.filter(({ role, fingerprint }) => role === 'base' && fingerprint === summary.fingerprint);
  const own = fitting.filter((base) => experiment !== null && experimentOfPath(base.path) === experiment);
  return summary.baseHash === null ? own : [...own, ...fitting.filter((base) => !own.includes(base))];
}

/** `1.4 M (1,412,345)`; a count that is short anyway stands alone. */
function parametersText(count: number): string {
  return count < 1000 ? String(count) : `${formatCount(count)} (${count.toLocaleString('en')})`;
}

function storedAs({ kind, files }: Checkpoint): string {
  return { file: 'one file', directory: 'a directory', sharded: `${files.length} shards`, adapter: 'an adapter' }[kind];
}
