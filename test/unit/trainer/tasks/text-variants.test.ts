import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { readResults } from '../../../../src/analysis/read-results';
import { assetPath } from '../../../../src/assets';
import { openCheckpoint } from '../../../../src/checkpoint/checkpoint';
import { checkpointSha256 } from '../../../../src/checkpoint/digest';
import { textTask } from '../../../../src/experiment/tasks/text';
import { blend } from '../../../../src/merge/blend';
import { runPipeline } from '../../../../src/runs/pipeline';
import { newRunRecord, readMetrics, readRunRecord, writeRunRecord } from '../../../../src/runs/run-directory';
import { isTextJob, type SweepJob, type TextTrainJob } from '../../../../src/runs/run-record';
import { openTokenizer } from '../../../../src/trainer/models/language/tokenizer';
import { openTextEvaluator } from '../../../../src/trainer/tasks/text/point-evaluator';
import { promptTokens } from '../../../../src/trainer/tasks/text/rollouts';
import { modelDirectory } from '../models/language/fixtures';

jest.setTimeout(300_000);
let root: string;
beforeAll(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'text-variants-'));
  await cp(modelDirectory('llama3'), path.join(root, 'model'), { recursive: true });
  await writeFile(path.join(root, 'model/chat_template.jinja'), '{% for message in messages %}{{ "t40" if message["role"] == "system" else "t41" }} {{ message["content"] }} {% endfor %}{% if add_generation_prompt %}t42{% endif %}');
  await writeFile(path.join(root, 'prompts.txt'), Array.from({ length: 12 }, (_, i) => `t${i + 2} t${i + 3}`).join('\n'));
  await writeFile(path.join(root, 'corpus.txt'), Array.from({ length: 40 }, (_, i) => `t${2 + (i % 30)} t${3 + (i % 30)} t${4 + (i % 30)}`).join('\n'));
});
afterAll(() => rm(root, { recursive: true }));

const shared = `
backend: wasm
rewards: { wide: distinct1, low: 0 - perplexity / 50 }
sweep: { grid: 3, samples: 4 }
check: { resamples: 100 }`;

async function experiment(name: string, text: string): Promise<string> {
  const file = path.join(root, `${name}.yaml`);
  await writeFile(file, `name: ${name}${shared}\n${text}`);
  return file;
}

async function finished(name: string, text: string) {
  const { state, failures } = await runPipeline({ file: await experiment(name, text), stages: ['train', 'sweep', 'analyse'] });
  expect([state, failures]).toEqual(['succeeded', []]);
  const runs = path.join(root, 'runs', name);
  const sweep = (await readRunRecord(path.join(runs, 'sweep')))!.job as SweepJob;
  return { runs, sweep, points: await readResults(path.join(runs, 'sweep/results.jsonl')) };
}

/** The samples of a checkpoint on the disk, by the sweep's own settings. */
async function rewardsOf(sweep: SweepJob, checkpoint: string): Promise<number[]> {
  if (sweep.task.type !== 'text') throw new Error('expected a text task');
  const evaluator = await openTextEvaluator(sweep, sweep.task);
  const samples: number[] = [];
  for await (const wave of evaluator.evaluate({ kind: 'morl', name: 'written', weights: null, checkpoint })) samples.push(...wave.map(({ reward }) => reward.wide!));
  evaluator.close();
  return samples;
}

