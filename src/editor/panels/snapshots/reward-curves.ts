import * as l10n from '@vscode/l10n';
import { listRuns } from '../../../runs/run-directory';
import { SoupError } from '../../../errors';
import type { CurveRun, SnapshotOf } from '../../../protocol/panels';
import type { MetricsStore } from '../../run-tree/metrics-store';
import { curveLines } from '../curve-lines';
import type { PanelSource } from '../source';

/**
 * The curves of every training of an experiment, decimated.
 * @throws SoupError NoRunsError for a results table, which knows no trainings
 */
export async function rewardCurvesSnapshot(source: PanelSource, metrics: MetricsStore): Promise<SnapshotOf['reward-curves']> {
  if (source.experimentDirectory === null) throw new SoupError('NoRunsError', l10n.t('{0} holds results only: reward curves need the directory of an experiment\'s runs.', source.results));
  const found = await listRuns(source.experimentDirectory);
  const trainings = found.filter(({ record }) => record.kind !== 'experiment' && record.kind !== 'sweep');
  const runs = await Promise.all(
    trainings.map(async ({ directory, record }): Promise<CurveRun> => ({
      name: record.name,
      kind: record.kind,
      state: record.state,
      backend: record.backend,
      objective: record.job && 'objective' in record.job ? record.job.objective : null,
      lines: curveLines(await metrics.rows(directory)),
    })),
  );
  const logged = runs.flatMap(({ lines }) => Object.keys(lines).flatMap((name) => (name.startsWith('reward.') ? [name.slice('reward.'.length)] : [])));
  return { runs, rewards: [...new Set([...source.settings.rewards, ...logged])] };
}
