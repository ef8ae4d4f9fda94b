import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { readResults } from '../../../../src/analysis/read-results';
import { assetPath } from '../../../../src/assets';
import { openCheckpoint } from '../../../../src/checkpoint/checkpoint';
import { checkpointSha256 } from '../../../../src/checkpoint/digest';
import { loadExperiment } from '../../../../src/experiment/parse';
import { planExperiment } from '../../../../src/experiment/plan';
import { gatherEvidence } from '../../../../src/runs/evidence';
import { runPipeline } from '../../../../src/runs/pipeline';
import { newRunRecord, readMetrics, readRunRecord, writeRunRecord } from '../../../../src/runs/run-directory';
import { isTextJob, type MetricsRow, type TextTrainJob } from '../../../../src/runs/run-record';
import { readPrompts } from '../../../../src/trainer/tasks/text/prompts';
import { alignedWith, tokenBatch, valuesOfRows } from '../../../../src/trainer/tasks/text/token-batch';

jest.setTimeout(300_000);
const example = path.join(__dirname, '../../../../examples/summary');
let root: string;
let file: string;
beforeAll(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'text-task-'));
  await cp(example, root, { recursive: true, filter: (source) => path.basename(source) !== 'runs' });
  file = path.join(root, 'soup.yaml');
});
afterAll(() => rm(root, { recursive: true }));

const sha256 = async (directory: string) => checkpointSha256(await openCheckpoint(directory));
/** What must repeat: everything but clocks, speed and memory. */
const repeatable = (rows: readonly MetricsRow[]) => rows.map(({ time: _t, seconds: _s, cpuSeconds: _c, throughput: _h, memory: _m, ...row }) => row);

/** A run directory with the job of one training of the smoke variant, changed. */
async function prepare(name: string, expert: string, changes: (job: TextTrainJob) => Partial<TextTrainJob> = () => ({})): Promise<string> {
  const plan = planExperiment(await loadExperiment(file, { variant: 'smoke' }), file);
  const { job } = plan.trainings.find((run) => run.job.name === expert)!;
  if (!isTextJob(job)) throw new Error('expected a text job');
  const directory = path.join(root, 'made', name);
  await writeRunRecord(directory, newRunRecord({ kind: job.kind, name, version: '0.0.0', job: { ...job, ...changes(job) } }));
  return directory;
}
function start(directory: string) {
  const child = spawn(process.execPath, [assetPath('trainer.js'), directory], { stdio: ['ignore', 'ignore', 'pipe'] });
  let stderr = '';
  child.stderr.on('data', (text: Buffer) => (stderr += text.toString()));
  return { child, ended: once(child, 'close').then(([code]) => ({ code: code as number | null, stderr })) };
}
async function untilRows(directory: string, count: number): Promise<void> {
  while ((await readMetrics(directory)).length < count) await setTimeout(5);
}

test('the example in small: a base, two adapters, 11 λ with paired samples, a check and a report', async () => {
  const { state, failures, analysis } = await runPipeline({ file, variant: 'smoke', stages: ['train', 'sweep', 'analyse'] });
  expect([state, failures]).toEqual(['succeeded', []]);
  expect(Object.keys(analysis!.lmc.rewards)).toEqual(['faithful', 'brief']);
  const runs = path.join(root, 'runs', 'summary-smoke');
  expect(await readdir(path.join(runs, 'experts', 'brief'))).toEqual(expect.arrayContaining(['adapter_config.json', 'adapter_model.safetensors']));
  const points = await readResults(path.join(runs, 'sweep', 'results.jsonl'));
  expect(points).toHaveLength(12);
  for (const { rewards, metrics } of points) {
    expect(rewards.faithful!.n).toBe(8);
    expect(Object.keys(metrics!)).toEqual(expect.arrayContaining(['rougeL', 'cider', 'perplexity', 'vader']));
  }
  for (const { kind, ensemble } of points) {
    if (kind === 'soup') expect([ensemble!.rewards.brief!.n, ensemble!.kl.samples!.length]).toEqual([8, 8]);
    else expect(ensemble).toBeUndefined();
  }
  const { weights } = await gatherEvidence(runs);
  expect(Object.keys(weights!.norms)).toEqual(['faithful', 'brief']); // task vectors of adapters, so that distance is known
  const base = points.find(({ kind }) => kind === 'init')!;
  // the same model, prompts and random numbers: its own KL to itself is 0 but for rounding
  for (const kl of base.metrics!.kl!.samples!) expect(Math.abs(kl)).toBeLessThan(1e-3);
});