test('adapters blended by their products: the soup of the sweep is the soup that is written, and a scalarised run stands beside it', async () => {
  const { runs, sweep, points } = await finished('delta', `
task: { type: text, model: ./model, prompts: prompts.txt, maxNewTokens: 8, minNewTokens: 8, blend: delta }
train: { algorithm: rloo, steps: 3, prompts: 2, samples: 2, learningRate: 0.05, lora: { rank: 2, alpha: 4 } }
morl: [{ weights: { wide: 0.5, low: 0.5 } }]`);
  const written = path.join(runs, 'soups/half');
  await blend({ inputs: ['wide', 'low'].map((name) => path.join(runs, 'experts', name)), weights: [0.5, 0.5], space: 'delta', base: path.join(root, 'model'), mergeIntoBase: true, output: written });
  const soup = points.find(({ kind }) => kind === 'soup')!;
  expect(soup.weights).toEqual({ wide: 0.5, low: 0.5 });
  expect(await rewardsOf(sweep, written)).toEqual(soup.rewards.wide!.samples);
  const morl = points.find(({ kind }) => kind === 'morl')!;
  expect(morl).toMatchObject({ name: 'wide-0.5-low-0.5', weights: { wide: 0.5, low: 0.5 } });
  expect(await rewardsOf(sweep, path.join(runs, 'morl/wide-0.5-low-0.5'))).toEqual(morl.rewards.wide!.samples);
  // 0.5 · wide + 0.5 · low is what it maximised
  const record = await readRunRecord(path.join(runs, 'morl/wide-0.5-low-0.5'));
  for (const { reward, objective } of await readMetrics(path.join(runs, 'morl/wide-0.5-low-0.5'))) expect(objective).toBeCloseTo(0.5 * reward!.wide! + 0.5 * reward!.low!, 6);
  expect(record!.state).toBe('succeeded');
});

test('experts with all their weights, in chat, with another model\'s perplexity, and one expert at an earlier time', async () => {
  const { runs, sweep, points } = await finished('whole', `
task: { type: text, model: ./model, prompts: prompts.txt, maxNewTokens: 8, minNewTokens: 8, chat: true, system: t7 }
metrics: { fluent: { type: perplexity, model: ./model } }
train: { algorithm: rloo, steps: 4, prompts: 2, samples: 2, learningRate: 0.01, lora: null }
experts: { wide: {}, low: {}, early: { of: wide, at: 0.5 } }`);
  const expert = (name: string) => path.join(runs, 'experts', name);
  expect((await openCheckpoint(expert('wide'))).kind).toBe('directory');
  // θ₀ scores as itself: the chat template stands in front of the prompt for the policy, but not for `fluent`
  const base = points.find(({ kind }) => kind === 'init')!;
  expect(base.metrics!.perplexity!.mean).toBeGreaterThan(1);
  expect(base.metrics!.fluent!.mean).not.toBeCloseTo(base.metrics!.perplexity!.mean, 2);
  const written = path.join(runs, 'soups/thirds');
  await blend({ inputs: [expert('wide'), expert('low'), path.join(expert('wide'), 'snapshots/step-000002')], weights: [1 / 3, 1 / 3, 1 / 3], output: written });
  const soup = points.find(({ kind, weights }) => kind === 'soup' && Object.values(weights!).every((weight) => Math.abs(weight - 1 / 3) < 1e-9))!;
  expect(await rewardsOf(sweep, written)).toEqual(soup.rewards.wide!.samples);

  // the same training, half as long, is the expert at half of its time
  const half = path.join(root, 'made/half');
  const job = (await readRunRecord(expert('wide')))!.job as TextTrainJob;
  await writeRunRecord(half, newRunRecord({ kind: 'expert', name: 'half', version: '0.0.0', job: { ...job, snapshotSteps: [], settings: { ...job.settings, steps: 2 } } }));
  expect((await train(half)).code).toBe(0);
  expect(await weights(half)).toEqual(await weights(sweep.experts.early!));
});

test('perplexity under a model is that of θ₀ where it is θ₀ and the text is plain', async () => {
  const { points } = await finished('plain', `
task: { type: text, model: ./model, prompts: prompts.txt, maxNewTokens: 8, minNewTokens: 8 }
metrics: { fluent: { type: perplexity, model: ./model } }
train: { algorithm: rloo, steps: 1, prompts: 2, samples: 2, lora: { rank: 2, alpha: 4 } }`);
  // a special token that was generated is not in the text
  const samples = points.flatMap(({ metrics }) => metrics!.fluent!.samples!.map((value, k) => ({ ratio: value / metrics!.perplexity!.samples![k]!, isWhole: metrics!.words!.samples![k] === 8 }))).filter(({ isWhole }) => isWhole);
  expect(samples.length).toBeGreaterThan(8);
  for (const { ratio } of samples) expect(ratio).toBeCloseTo(1, 4);
});

