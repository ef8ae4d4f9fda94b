import { existsSync, readFileSync } from 'node:fs';
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { ResultPoint } from '../../../src/analysis/results';
import { readHeader, readTensorBytes } from '../../../src/checkpoint/safetensors';
import { newRunRecord, readMetrics, readRunRecord, writeRunRecord } from '../../../src/runs/run-directory';
import type { Job, MetricsRow, SweepJob, LocomotionTrainJob } from '../../../src/runs/run-record';
import { modelSha256 } from '../../../src/trainer/models/policy-checkpoint';
import { sweep } from '../../../src/trainer/sweep';
import { train } from '../../../src/trainer/train';

const never = { signal: null };
const rewards = { risky: 'velocity', cautious: 'velocity - 3 * energy' };
const baseJob: LocomotionTrainJob = {
  kind: 'base', name: 'base', rewards, objective: 'velocity', seed: 0, backend: 'wasm', init: null, checkpointEverySteps: 100,
  task: { type: 'locomotion', environment: 'half-cheetah', episodeSteps: 20 },
  ppo: {
    steps: 512, environments: 4, rolloutSteps: 32, epochs: 2, minibatch: 64, learningRate: 1e-3, annealLearningRate: true, gamma: 0.98, gaeLambda: 0.95,
    clip: 0.2, entropyCoefficient: 0, valueCoefficient: 0.5, maxGradientNorm: 0.5, targetKl: 0.05, hidden: [8],
  },
};

let root: string;
beforeAll(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'trainer-'));
});
afterAll(() => rm(root, { recursive: true }));

async function prepare(name: string, job: Job): Promise<string> {
  const directory = path.join(root, name);
  await writeRunRecord(directory, newRunRecord({ kind: job.kind, name, version: '0.0.0', job }));
  return directory;
}

/** What must repeat: everything but clocks, speed and memory. */
const repeatable = (rows: readonly MetricsRow[]) => rows.map(({ time: _t, seconds: _s, cpuSeconds: _c, throughput: _h, memory: _m, ...row }) => row);

async function trainFresh(name: string, job: LocomotionTrainJob): Promise<string> {
  const directory = await prepare(name, job);
  expect(await train(directory, job, never)).toBe('succeeded');
  return directory;
}

/** Asks to stop once so many rows are written. */
function stopAfter(directory: string, rows: number): { readonly signal: NodeJS.Signals | null } {
  const file = path.join(directory, 'metrics.jsonl');
  return {
    get signal() {
      return existsSync(file) && readFileSync(file, 'utf8').split('\n').length > rows ? 'SIGTERM' : null;
    },
  };
}

test('a training writes its policy, its checkpoints and every reward', async () => {
  const directory = await trainFresh('whole', baseJob);
  const rows = await readMetrics(directory);
  expect(rows.map(({ step }) => step)).toEqual([128, 256, 384, 512]);
  for (const row of rows) {
    expect(Object.keys(row.reward ?? {})).toEqual(['risky', 'cautious']);
    expect(Object.keys(row.metric ?? {})).toEqual(['velocity', 'energy', 'alive']);
    expect(row.reward!.cautious).toBeCloseTo(row.metric!.velocity! - 3 * row.metric!.energy!, 6);
    expect(row.memory!.rssBytes).toBeGreaterThan(0);
  }
  const { metadata } = await readHeader(path.join(directory, 'model.safetensors'));
  expect(metadata).toMatchObject({ format: 'pt', 'soup.kind': 'base', 'soup.name': 'base', 'soup.objective': 'velocity', 'soup.step': '512' });
  expect(Number(metadata['soup.score.risky'])).toBe(rows.at(-1)!.reward!.risky);
  expect(metadata).not.toHaveProperty('soup.base_sha256');
  expect(await readdir(path.join(directory, 'checkpoints'))).toContain('step-000512');
});

test.each(['wasm', 'cpu'] as const)('the same seed gives the same metrics.jsonl on %s, another seed does not', async (backend) => {
  const job = { ...baseJob, backend };
  const [first, second, other] = [await trainFresh(`${backend}-1`, job), await trainFresh(`${backend}-2`, job), await trainFresh(`${backend}-3`, { ...job, seed: 1 })];
  const rows = repeatable(await readMetrics(first));
  expect(repeatable(await readMetrics(second))).toEqual(rows);
  expect(await modelSha256(second)).toBe(await modelSha256(first));
  expect(repeatable(await readMetrics(other))).not.toEqual(rows);
});

