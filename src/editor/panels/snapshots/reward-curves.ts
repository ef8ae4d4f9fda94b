import * as l10n from '@vscode/l10n';
import { listRuns } from '../../../runs/run-directory';
import { SoupError } from '../../../errors';
import type { CurveRun, CurveView, SnapshotOf } from '../../../protocol/panels';
import type { MetricsColumns } from '../../run-tree/metrics-columns';
import { curveLines } from '../curve-lines';
import type { PanelServices } from '../panel-kinds';
import { breathe } from '../results-reader';
import type { PanelSource } from '../source';

/** of reading, before what has been read is shown */
const readBudgetMs = 400;
/** in one chart, so that it is drawn again within a frame that nobody waits for */
const pointsOfChart = 4500;
const whole: CurveView = { group: 'reward', axis: 'step', range: null };

/** Points of each line, where so many are drawn in one chart. */
export function pointsOfLine(runs: number): number {
  return Math.round(Math.min(1000, Math.max(45, pointsOfChart / Math.max(1, runs))));
}

/**
 * Makes the function that gives the curves of every training of an experiment, decimated, for what the reader looks at. A
 * run's lines are made again only where it has logged more, or the reader looks elsewhere.
 * @throws SoupError NoRunsError for a results table, which knows no trainings
 */
export function rewardCurvesSnapshots(source: PanelSource, { metrics }: Pick<PanelServices, 'metrics'>): (view?: CurveView) => Promise<SnapshotOf['reward-curves']> {
  const made = new WeakMap<MetricsColumns, { readonly key: string; readonly lines: CurveRun['lines'] }>();
  const linesOf = async (columns: MetricsColumns, view: CurveView, limit: number): Promise<CurveRun['lines']> => {
    const key = JSON.stringify([columns.version, view, limit]);
    const known = made.get(columns);
    if (known?.key === key) return known.lines;
    await breathe();
    const { group, axis, range } = view;
    const lines = curveLines(columns, { wanted: (name) => name.split('.', 1)[0] === group, limit, range: range && { axis, from: range[0], to: range[1] } });
    made.set(columns, { key, lines });
    return lines;
  };
  return async (view = whole) => {
    if (source.experimentDirectory === null) throw new SoupError('NoRunsError', l10n.t('{0} holds results only: reward curves need the directory of an experiment\'s runs.', source.results));
    const found = await listRuns(source.experimentDirectory);
    const trainings = found.filter(({ record }) => record.kind !== 'experiment' && record.kind !== 'sweep');
    const unread = await metrics.read(trainings.map(({ directory }) => directory), readBudgetMs);
    const runs: CurveRun[] = [];
    const quantities = new Set<string>();
    for (const { directory, record } of trainings) {
      const columns = metrics.columns(directory);
      for (const name of columns.names) quantities.add(name);
      runs.push({
        name: record.name,
        kind: record.kind,
        state: record.state,
        backend: record.backend,
        objective: record.job && 'objective' in record.job ? record.job.objective : null,
        lines: await linesOf(columns, view, pointsOfLine(trainings.length)),
      });
    }
    const logged = [...quantities].flatMap((name) => (name.startsWith('reward.') ? [name.slice('reward.'.length)] : []));
    return { runs, rewards: [...new Set([...source.settings.rewards, ...logged])], quantities: [...quantities], unread };
  };
}
