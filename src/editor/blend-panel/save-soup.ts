import path from 'node:path';
import * as l10n from '@vscode/l10n';
import type * as vscode from 'vscode';
import { SoupError } from '../../errors';
import type { BlendDraft } from '../../merge/blend-draft';
import type { BlendWorker } from '../../merge/blend-worker/work';
import type { ToBlendPanel } from '../../protocol/blend-panel';
import type { CheckpointView } from '../checkpoint-tree/checkpoint-view';
import { cancellableProgress } from '../commands/cancellable-progress';
import { soupNameProblem } from '../commands/soup-request';
import type { OpenedSetup } from './blend-setup';
import { isTaken } from './draft-names';

interface SaveServices {
  readonly saver: BlendWorker;
  readonly log: vscode.LogOutputChannel;
  readonly view: CheckpointView;
}

const stopped = (): ToBlendPanel => ({ type: 'told', message: l10n.t('Stopped: nothing was written.'), isProblem: false });

/**
 * Makes the soup of a draft, with its progress on the page and in a notification, and shows it in the Checkpoints view.
 * @param abort stops it; the notification's Cancel aborts it too
 * @throws SoupError when the name cannot be used or the blend fails
 */
export async function saveSoup(opened: OpenedSetup, draft: BlendDraft, name: string, abort: AbortController, { saver, log, view }: SaveServices, post: (message: ToBlendPanel) => void): Promise<void> {
  const problem = soupNameProblem(name, (candidate) => isTaken(opened, candidate));
  if (problem !== null) throw new SoupError('SoupNameError', problem);
  const output = path.join(opened.folder, name);
  const title = l10n.t('Creating soup {0}', name);
  try {
    const summary = await cancellableProgress(title, (signal, report) => {
      signal.addEventListener('abort', () => abort.abort(), { once: true });
      return saver.run({ kind: 'blend', draft, output }, {
        signal: abort.signal,
        onProgress: (fraction) => {
          report(fraction);
          post({ type: 'work', text: title, fraction });
        },
      });
    });
    if (!summary) return post(stopped());
    log.info(`Created the soup ${output}.`);
    for (const warning of summary.warnings) log.warn(`${name}: ${warning}`);
    post({ type: 'saved', path: output, name, warnings: summary.warnings });
    await view.reveal(output);
  } catch (error) {
    if (!abort.signal.aborted) throw new SoupError('BlendFailedError', l10n.t('No soup was created: {0}', error instanceof Error ? error.message : String(error)), { cause: error });
    post(stopped());
  } finally {
    post({ type: 'work', text: null, fraction: null });
  }
}
