import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { simplexGrid } from '../../src/experiment/simplex-grid';
import type { PanelKind } from '../../src/protocol/panels';
import { runPipeline } from '../../src/runs/pipeline';
import { TimedPanel } from './panel';
import { threadsOf, type Rows, type Settings, type Surface, type Threads } from './rows';

const experts = ['a', 'b', 'c', 'd', 'e'];

/** Results of a sweep of five experts, each sample noisy, as text. */
function sweptResults({ edge, samples }: Settings): { readonly points: number; readonly text: string } {
  const grid = simplexGrid(experts, edge + 1);
  const lines = grid.map((weights, at) => {
    const values = Object.values(weights);
    const rewards = Object.fromEntries(experts.map((reward, i) => {
      const drawn = Array.from({ length: samples }, (_, k) => Math.sin(k * 1.7 + i) + 2 * values[i]! + values.reduce((sum, weight) => sum + weight * (1 - weight), 0) + Math.sin(at * 12.9 + k) / 10);
      return [reward, { mean: drawn.reduce((sum, value) => sum + value, 0) / samples, stderr: 0.1, n: samples, samples: drawn }];
    }));
    const expert = experts.find((name) => weights[name] === 1);
    return `${JSON.stringify({ kind: expert ? 'expert' : 'soup', name: expert ?? `soup-${at}`, weights, rewards })}\n`;
  });
  return { points: grid.length, text: lines.join('') };
}

async function timePanel(rows: Rows, what: string, kind: PanelKind, source: string, threads: Threads): Promise<void> {
  await rows.time(`${kind}: ${what}`, async () => {
    const panel = new TimedPanel(kind, source, threads, rows);
    await panel.next();
    panel.dispose();
  });
}

/** The front is shown before the intervals of its hypervolumes are there; the map is opened meanwhile. */
async function timeIntervals(rows: Rows, what: string, file: string, threads: Threads): Promise<void> {
  await rows.time(`front: ${what}, with its intervals`, async () => {
    const front = new TimedPanel('front', file, threads, rows);
    let text = await front.next();
    const whole = (async () => {
      while (!text.includes('"intervals":{')) text = await front.next();
    })();
    await timePanel(rows, `${what}, while those are computed`, 'spider-map', file, threads);
    await whole;
    front.dispose();
  });
}

/** The panels on the results of a large sweep. */
export const timeSnapshots: Surface = async (rows, directory, settings) => {
  const { points, text } = sweptResults(settings);
  const file = path.join(directory, 'results.jsonl');
  writeFileSync(file, text);
  const threads = threadsOf(settings);
  const what = `${points} λ × ${settings.samples} episodes, ${experts.length} experts`;
  for (const kind of ['spider-map', 'lmc-check', 'front'] as const) await timePanel(rows, what, kind, file, threads);
  await threads.longAnalyst.dispose(); // of the front that is closed
  await timeIntervals(rows, what, file, threadsOf(settings));
};

/** The panel of a study with a large sweep under each seed; a trainer in a few lines has measured it. */
export const timeStudy: Surface = async (rows, directory, settings) => {
  const [file, seeds, grid] = [path.join(directory, 'soup.yaml'), 3, 1001];
  writeFileSync(file, `name: large
task: { type: locomotion, environment: half-cheetah, episodeSteps: 10 }
rewards: { fast_a: velocity, fast_b: -energy }
train: { steps: 100 }
sweep: { grid: ${grid}, samples: ${settings.samples} }
check: { resamples: 100 }
study: { type: front-geometry, seeds: [${Array.from({ length: seeds }, (_, seed) => seed).join(', ')}] }
`);
  await runPipeline({ file, trainer: path.join(settings.repository, 'test/fixtures/fake-trainer/trainer.cjs'), stages: ['train', 'sweep'] });
  await timePanel(rows, `${seeds} seeds of ${grid} λ × ${settings.samples} episodes`, 'study', file, threadsOf(settings));
};
