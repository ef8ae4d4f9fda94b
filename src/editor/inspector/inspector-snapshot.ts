import path from 'node:path';
import { openCheckpoint, type Checkpoint } from '../../checkpoint/checkpoint';
import { inspectCheckpoint } from '../../checkpoint/inspect';
import type { InspectorSnapshot } from '../../protocol/inspector';
import { checkpointDescription, formatBytes, scoreText } from '../checkpoint-tree/appearance';
import { summaryOf, type CheckpointSummary } from '../checkpoint-tree/checkpoint-summary';
import type { Evaluations } from '../checkpoint-tree/evaluations';
import { formatCount, shortHash } from '../checkpoint-tree/groups';
import { provenanceLinks } from './provenance-links';

/**
 * What the headers say of a checkpoint, and the files beside it.
 * @throws SoupError when it cannot be read
 */
export async function headerSnapshot(at: string, evaluations: Evaluations): Promise<{ readonly snapshot: InspectorSnapshot; readonly checkpoint: Checkpoint; readonly summary: CheckpointSummary }> {
  const checkpoint = await openCheckpoint(at);
  const summary = await evaluations.added(summaryOf(at, checkpoint));
  const inspection = inspectCheckpoint(checkpoint);
  const facts: (readonly [string, string])[] = [
    ['Tensors', String(inspection.tensorCount)],
    ['Parameters', parametersText(inspection.parameters)],
    ['Size', formatBytes(inspection.sizeBytes)],
    ['Types', Object.entries(inspection.dtypes).map(([dtype, { tensors }]) => `${dtype} × ${tensors}`).join(', ')],
    ['Stored as', storedAs(checkpoint)],
    ...(summary.objective === null ? [] : [['Maximises', summary.objective] as const]),
    ...Object.entries(summary.scores).map(([reward, value]) => [`Reward ${reward}`, `${scoreText(value, summary.errors[reward])}${reward in summary.errors ? '' : ' in training'}`] as const),
    ...(summary.step === null ? [] : [['Trained for', `${summary.step.toLocaleString('en')} steps`] as const]),
    ...(summary.baseHash === null ? [] : [['Base', shortHash(summary.baseHash)] as const]),
  ];
  const snapshot: InspectorSnapshot = {
    path: at,
    title: path.basename(at),
    description: checkpointDescription(summary),
    facts,
    metadata: Object.entries(inspection.metadata),
    provenance: await provenanceLinks(checkpoint),
    tensors: inspection.tensors,
  };
  return { snapshot, checkpoint, summary };
}

/** `1.4 M (1,412,345)`; a count that is short anyway stands alone. */
function parametersText(count: number): string {
  return count < 1000 ? String(count) : `${formatCount(count)} (${count.toLocaleString('en')})`;
}

function storedAs({ kind, files }: Checkpoint): string {
  return { file: 'one file', directory: 'a directory', sharded: `${files.length} shards`, adapter: 'an adapter' }[kind];
}