test('a stopped training goes on where it was and ends bit for bit as an uninterrupted one', async () => {
  const whole = await trainFresh('uninterrupted', baseJob);
  const directory = await prepare('interrupted', baseJob);
  for (const rows of [1, 3]) expect(await train(directory, baseJob, stopAfter(directory, rows))).toBe('stopped');
  expect(await train(directory, baseJob, never)).toBe('succeeded');
  expect(repeatable(await readMetrics(directory))).toEqual(repeatable(await readMetrics(whole)));
  expect(await modelSha256(directory)).toBe(await modelSha256(whole));
});

test('only the last checkpoint and the best are kept', async () => {
  const directory = await trainFresh('kept', baseJob);
  const rows = await readMetrics(directory);
  const best = rows.reduce((a, b) => (Number(b.objective) >= Number(a.objective) ? b : a));
  const names = new Set([512, best.step].map((step) => `step-${String(step).padStart(6, '0')}`));
  expect((await readdir(path.join(directory, 'checkpoints'))).sort()).toEqual([...names].sort());
});

test('policies of earlier times are kept where the job asks for them', async () => {
  const directory = await trainFresh('times', { ...baseJob, snapshotSteps: [256, 512] });
  const hashes = await Promise.all(['step-000256', 'step-000512'].map((name) => modelSha256(path.join(directory, 'snapshots', name))));
  const half = await trainFresh('half', { ...baseJob, ppo: { ...baseJob.ppo, steps: 256, annealLearningRate: false } });
  const whole = await trainFresh('whole-times', { ...baseJob, snapshotSteps: [256], ppo: { ...baseJob.ppo, annealLearningRate: false } });
  expect(hashes[1]).toBe(await modelSha256(directory));
  expect(hashes[0]).not.toBe(hashes[1]);
  expect(await modelSha256(path.join(whole, 'snapshots', 'step-000256'))).toBe(await modelSha256(half)); // without annealing, half a training is the first half of the whole
  const rows = await readMetrics(directory);
  expect(rows.every(({ cpuSeconds }, index) => Number(cpuSeconds) > (index === 0 ? 0 : Number(rows[index - 1]!.cpuSeconds)))).toBe(true);
});

test('the humanoid trains too, and its falls end episodes', async () => {
  const ppo = { ...baseJob.ppo, steps: 256, environments: 2, rolloutSteps: 64 };
  const directory = await trainFresh('humanoid', { ...baseJob, task: { type: 'locomotion', environment: 'humanoid', episodeSteps: 200 }, ppo });
  const rows = await readMetrics(directory);
  const measured = rows.filter(({ metric }) => metric !== undefined);
  expect(measured.length).toBeGreaterThan(0);
  // a fall within 128 steps of 200: averages are over the whole horizon
  for (const { metric } of measured) expect(metric!.alive).toBeLessThan(0.64);
});