test('a prompt in chat is the template\'s text, with the message of the system', async () => {
  const tokenizer = await openTokenizer(path.join(root, 'model'));
  const task = textTask.parse({ type: 'text', prompts: 'p.txt', chat: true, system: 't7', maxNewTokens: 4 });
  expect(tokenizer.decode(promptTokens(tokenizer, task, 64, 't2 t3'))).toBe('t40 t7 t41 t2 t3 t42');
  const plain = textTask.parse({ type: 'text', prompts: 'p.txt', maxNewTokens: 4 });
  expect(promptTokens(tokenizer, plain, 64, 't2 t3')).toEqual(tokenizer.encode('t2 t3'));
});

test('supervised training: killed with SIGKILL, it goes on and ends bit for bit as an uninterrupted one', async () => {
  await finished('sft', `
task: { type: text, model: ./model, prompts: prompts.txt, maxNewTokens: 4 }
base: { algorithm: sft, data: corpus.txt, steps: 6, batch: 4, minibatch: 2, learningRate: 0.01, schedule: cosine, checkpointEverySteps: 2 }
train: { algorithm: rloo, steps: 1, prompts: 2, samples: 2, lora: { rank: 2, alpha: 4 } }`);
  const whole = path.join(root, 'runs/sft/base');
  const { job } = (await readRunRecord(whole))!;
  const rows = await readMetrics(whole);
  expect(rows).toHaveLength(6);
  expect(rows.at(-1)!.objective).toBeGreaterThan(rows[0]!.objective as number);
  const killed = path.join(root, 'made/killed');
  await writeRunRecord(killed, newRunRecord({ kind: 'base', name: 'base', version: '0.0.0', job }));
  const child = start(killed);
  while ((await readMetrics(killed)).length < 3) await new Promise((resolve) => setTimeout(resolve, 5));
  child.kill('SIGKILL');
  await once(child, 'close');
  expect((await train(killed)).code).toBe(0);
  const learned = (all: typeof rows) => all.map(({ step, objective, loss, lr }) => ({ step, objective, loss, lr }));
  expect(learned(await readMetrics(killed))).toEqual(learned(rows));
  expect(await weights(killed)).toBe(await weights(whole));
});

test.each([
  ['an unsupported architecture', async (model: string) => writeFile(path.join(model, 'config.json'), '{"model_type":"bert"}'), /^UnsupportedModelError: .*model_type "bert" is not supported — use one of gpt2, llama/],
  ['a missing tokenizer', async (model: string) => rm(path.join(model, 'tokenizer.json')), /^MissingTokenizerError: .*has no tokenizer\.json — copy it from the base model/],
  ['weights that do not fit the config', async (model: string) => writeFile(path.join(model, 'config.json'), (await readFile(path.join(model, 'config.json'), 'utf8')).replace('"hidden_size": 16', '"hidden_size": 32')), /^(WeightMismatchError|InvalidModelConfigError): /],
])('%s: the run fails with one clear line and writes no model', async (what, breakIt, message) => {
  const model = path.join(root, what.replaceAll(' ', '-'));
  await cp(path.join(root, 'model'), model, { recursive: true });
  await breakIt(model);
  const job = (await readRunRecord(path.join(root, 'runs/plain/experts/wide')))!.job as TextTrainJob;
  expect(isTextJob(job)).toBe(true);
  const directory = path.join(root, 'made', what.replaceAll(' ', '-'));
  await writeRunRecord(directory, newRunRecord({ kind: 'expert', name: 'wide', version: '0.0.0', job: { ...job, init: model } }));
  const { code, stderr } = await train(directory);
  expect(code).toBe(1);
  expect(stderr).toMatch(message);
  expect(stderr.trim().split('\n')).toHaveLength(1);
  expect(await readRunRecord(directory)).toMatchObject({ state: 'failed', exitCode: 1 });
});

const weights = async (directory: string) => checkpointSha256(await openCheckpoint(directory));

function start(directory: string) {
  return spawn(process.execPath, [assetPath('trainer.js'), directory], { stdio: ['ignore', 'ignore', 'pipe'] });
}

async function train(directory: string): Promise<{ readonly code: number | null; readonly stderr: string }> {
  const child = start(directory);
  let stderr = '';
  child.stderr.on('data', (text: Buffer) => (stderr += text.toString()));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, stderr };
}