test.each(['rloo', 'grpo', 'ppo-kl'] as const)('%s: killed with SIGKILL, it goes on and ends bit for bit as an uninterrupted one', async (algorithm) => {
  const common = { steps: 5, warmupSteps: 2, schedule: 'linear', gradientCheckpointing: algorithm === 'grpo', checkpointEverySteps: 2, learningRate: 1e-3, lora: { rank: 2, alpha: 4, dropout: 0.1, rankStabilised: false }, maxGradientNorm: 1 } as const;
  const settings = algorithm === 'rloo' ? { ...common, algorithm, prompts: 2, samples: 3, minibatch: 4, klCoefficient: 0.1 }
    : algorithm === 'grpo' ? { ...common, algorithm, prompts: 2, samples: 3, minibatch: 4, epochs: 2, clip: 0.2, klCoefficient: 0.04 }
      : { ...common, algorithm, batch: 6, minibatch: 2, gradientAccumulation: 2, epochs: 2, klCoefficient: 0.2, klTarget: 6, klHorizon: 100, clip: 0.2, valueClip: 0.2, valueCoefficient: 0.1, gamma: 1, gaeLambda: 0.95 };
  const change = () => ({ settings, checkpointEverySteps: 2 });
  const whole = await prepare(`${algorithm}-whole`, 'brief', change);
  expect(await start(whole).ended).toEqual({ code: 0, stderr: '' });
  const rows = await readMetrics(whole);
  expect(rows.map(({ step }) => step)).toEqual([1, 2, 3, 4, 5]);
  expect(Object.keys(rows[0]!.reward!)).toEqual(['faithful', 'brief']);
  expect(rows[0]!.lr).toBeCloseTo(5e-4, 12);
  const killed = await prepare(`${algorithm}-killed`, 'brief', change);
  const { child, ended } = start(killed);
  await untilRows(killed, 3);
  child.kill('SIGKILL');
  await ended;
  expect((await start(killed).ended).code).toBe(0);
  expect(repeatable(await readMetrics(killed))).toEqual(repeatable(rows));
  expect(await sha256(killed)).toBe(await sha256(whole));
});

test('a reward server that goes down pauses the run with the reason; the same command goes on from the last step', async () => {
  let isUp = true;
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (part: Buffer) => (body += part.toString()));
    request.on('end', () => {
      const { samples } = JSON.parse(body) as { samples: readonly { readonly text: string }[] };
      response.writeHead(isUp ? 200 : 503).end(JSON.stringify({ scores: samples.map(({ text }) => -text.length) }));
    });
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const metrics = { judge: { type: 'server', url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, batch: 8, timeoutMs: 5000, retries: 1, retryAfterMs: 10 } } as const;
  const directory = await prepare('paused', 'brief', ({ settings }) => ({ metrics, objective: 'judge', settings: { ...settings, steps: 40 }, checkpointEverySteps: 100 }));
  const first = start(directory);
  await untilRows(directory, 2);
  isUp = false;
  const { code, stderr } = await first.ended;
  expect(code).toBe(130);
  expect(stderr).toMatch(/^RewardServerDownError: metrics\.judge: .* did not answer in 2 attempts/);
  const record = (await readRunRecord(directory))!;
  expect(record).toMatchObject({ state: 'stopped', error: { name: 'RewardServerDownError' } });
  const reached = (await readMetrics(directory)).length;
  expect(await readdir(path.join(directory, 'checkpoints'))).toContain(`step-${String(reached).padStart(6, '0')}`);
  isUp = true;
  expect((await start(directory).ended).code).toBe(0);
  expect((await readMetrics(directory)).map(({ step }) => step)).toEqual(Array.from({ length: 40 }, (_, k) => k + 1));
  server.close();
});