describe('experts and their sweep', () => {
  let base: string;
  let experts: Record<string, string>;
  beforeAll(async () => {
    base = await trainFresh('theta0', baseJob);
    const expert = (name: keyof typeof rewards): LocomotionTrainJob => ({ ...baseJob, kind: 'expert', name, objective: rewards[name], init: base, ppo: { ...baseJob.ppo, steps: 256 } });
    experts = { risky: await trainFresh('risky', expert('risky')), cautious: await trainFresh('cautious', expert('cautious')) };
  });

  const job = (name: string): SweepJob => ({
    kind: 'sweep', name, task: baseJob.task, rewards, base, experts, samples: 5, seed: 3, backend: 'wasm', results: path.join(root, name, 'results.jsonl'),
    points: [
      { kind: 'init', name: 'base', weights: null, checkpoint: base },
      { kind: 'expert', name: 'risky', weights: { risky: 1, cautious: 0 }, checkpoint: experts.risky! },
      { kind: 'soup', name: 'all-risky', weights: { risky: 1, cautious: 0 }, checkpoint: null },
      { kind: 'soup', name: 'half', weights: { risky: 0.5, cautious: 0.5 }, checkpoint: null },
    ],
  });
  const resultsOf = async (name: string): Promise<ResultPoint[]> => (await readFile(job(name).results, 'utf8')).trim().split('\n').map((line) => JSON.parse(line) as ResultPoint);

  test('experts name their base and keep its observation statistics', async () => {
    const { metadata, tensors } = await readHeader(path.join(experts.risky!, 'model.safetensors'));
    expect(metadata['soup.base_sha256']).toBe(await modelSha256(base));
    expect(tensors.has('observation.mean')).toBe(true);
    const bytesOf = async (directory: string, name: string) => {
      const file = path.join(directory, 'model.safetensors');
      return readTensorBytes(file, await readHeader(file), name);
    };
    for (const name of ['observation.mean', 'observation.variance']) expect(await bytesOf(experts.risky!, name)).toEqual(await bytesOf(base, name));
    expect(await bytesOf(experts.risky!, 'policy.0.weight')).not.toEqual(await bytesOf(base, 'policy.0.weight'));
  });

  test('points are evaluated on the same episodes; λ = e₁ is expert 1', async () => {
    const directory = await prepare('sweep', job('sweep'));
    expect(await sweep(directory, job('sweep'), never)).toBe('succeeded');
    const [init, expert, endpoint, half] = await resultsOf('sweep');
    expect(endpoint!.rewards).toEqual(expert!.rewards);
    for (const point of [init, expert, half]) {
      expect(point!.rewards.risky!.samples).toHaveLength(5);
      expect(point!.metrics!.velocity!.samples).toEqual(point!.rewards.risky!.samples);
    }
    const { mean, stderr, samples } = half!.rewards.cautious!;
    expect(mean).toBeCloseTo(samples!.reduce((sum, value) => sum + value, 0) / 5, 12);
    expect(stderr).toBeCloseTo(Math.sqrt(samples!.reduce((sum, value) => sum + (value - mean) ** 2, 0) / 4 / 5), 12);
    expect((await readMetrics(directory)).map(({ step }) => step)).toEqual([1, 2, 3, 4]);
  });

  test('a sweep that was cut off keeps its points and ends with the same results', async () => {
    const directory = await prepare('cut', job('cut'));
    await sweep(directory, { ...job('cut') }, never);
    const whole = await readFile(job('cut').results, 'utf8');
    const lines = whole.split('\n');
    await writeFile(job('cut').results, `${lines[0]}\n${lines[1]}\n${lines[2]!.slice(0, 40)}`);
    await sweep(directory, job('cut'), never);
    expect(await readFile(job('cut').results, 'utf8')).toBe(whole);
    await writeFile(job('cut').results, whole.replaceAll('"n":5', '"n":5.0'));
    await sweep(directory, { ...job('cut'), seed: 4 }, never);
    expect(await readFile(job('cut').results, 'utf8')).not.toContain('5.0');
  });

  test('a point added to a finished sweep is the only one to be evaluated', async () => {
    const directory = await prepare('added', job('added'));
    await sweep(directory, job('added'), never);
    const marked = (await readFile(job('added').results, 'utf8')).replaceAll('"n":5', '"n":5.0'); // what is evaluated anew loses the mark
    await writeFile(job('added').results, marked);
    const quarter = { kind: 'soup', name: 'quarter', weights: { risky: 0.25, cautious: 0.75 }, checkpoint: null } as const;
    const scalarised = { kind: 'morl', name: 'even', weights: { risky: 0.5, cautious: 0.5 }, checkpoint: experts.cautious! } as const;
    await sweep(directory, { ...job('added'), points: [quarter, ...job('added').points, scalarised] }, never);
    const text = await readFile(job('added').results, 'utf8');
    expect(text.startsWith(marked)).toBe(true);
    expect((await resultsOf('added')).slice(4).map(({ name }) => name)).toEqual(['quarter', 'even']);
    expect(text.slice(marked.length)).not.toContain('5.0');
  });

  describe('a search', () => {
    const searching = (name: string, budget: number): SweepJob => ({ ...job(name), points: job(name).points.slice(0, 2).concat(job(name).points.slice(3)), search: { preferences: ['min(risky, cautious + 1)', 'velocity'], appliesTo: 'samples', budget, batch: 2 } });
    const lambdas = async (name: string) => (await resultsOf(name)).filter(({ kind }) => kind !== 'init').map(({ weights }) => JSON.stringify(weights));

    test('evaluates λ of its own within its budget, none twice; a larger budget goes on from there', async () => {
      const directory = await prepare('search', searching('search', 6));
      expect(await sweep(directory, searching('search', 6), never)).toBe('succeeded');
      const first = await readFile(job('search').results, 'utf8');
      expect(await lambdas('search')).toHaveLength(6);
      await sweep(directory, searching('search', 6), never);
      expect(await readFile(job('search').results, 'utf8')).toBe(first);
      await sweep(directory, searching('search', 9), never);
      expect((await readFile(job('search').results, 'utf8')).startsWith(first)).toBe(true);
      expect(new Set(await lambdas('search')).size).toBe(9);
      expect(await readRunRecord(directory)).toMatchObject({ totalSteps: 10 });
      expect((await readMetrics(directory)).map(({ step }) => step)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    });

    test('that was killed reads back what is there, and ends as it would have', async () => {
      const directory = await prepare('killed-search', searching('killed-search', 8));
      await sweep(directory, searching('killed-search', 8), never);
      const whole = await readFile(job('killed-search').results, 'utf8');
      const lines = whole.split('\n');
      await writeFile(job('killed-search').results, `${lines.slice(0, 5).join('\n').replaceAll('"n":5', '"n":5.0')}\n${lines[5]!.slice(0, 30)}`);
      await sweep(directory, searching('killed-search', 8), never);
      expect((await readFile(job('killed-search').results, 'utf8')).replaceAll('"n":5.0', '"n":5')).toBe(whole);
    });

    test('builds on the grid that was evaluated before', async () => {
      const directory = await prepare('after-grid', job('after-grid'));
      await sweep(directory, job('after-grid'), never);
      const grid = await readFile(job('after-grid').results, 'utf8');
      await sweep(directory, { ...searching('after-grid', 5), points: job('after-grid').points }, never);
      expect((await readFile(job('after-grid').results, 'utf8')).startsWith(grid)).toBe(true);
      expect(await lambdas('after-grid')).toHaveLength(5);
    });
  });

  test('an expert that was trained anew takes its own points with it alone', async () => {
    const copy = path.join(root, 'copy');
    await cp(experts.cautious!, copy, { recursive: true });
    const before = { ...job('anew'), experts: { risky: experts.risky!, cautious: copy } };
    const directory = await prepare('anew', before);
    await sweep(directory, before, never);
    await writeFile(before.results, (await readFile(before.results, 'utf8')).replaceAll('"n":5', '"n":5.0'));
    await cp(base, copy, { recursive: true });
    await sweep(directory, before, never);
    const isKept = (await readFile(before.results, 'utf8')).trim().split('\n').map((line) => [(JSON.parse(line) as ResultPoint).name, line.includes('5.0')]);
    expect(isKept).toEqual([['base', true], ['risky', true], ['all-risky', true], ['half', false]]);
  });

  test('ensembles beside soups: asked for later, only the soups are evaluated again; at a corner the two are one', async () => {
    const directory = await prepare('ensembles', job('ensembles'));
    await sweep(directory, job('ensembles'), never);
    const marked = (await readFile(job('ensembles').results, 'utf8')).replaceAll('"n":5', '"n":5.0');
    await writeFile(job('ensembles').results, marked);
    await sweep(directory, { ...job('ensembles'), predictions: true }, never);
    const text = await readFile(job('ensembles').results, 'utf8');
    expect(text.startsWith(marked.split('\n').slice(0, 2).join('\n'))).toBe(true);
    const [init, expert, endpoint, half] = await resultsOf('ensembles');
    expect([init, expert].map((point) => point!.ensemble)).toEqual([undefined, undefined]);
    expect(endpoint!.ensemble!.rewards).toEqual(endpoint!.rewards);
    expect(endpoint!.ensemble!.kl.samples).toEqual([0, 0, 0, 0, 0]);
    expect(half!.ensemble!.kl.mean).toBeGreaterThan(0);
    expect(half!.ensemble!.rewards.risky!.samples).toHaveLength(5);
    expect(half!.rewards).toEqual((await resultsOf('sweep'))[3]!.rewards);
  });

  test('no soup is written to disk', async () => {
    const directory = await prepare('unwritten', job('unwritten'));
    await sweep(directory, job('unwritten'), never);
    expect((await readdir(directory, { recursive: true })).sort()).toEqual(['inputs.json', 'metrics.jsonl', 'results.jsonl', 'run.json']);
  });

  test('identical experts are refused: their soups say nothing', async () => {
    const directory = await prepare('same', job('same'));
    await expect(sweep(directory, { ...job('same'), experts: { risky: base, cautious: base } }, never)).rejects.toThrow(/risky and cautious have the same weights/);
  });

  test('an unknown expert in λ is refused', async () => {
    const directory = await prepare('unknown', job('unknown'));
    const points = [{ kind: 'soup' as const, name: 'x', weights: { bold: 1 }, checkpoint: null }];
    await expect(sweep(directory, { ...job('unknown'), points }, never)).rejects.toThrow(/"bold".*risky, cautious/);
  });
});
