import * as l10n from '@vscode/l10n';
import { SoupError } from '../../errors';
import type { ToBlendPanel } from '../../protocol/blend-panel';
import { resultsPath } from '../../runs/run-directory';
import { experimentOfPath } from '../checkpoint-tree/groups';
import type { Reader } from '../reader/work';

/**
 * The λ of the sweep of the checkpoints' experiment that fits a preference best, or why there is none.
 * @param names of the checkpoints, in the order of their paths
 */
export async function bestForPreference(paths: readonly string[], names: readonly string[], expression: string, reader: Reader): Promise<ToBlendPanel> {
  const directory = experimentOfPath(paths[0]!);
  try {
    if (directory === null) throw new SoupError('NoResultsError', l10n.t('These checkpoints come from no experiment of this workspace, so nothing was measured that a preference could be held against.'));
    const { weights, lines } = await reader.run({ kind: 'preference', results: resultsPath(directory), expression });
    const outside = Object.entries(weights).find(([name, weight]) => weight !== 0 && !names.includes(name));
    if (outside) throw new SoupError('OtherExpertsError', l10n.t('The best λ for {0} mixes {1} too: choose that expert as well.', expression, outside[0]));
    return { type: 'preferred', weights: names.map((name) => weights[name] ?? 0), lines };
  } catch (error) {
    if (!(error instanceof SoupError)) throw error;
    return { type: 'preferred', weights: null, lines: [error.message.replace(/^--preference /, 'The preference ')] };
  }
}