test('a module of the user\'s measures in the trainer\'s process', async () => {
  const module = path.join(root, 'vowels.mjs');
  await writeFile(module, 'export default async (samples) => samples.map(({ text }) => (text.match(/[aeiou]/g) ?? []).length);\n');
  const directory = await prepare('module', 'brief', ({ settings }) => ({ metrics: { vowels: { type: 'module', file: module } }, objective: 'vowels', settings: { ...settings, steps: 1 } }));
  expect(await start(directory).ended).toEqual({ code: 0, stderr: '' });
  expect((await readMetrics(directory))[0]!.metric!.vowels).toBeGreaterThan(0);
});

test('what fails says at which step and metric, and keeps the last checkpoint', async () => {
  const diverging = await prepare('diverging', 'brief', ({ settings }) => ({ settings: { ...settings, steps: 30, learningRate: 1e30 }, checkpointEverySteps: 1 }));
  const { code, stderr } = await start(diverging).ended;
  expect(code).toBe(1);
  expect(stderr).toMatch(/^DivergedError: Training diverged (in|by) iteration \d+: .* (is|holds)/);
  const undefinedReward = await prepare('undefined-reward', 'brief', () => ({ objective: 'log(length - 1000)' }));
  expect((await start(undefinedReward).ended).stderr).toMatch(/^RewardNotFiniteError: the objective \(`log\(length - 1000\)`\) is NaN .*length = \d+/);
  const missing = await prepare('missing', 'brief', ({ task }) => ({ task: { ...task, prompts: path.join(root, 'nowhere.jsonl') } }));
  expect((await start(missing).ended).stderr).toMatch(/^PromptsError: .*nowhere\.jsonl does not exist/);
  const noReference = path.join(root, 'plain.txt');
  await writeFile(noReference, 'anna bought\nben sold\n');
  const lacking = await prepare('lacking', 'brief', ({ task }) => ({ task: { ...task, prompts: noReference }, objective: 'rouge1' }));
  expect((await start(lacking).ended).stderr).toMatch(/^MissingFieldError: .*"(source|reference)"/);
});

test('the same prompts are held out in every run, and a broken line is named', async () => {
  const task = { prompts: path.join(root, 'prompts.jsonl'), validation: 0.25 };
  const split = await readPrompts(task);
  expect(split).toEqual(await readPrompts(task));
  const lines = (await readFile(task.prompts, 'utf8')).trim().split('\n').length;
  expect(split.validation).toHaveLength(lines / 4);
  expect(new Set([...split.train, ...split.validation].map(({ prompt }) => prompt)).size).toBe(lines);
  const broken = path.join(root, 'broken.jsonl');
  await writeFile(broken, '{"prompt":"a"}\n\n{"prompt":1}\n');
  await expect(readPrompts({ prompts: broken, validation: 0.5 })).rejects.toThrow(/broken\.jsonl:3 has no text "prompt"/);
});

test('tokens after the prompts are marked, and values go there and back', () => {
  const rows = tokenBatch([{ prompt: Int32Array.of(7, 8), tokens: Int32Array.of(9) }, { prompt: Int32Array.of(5), tokens: Int32Array.of(6, 4, 3) }]);
  expect([...rows.tokens]).toEqual([7, 8, 9, 0, 5, 6, 4, 3]);
  expect([...rows.attention]).toEqual([1, 1, 1, 0, 1, 1, 1, 1]);
  expect([...rows.scored]).toEqual([0, 0, 1, 0, 0, 1, 1, 1]);
  const aligned = alignedWith(rows, [[1], [2, 3, 4]]);
  expect([...aligned]).toEqual([0, 0, 1, 0, 0, 2, 3, 4]);
  expect(valuesOfRows(rows, aligned).map((row) => [...row])).toEqual([[1], [2, 3, 4]]);
});
