import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { View } from 'vega';
import { expressionInterpreter } from 'vega-interpreter';
import { rewardCurvesSpec } from '../../src/charts/reward-curves';
import { rewardCurvesSnapshots } from '../../src/editor/panels/snapshots/reward-curves';
import { resolveSource } from '../../src/editor/panels/source';
import { MetricsStore } from '../../src/editor/run-tree/metrics-store';
import type { SnapshotOf } from '../../src/protocol/panels';
import { metricsPath, newRunRecord } from '../../src/runs/run-directory';
import { compileChart } from '../../webviews/kit/chart';
import { curvePoints } from '../../webviews/reward-curves/curves';
import { TimedPanel } from './panel';
import { threadsOf, type Surface } from './rows';

const start = Date.UTC(2026, 0, 1);
const row = (run: number, step: number): string => `{"step":${step},"time":"${new Date(start + 100 * step).toISOString()}","samples":${step * 4},"reward":{"risky":${Math.sin(step / 999 + run)}}}\n`;

/** Logs of trainings; returns the experiment's directory, and those of the runs. */
function writeRuns(directory: string, runs: number, rows: number): { readonly experiment: string; readonly own: readonly string[] } {
  const experiment = path.join(directory, 'runs', 'many');
  const own = Array.from({ length: runs }, (_, run) => {
    const at = path.join(experiment, 'experts', `expert-${run}`);
    mkdirSync(at, { recursive: true });
    writeFileSync(path.join(at, 'run.json'), JSON.stringify(newRunRecord({ kind: 'expert', name: `expert-${run}`, version: '0', state: 'succeeded' })));
    writeFileSync(metricsPath(at), Array.from({ length: rows }, (__, step) => row(run, step)).join(''));
    return at;
  });
  return { experiment, own };
}

/** Curves of long runs, and the layout of their chart. */
export const timeCurves: Surface = async (rows, directory, settings) => {
  const { experiment } = writeRuns(directory, settings.runs, settings.rows);
  const snapshot = rewardCurvesSnapshots(await resolveSource(experiment, threadsOf(settings).linguist), { metrics: new MetricsStore() });
  const what = `curves of ${settings.runs} runs with ${settings.rows} rows`;
  await rows.time(`${what}: first`, async () => rows.post(await snapshot()));
  const latest = await rows.time(`${what}: all read`, async () => {
    for (;;) {
      const some = await snapshot();
      if (some.unread === 0) return some;
    }
  });
  await rows.time(`${what}: again`, async () => rows.post(await snapshot()));
  await rows.time(`${what}: zoomed`, async () => rows.post(await snapshot({ group: 'reward', axis: 'step', range: [settings.rows / 2, settings.rows / 2 + 500] })));
  await timeFrames(rows, latest);
};

/** A chart that gets other points, laid out again: what a live update or a zoom costs the page, without its drawing. */
async function timeFrames(rows: Parameters<Surface>[0], { runs }: SnapshotOf['reward-curves']): Promise<void> {
  const points = curvePoints(runs, 'reward.risky', 'step', 0);
  const theme = { palette: ['#1f77b4', '#ff7f0e', '#2ca02c', '#d62728', '#9467bd', '#8c564b'], text: '#000', background: '#fff', grid: '#ccc' };
  const spec = rewardCurvesSpec('risky', points, { theme: theme as never, isInPanel: true, runs: runs.map(({ name }) => name) });
  const { runtime, rows: data } = compileChart(spec);
  const view = new View(runtime, { renderer: 'none', expr: expressionInterpreter } as ConstructorParameters<typeof View>[1]);
  for (const [name, values] of Object.entries(data)) view.data(name, values);
  await view.runAsync();
  const frame = (round: number) => view.data('points', points.map((point) => ({ ...point, y: point.y * round }))).runAsync();
  for (let round = 1; round < 5; round++) await frame(round);
  await rows.time(`curves: a frame of ${points.length} points in the page`, () => frame(5));
  view.finalize();
}

const seconds = 10;

/** The panel of curves while trainings log, ten rows a second each. */
export const timeTraining: Surface = async (rows, directory, settings) => {
  const { experiment, own } = writeRuns(directory, 10, 20_000);
  const panel = new TimedPanel('reward-curves', experiment, threadsOf(settings), rows);
  while (!(await panel.next()).endsWith('"unread":0}}'));
  let step = 20_000;
  const timer = setInterval(() => {
    step++;
    own.forEach((at, run) => appendFileSync(metricsPath(at), row(run, step)));
    panel.change();
  }, 100);
  const what = `curves of ${own.length} runs that log 10 rows a second`;
  await rows.time(`${what}: ${seconds} s of training`, () => new Promise((resolve) => setTimeout(resolve, seconds * 1000)));
  clearInterval(timer);
  rows.perSecond(`${what}: each second`, seconds);
  panel.dispose();
};
