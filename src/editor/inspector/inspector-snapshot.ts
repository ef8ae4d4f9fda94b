import path from 'node:path';
import * as l10n from '@vscode/l10n';
import { openCheckpoint, type Checkpoint } from '../../checkpoint/checkpoint';
import { inspectCheckpoint } from '../../checkpoint/inspect';
import type { InspectorSnapshot } from '../../protocol/inspector';
import { checkpointDescription, formatBytes, scoreText } from '../checkpoint-tree/appearance';
import { summaryOf, type CheckpointSummary } from '../checkpoint-tree/checkpoint-summary';
import type { CheckpointIndex } from '../checkpoint-tree/checkpoint-index';
import { formatCount, shortHash } from '../checkpoint-tree/groups';
import { provenanceLinks } from './provenance-links';

/**
 * What the headers say of a checkpoint, and the files beside it.
 * @throws SoupError when it cannot be read
 */
export async function headerSnapshot(at: string, { evaluations, copies }: Pick<CheckpointIndex, 'evaluations' | 'copies'>): Promise<{ readonly snapshot: InspectorSnapshot; readonly checkpoint: Checkpoint; readonly summary: CheckpointSummary }> {
  const checkpoint = await openCheckpoint(at);
  const summary = await evaluations.added(summaryOf(at, checkpoint));
  const inspection = inspectCheckpoint(checkpoint);
  const facts: (readonly [string, string])[] = [
    [l10n.t('Tensors'), String(inspection.tensorCount)],
    [l10n.t('Parameters'), parametersText(inspection.parameters)],
    [l10n.t('Size'), formatBytes(inspection.sizeBytes)],
    [l10n.t('Types'), Object.entries(inspection.dtypes).map(([dtype, { tensors }]) => `${dtype} × ${tensors}`).join(', ')],
    [l10n.t('Stored as'), storedAs(checkpoint)],
    ...(summary.objective === null ? [] : [[l10n.t('Maximises'), summary.objective] as const]),
    ...Object.entries(summary.scores).map(([reward, value]) => [l10n.t('Reward {0}', reward), reward in summary.errors ? scoreText(value, summary.errors[reward]) : l10n.t('{0} in training', scoreText(value, summary.errors[reward]))] as const),
    ...(summary.step === null ? [] : [[l10n.t('Trained for'), l10n.t('{0} steps', summary.step.toLocaleString('en'))] as const]),
    ...(summary.baseHash === null ? [] : [[l10n.t('Base'), shortHash(summary.baseHash)] as const]),
  ];
  const snapshot: InspectorSnapshot = {
    path: copies.shown(at),
    title: path.basename(at),
    description: checkpointDescription(summary),
    facts,
    metadata: Object.entries(inspection.metadata),
    provenance: (await provenanceLinks(checkpoint)).map((link) => ({ ...link, path: copies.shown(link.path) })),
    tensors: inspection.tensors,
  };
  return { snapshot, checkpoint, summary };
}

/** `1.4 M (1,412,345)`; a count that is short anyway stands alone. */
function parametersText(count: number): string {
  return count < 1000 ? String(count) : `${formatCount(count)} (${count.toLocaleString('en')})`;
}

function storedAs({ kind, files }: Checkpoint): string {
  return { file: l10n.t('one file'), directory: l10n.t('a directory'), sharded: l10n.t('{0} shards', files.length), adapter: l10n.t('an adapter') }[kind];
}
