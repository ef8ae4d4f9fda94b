import * as l10n from '@vscode/l10n';
import { meanFraction } from '../run-tree/appearance';
import { formatDuration, formatFraction } from '../run-tree/progress';
import { activeRuns, type ExperimentNode } from '../run-tree/run-model';

export interface StatusText {
  /** with the editor's `$(icon)` notation */
  readonly text: string;
  readonly tooltip: string;
}

/** What the status bar says: `$(beaker) 2 running · 43 %`; null while nothing runs. */
export function statusText(experiments: readonly ExperimentNode[]): StatusText | null {
  const runs = activeRuns(experiments);
  if (runs.length === 0) return null;
  const fraction = meanFraction(runs);
  const lines = runs.map(({ record, progress }) => {
    if (!progress) return `${record.name} ${record.state}`;
    const [done, left] = [formatFraction(progress.fraction), progress.secondsLeft];
    return `${record.name} ${record.state}: ${left === null ? done : l10n.t('{0}, {1} left', done, formatDuration(left))}`;
  });
  return {
    text: `$(beaker) ${l10n.t('{0} running', runs.length)}${fraction === null ? '' : ` · ${formatFraction(fraction)}`}`,
    tooltip: `Rewarded Soups\n${lines.join('\n')}`,
  };
}
