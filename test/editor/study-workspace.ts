import path from 'node:path';
import { proposeWeights } from '../../src/analysis/preference-search';
import type { ResultPoint } from '../../src/analysis/results';
import { vertexOf, type Weights } from '../../src/analysis/simplex';
import { runPipeline } from '../../src/runs/pipeline';
import { newRunRecord } from '../../src/runs/run-directory';
import { repository } from './workbench';
import type { Workspace } from './workspace';

const trainer = path.join(repository, 'test', 'fixtures', 'fake-trainer', 'trainer.cjs');

/** A study whose trainings take no time; its seeds as the file has them now. */
export function writeStudy(workspace: Workspace, seeds: string): string {
  return workspace.write('stress.soup.yaml', `name: stress
task: { type: locomotion, environment: half-cheetah, episodeSteps: 10 }
rewards: { fast_a: velocity, fast_b: -energy }
train: { steps: 1000 }
sweep: { grid: 5, samples: 4 }
check: { resamples: 100 }
study: { type: lmc-stress, seeds: ${seeds}, vary: { angle: [45] } }
variants: { quick: { study: { seeds: [7] } } }
`);
}

/** What a sweep leaves that has searched for two preferences among three experts, of which one is still there; each reward falls with the distance to a λ of its own. */
export async function writeSearch(workspace: Workspace): Promise<void> {
  const best: Readonly<Record<string, Weights>> = { faithful: { a: 0.6, b: 0.4, c: 0 }, brief: { a: 0, b: 0.3, c: 0.7 } };
  const measured = (weights: Weights): ResultPoint => {
    const expert = vertexOf(weights);
    const rewards = Object.entries(best).map(([reward, peak]) => {
      const level = 1 - ['a', 'b', 'c'].reduce((sum, name) => sum + (weights[name]! - peak[name]!) ** 2, 0);
      const samples = Array.from({ length: 40 }, (_, k) => level + 0.2 * Math.sin(9 * k) + 0.02 * Math.sin(k * k + 40 * level));
      return [reward, { mean: samples.reduce((sum, value) => sum + value) / 40, n: 40, samples }] as const;
    });
    return { kind: expert === null ? 'soup' : 'expert', name: expert ?? Object.entries(weights).map(([name, weight]) => `${name} ${weight.toFixed(2)}`).join(' '), weights, rewards: Object.fromEntries(rewards) };
  };
  const preferences = ['min(faithful, brief)', '0.8*faithful + 0.2*brief'];
  const points = [{ a: 1, b: 0, c: 0 }, { a: 0, b: 1, c: 0 }, { a: 0, b: 0, c: 1 }].map(measured);
  for (let seed = 0; points.length < 24; seed++) points.push(...proposeWeights(points, { preference: preferences[seed % 2]! }, { count: 3, seed }).map(measured));
  workspace.write('runs/found/experts/a/run.json', JSON.stringify(newRunRecord({ kind: 'expert', name: 'a', version: '', state: 'succeeded' })));
  await workspace.checkpoint('runs/found/experts/a/model.safetensors', 1);
  const record = newRunRecord({ kind: 'sweep', name: 'sweep', version: '', state: 'succeeded' });
  workspace.write('runs/found/sweep/run.json', JSON.stringify({ ...record, job: { kind: 'sweep', points: [], search: { preferences, appliesTo: 'samples', budget: 24, batch: 3 } } }));
  workspace.write('runs/found/sweep/results.jsonl', points.map((point) => `${JSON.stringify(point)}\n`).join(''));
}

/** Trains and measures without the time that it takes. */
export async function runStudy(file: string): Promise<void> {
  const { state } = await runPipeline({ file, trainer, stages: ['train', 'sweep'] });
  if (state !== 'succeeded') throw new Error(`the study ended as ${state}`);
}
