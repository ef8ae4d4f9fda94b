import path from 'node:path';
import * as l10n from '@vscode/l10n';
import type { InspectorSnapshot } from '../../protocol/inspector';
import { checkpointDescription, formatBytes, scoreText } from '../checkpoint-tree/appearance';
import type { CheckpointSummary } from '../checkpoint-tree/checkpoint-summary';
import { formatCount, shortHash } from '../checkpoint-tree/groups';
import { jsonWith } from '../panels/message-queue';
import type { CheckpointOrigin, Reader } from '../reader/work';
import type { LocalCopies } from '../virtual-files/local-copies';
import { provenanceLinks } from './provenance-links';

/**
 * What the headers say of a checkpoint, and the files beside it.
 * @returns the message to the page as JSON
 * @throws SoupError when it cannot be read
 */
export async function headerSnapshot(at: string, reader: Reader, copies: Pick<LocalCopies, 'shown'>): Promise<{ readonly message: string; readonly origin: CheckpointOrigin; readonly summary: CheckpointSummary }> {
  const { summary, origin, metadata, dtypes, tensorsJson } = await reader.run({ kind: 'inspection' as const, checkpoint: at });
  const facts: (readonly [string, string])[] = [
    [l10n.t('Tensors'), String(summary.tensors)],
    [l10n.t('Parameters'), parametersText(summary.parameters)],
    [l10n.t('Size'), formatBytes(summary.sizeBytes)],
    [l10n.t('Types'), Object.entries(dtypes).map(([dtype, tensors]) => `${dtype} × ${tensors}`).join(', ')],
    [l10n.t('Stored as'), storedAs(origin)],
    ...(summary.objective === null ? [] : [[l10n.t('Maximises'), summary.objective] as const]),
    ...Object.entries(summary.scores).map(([reward, value]) => [l10n.t('Reward {0}', reward), reward in summary.errors ? scoreText(value, summary.errors[reward]) : l10n.t('{0} in training', scoreText(value, summary.errors[reward]))] as const),
    ...(summary.step === null ? [] : [[l10n.t('Trained for'), l10n.t('{0} steps', summary.step.toLocaleString('en'))] as const]),
    ...(summary.baseHash === null ? [] : [[l10n.t('Base'), shortHash(summary.baseHash)] as const]),
  ];
  const snapshot: Omit<InspectorSnapshot, 'tensors'> = {
    path: copies.shown(at),
    title: path.basename(at),
    description: checkpointDescription(summary),
    facts,
    metadata: Object.entries(metadata),
    provenance: (await provenanceLinks(origin)).map((link) => ({ ...link, path: copies.shown(link.path) })),
  };
  return { message: jsonWith({ type: 'checkpoint' }, 'snapshot', jsonWith(snapshot, 'tensors', tensorsJson)), origin, summary };
}

/** `1.4 M (1,412,345)`; a count that is short anyway stands alone. */
function parametersText(count: number): string {
  return count < 1000 ? String(count) : `${formatCount(count)} (${count.toLocaleString('en')})`;
}

function storedAs({ kind, files }: CheckpointOrigin): string {
  return { file: l10n.t('one file'), directory: l10n.t('a directory'), sharded: l10n.t('{0} shards', files.length), adapter: l10n.t('an adapter') }[kind];
}
