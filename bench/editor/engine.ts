import { mkdirSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import path from 'node:path';
import { View } from 'vega';
import { expressionInterpreter } from 'vega-interpreter';
import { openFileSource } from '../../src/checkpoint/byte-source';
import { fromFloat32, writeSafetensors } from '../../src/checkpoint/safetensors';
import { rewardCurvesSpec } from '../../src/charts/reward-curves';
import { summariseCheckpoint } from '../../src/editor/checkpoint-tree/checkpoint-summary';
import { VisibleTree } from '../../src/editor/checkpoint-tree/visible-tree';
import { rewardCurvesSnapshots } from '../../src/editor/panels/snapshots/reward-curves';
import { resolveSource } from '../../src/editor/panels/source';
import { MetricsStore } from '../../src/editor/run-tree/metrics-store';
import { SafetensorsFile } from '../../src/editor/safetensors-editor/safetensors-file';
import type { SnapshotOf } from '../../src/protocol/panels';
import { newRunRecord } from '../../src/runs/run-directory';
import { longestBlock } from '../../test/unit/editor/longest-block';
import { compileChart } from '../../webviews/kit/chart';
import { curvePoints } from '../../webviews/reward-curves/curves';

export { recordedEditor } from '../../test/unit/editor/recorded-editor';

type Report = Readonly<Record<string, string>>;
const ms = (value: number): string => `${value.toFixed(value < 10 ? 1 : 0)} ms`;

/** Wall and processor time of some work. */
async function timed<T>(work: () => T | Promise<T>): Promise<{ readonly value: T; readonly wall: number; readonly text: string }> {
  const [start, processor] = [performance.now(), process.cpuUsage()];
  const value = await work();
  const wall = performance.now() - start;
  const { user, system } = process.cpuUsage(processor);
  return { value, wall, text: `${ms(wall)} (CPU ${ms((user + system) / 1000)})` };
}

/** Loading the bundle and activating in an editor that answers at once: what is left is our own code. */
export async function timeActivation(load: () => { activate(context: unknown): void }, editor: unknown): Promise<Report> {
  const loaded = await timed(load);
  const activated = await timed(() => loaded.value.activate({ subscriptions: [], extensionUri: editor, workspaceState: { get: () => undefined, update: async () => undefined } }));
  return { loading: loaded.text, activating: activated.text };
}

export async function timeTree(directory: string, count: number): Promise<Report> {
  const files: string[] = [];
  const data = fromFloat32(Float32Array.of(1, 2, 3, 4), 'F32');
  for (let index = 0; index < count; index++) {
    const file = path.join(directory, `group-${index % 20}`, `expert-${index}.safetensors`);
    if (index < 20) mkdirSync(path.dirname(file), { recursive: true });
    await writeSafetensors(file, [{ name: `layer.${index % 20}`, dtype: 'F32', shape: [4], data }]);
    files.push(file);
  }
  const tree = new VisibleTree();
  const read = (some: readonly string[]) => Promise.all(some.map((file) => summariseCheckpoint(file)));
  const first = await timed(async () => tree.update(await read(files.slice(0, 64))));
  const all: Awaited<ReturnType<typeof summariseCheckpoint>>[] = [];
  const rest = await longestBlock(async () => {
    for (let at = 0; at < files.length; at += 16) all.push(...(await read(files.slice(at, at + 16))));
  });
  const update = await timed(() => tree.update(all));
  return { 'first rows': first.text, 'all headers': ms(rest.totalMs), 'longest block': ms(rest.longestMs), 'grouping all': update.text };
}

export async function timeCurves(directory: string, runs: number, rows: number): Promise<Report> {
  const experiment = path.join(directory, 'runs', 'many');
  for (let run = 0; run < runs; run++) {
    const own = path.join(experiment, 'experts', `expert-${run}`);
    mkdirSync(own, { recursive: true });
    writeFileSync(path.join(own, 'run.json'), JSON.stringify(newRunRecord({ kind: 'expert', name: `expert-${run}`, version: '0', state: 'succeeded' })));
    const start = Date.UTC(2026, 0, 1);
    const lines = Array.from({ length: rows }, (_, step) => `{"step":${step},"time":"${new Date(start + 100 * step).toISOString()}","samples":${step * 4},"reward":{"risky":${Math.sin(step / 999 + run)}}}\n`);
    writeFileSync(path.join(own, 'metrics.jsonl'), lines.join(''));
  }
  const snapshot = rewardCurvesSnapshots(await resolveSource(experiment), { metrics: new MetricsStore() });
  let latest: SnapshotOf['reward-curves'] = await snapshot();
  const started = await timed(snapshot);
  const reading = await longestBlock(async () => {
    while (latest.unread > 0) latest = await snapshot();
  });
  const again = await longestBlock(() => snapshot());
  const zoomed = await longestBlock(() => snapshot({ group: 'reward', axis: 'step', range: [rows / 2, rows / 2 + 500] }));
  const bytes = Buffer.byteLength(JSON.stringify(latest));
  const frame = await timeFrames(latest);
  return {
    'first curves': started.text, 'all read': ms(reading.totalMs), 'longest block': ms(Math.max(reading.longestMs, again.longestMs, zoomed.longestMs)), 'zoomed snapshot': ms(zoomed.totalMs),
    message: `${(bytes / 1e6).toFixed(2)} MB`, 'at most a second': `${((4 * bytes) / 1e6).toFixed(2)} MB (4 snapshots)`, ...frame,
  };
}

/** A chart that gets other points, laid out again: what a live update or a zoom costs the page, without its drawing. */
async function timeFrames({ runs }: SnapshotOf['reward-curves']): Promise<Report> {
  const points = curvePoints(runs, 'reward.risky', 'step', 0);
  const theme = { palette: ['#1f77b4', '#ff7f0e', '#2ca02c', '#d62728', '#9467bd', '#8c564b'], text: '#000', background: '#fff', grid: '#ccc' };
  const spec = rewardCurvesSpec('risky', points, { theme: theme as never, isInPanel: true, runs: runs.map(({ name }) => name) });
  const { runtime, rows } = compileChart(spec);
  const view = new View(runtime, { renderer: 'none', expr: expressionInterpreter } as ConstructorParameters<typeof View>[1]);
  for (const [name, values] of Object.entries(rows)) view.data(name, values);
  await view.runAsync();
  const frames = [];
  for (let round = 1; round <= 5; round++) frames.push(await timed(() => view.data('points', points.map((point) => ({ ...point, y: point.y * round }))).runAsync()));
  view.finalize();
  return { [`frame of ${points.length} points`]: frames.sort((a, b) => a.wall - b.wall)[2]!.text };
}

export async function timeSafetensors(file: string, gigabytes: number): Promise<Report> {
  const rows = Math.round((gigabytes * 1e9) / (2 * 4096 * 64));
  const bytes = rows * 4096 * 2;
  const header = Object.fromEntries(Array.from({ length: 64 }, (_, i) => [`model.layers.${i}.weight`, { dtype: 'BF16', shape: [rows, 4096], data_offsets: [i * bytes, (i + 1) * bytes] }]));
  const text = Buffer.from(JSON.stringify(header));
  const handle = await open(file, 'w');
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  await handle.write(Buffer.concat([length, text]));
  await handle.truncate(8 + text.length + 64 * bytes);
  await handle.close();
  const opened = await timed(async () => SafetensorsFile.open(await openFileSource(file), 'large.safetensors'));
  const values = await timed(() => opened.value.values('model.layers.63.weight', `${rows - 50}:${rows}, 0:20`));
  await opened.value.close();
  return { opening: opened.text, 'a thousand values at its end': values.text };
}
