import { createHash } from 'node:crypto';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { readHeader, readTensorBytes, toFloat32, writeSafetensors } from '../../../../src/checkpoint/safetensors';
import { blend } from '../../../../src/merge/blend';
import type { FromPreview, PreviewPoint, PreviewScore, PreviewTextSettings, ToPreview } from '../../../../src/protocol/preview';
import { readFromPreview } from '../../../../src/protocol/preview';
import { newRunRecord, writeRunRecord } from '../../../../src/runs/run-directory';
import type { SweepJob } from '../../../../src/runs/run-record';
import { textTask } from '../../../../src/experiment/tasks/text';
import { openBackend } from '../../../../src/trainer/backend/backend';
import type { EpisodeScore } from '../../../../src/trainer/episodes';
import { openLanguageModel } from '../../../../src/trainer/models/language/open';
import { GaussianPolicy } from '../../../../src/trainer/models/policy';
import { writePolicy } from '../../../../src/trainer/models/policy-checkpoint';
import { servePreview } from '../../../../src/trainer/preview/serve';
import { RandomStream } from '../../../../src/trainer/random';
import { openLocomotionEvaluator } from '../../../../src/trainer/tasks/locomotion/point-evaluator';
import { taskNamed } from '../../../../src/trainer/tasks/registry';
import { fixtures, modelDirectory } from '../models/language/fixtures';

const llama = modelDirectory('llama3');
const prompt = { prompt: 't2 t3', references: [], source: null };
let root: string;
let experts: { readonly name: string; readonly path: string }[];
beforeAll(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'preview-'));
  await cp(llama, path.join(root, 'base'), { recursive: true });
  for (const [name, factor] of [['first', 1], ['second', -0.6]] as const) await adapter(name, factor);
  experts = ['first', 'second'].map((name) => ({ name, path: path.join(root, name) }));
});
afterAll(() => rm(root, { recursive: true }));

/** The fixture's adapter on `base`, with its B scaled and its A turned round, so that two of them differ in direction. */
async function adapter(name: string, factor: number): Promise<void> {
  const directory = path.join(root, name);
  await cp(path.join(fixtures, 'adapters/llama3'), directory, { recursive: true });
  const config = JSON.parse(await readFile(path.join(directory, 'adapter_config.json'), 'utf8')) as object;
  await writeFile(path.join(directory, 'adapter_config.json'), JSON.stringify({ ...config, base_model_name_or_path: '../base' }));
  await scaleWeights(path.join(directory, 'adapter_model.safetensors'), (value, i) => (factor === 1 ? value : factor * value * (1 + (i % 3))));
}

async function scaleWeights(file: string, change: (value: number, index: number) => number): Promise<void> {
  const header = await readHeader(file);
  const tensors = await Promise.all([...header.tensors.values()].map(async (info) => {
    const values = toFloat32(await readTensorBytes(file, header, info), info.dtype).map(change);
    return { name: info.name, dtype: 'F32' as const, shape: info.shape, data: new Uint8Array(values.buffer) };
  }));
  await writeSafetensors(file, tensors, {});
}

type Request = Extract<ToPreview, { type: 'text' | 'episodes' }>;
type Of<T extends FromPreview['type']> = Extract<FromPreview, { type: T }>;

/** A preview in this process, spoken to as over its channel: everything that it says has to pass the reader. */
function start() {
  const heard: FromPreview[] = [];
  const waiting: { readonly is: (message: FromPreview) => boolean; readonly resolve: (message: FromPreview) => void }[] = [];
  let say: (message: unknown) => void = () => undefined;
  let close: () => void = () => undefined;
  const served = servePreview({
    onMessage: (hear) => (say = hear),
    onClose: (hear) => (close = hear),
    post(message) {
      const read = readFromPreview(JSON.parse(JSON.stringify(message)));
      if (!read) throw new Error(`the reader refuses ${JSON.stringify(message)}`);
      heard.push(read);
      for (const { is, resolve } of waiting) if (is(read)) resolve(read);
      return Promise.resolve();
    },
  });
  const next = <T extends FromPreview['type']>(type: T, id: number | null) => new Promise<Of<T>>((resolve) => {
    const is = (message: FromPreview) => message.type === type && (!('id' in message) || message.id === id);
    const before = heard.find(is);
    if (before) resolve(before as Of<T>);
    else waiting.push({ is, resolve: resolve as (message: FromPreview) => void });
  });
  const open = (opening: Partial<Extract<ToPreview, { type: 'open' }>>) => say({ type: 'open', base: null, space: null, backend: 'wasm', experts, ...opening });
  const end = async () => {
    close();
    expect(await served).toBe(0);
  };
  return { say: (message: Request | { type: 'cancel' }) => say(message), open, next, heard, served, end };
}

async function opened(opening: Partial<Extract<ToPreview, { type: 'open' }>> = {}) {
  const preview = start();
  preview.open(opening);
  const answer = await Promise.race([preview.next('opened', null), preview.next('failure', null)]);
  if (answer.type === 'failure') throw Object.assign(new Error(answer.message), { name: answer.name });
  return { ...preview, ...answer };
}

/** Last text and scores of each point of a request, by name. */
function answersOf(heard: readonly FromPreview[], id: number): Map<string, { readonly kind: PreviewPoint['kind']; readonly text: Of<'text'> | undefined; readonly scores: readonly PreviewScore[] }> {
  const { points } = heard.find((message): message is Of<'started'> => message.type === 'started' && message.id === id)!;
  const last = <T extends 'text' | 'scores'>(type: T, point: number) => {
    const is = (message: FromPreview): message is Of<'text'> | Of<'scores'> => message.type === type && 'point' in message && message.id === id && message.point === point;
    return heard.findLast(is) as Of<T> | undefined;
  };
  return new Map(points.map(({ name, kind }, point) => [name, { kind, text: last('text', point), scores: last('scores', point)?.scores ?? [] }]));
}

const greedy = (settings: PreviewTextSettings): PreviewTextSettings => ({ ...settings, maxNewTokens: 12, minNewTokens: 12, temperature: 0 });
const settingsOf = (task: Of<'opened'>['task']): PreviewTextSettings => {
  if (task.type !== 'text') throw new Error('expected a text task');
  return greedy(task.settings);
};

async function greedyText(directory: string, options: { readonly adapter?: string } = {}): Promise<string> {
  const model = await openLanguageModel(await openBackend('wasm'), directory, options);
  const [generation] = await model.generate([prompt.prompt], { maxNewTokens: 12, minNewTokens: 12, temperature: 0 });
  model.dispose();
  return generation!.text;
}

async function contents(directory: string): Promise<string[]> {
  const files = (await readdir(directory, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile()).map((entry) => path.join(entry.parentPath, entry.name));
  return Promise.all(files.sort().map(async (file) => `${file} ${createHash('sha256').update(await readFile(file)).digest('hex')}`));
}

test.each(['delta', 'factor'] as const)('adapters in %s space: base, experts and soup say what their checkpoints say, and nothing is written', async (space) => {
  const before = await contents(root);
  const preview = await opened({ space });
  expect(preview).toMatchObject({ experts: ['first', 'second'], base: path.join(root, 'base'), run: null, rewards: [], backend: 'wasm' });
  preview.say({ type: 'text', id: 0, prompt, weights: [{ first: 0.3, second: 0.7 }, { first: 1, second: 0 }], settings: settingsOf(preview.task) });
  await preview.next('done', 0);
  const answers = answersOf(preview.heard, 0);
  expect([...answers].map(([name, { kind }]) => [name, kind])).toEqual([['first 0.3 second 0.7', 'soup'], ['first 1 second 0', 'soup'], ['base', 'init'], ['first', 'expert'], ['second', 'expert']]);
  const textOf = (name: string) => answers.get(name)!.text!.text;
  expect(textOf('base')).toBe(await greedyText(llama));
  for (const { name, path: directory } of experts) expect(textOf(name)).toBe(await greedyText(llama, { adapter: directory }));
  expect(textOf('first 1 second 0')).toBe(textOf('first'));
  expect(new Set(['base', 'first', 'second', 'first 0.3 second 0.7'].map(textOf)).size).toBe(4);
  // the same soup, blended into files by the merge of checkpoints
  const written = await mkdtemp(path.join(tmpdir(), 'preview-soup-'));
  await blend({ inputs: experts.map(({ path: directory }) => directory), weights: [0.3, 0.7], space, base: path.join(root, 'base'), mergeIntoBase: true, output: path.join(written, 'soup') });
  expect(textOf('first 0.3 second 0.7')).toBe(await greedyText(path.join(written, 'soup')));
  await rm(written, { recursive: true });
  await preview.end();
  expect(await contents(root)).toEqual(before);
});

test('whole weights without a base: experts and soup, without the metrics that compare with it', async () => {
  for (const [name, factor] of [['whole-a', 1], ['whole-b', 0.2]] as const) {
    await cp(llama, path.join(root, name), { recursive: true });
    await scaleWeights(path.join(root, name, 'model.safetensors'), (value, i) => value * (i % 2 === 0 ? factor : 1));
  }
  const whole = ['whole-a', 'whole-b'].map((name) => ({ name, path: path.join(root, name) }));
  const preview = await opened({ experts: whole });
  expect(preview.base).toBeNull();
  preview.say({ type: 'text', id: 0, prompt, weights: [{ 'whole-a': 0.5, 'whole-b': 0.5 }], settings: settingsOf(preview.task) });
  await preview.next('done', 0);
  const answers = answersOf(preview.heard, 0);
  expect([...answers.keys()]).toEqual(['whole-a 0.5 whole-b 0.5', 'whole-a', 'whole-b']);
  expect(answers.get('whole-b')!.text!.text).toBe(await greedyText(path.join(root, 'whole-b')));
  await blend({ inputs: whole.map(({ path: directory }) => directory), weights: [0.5, 0.5], output: path.join(root, 'whole-soup') });
  expect(answers.get('whole-a 0.5 whole-b 0.5')!.text!.text).toBe(await greedyText(path.join(root, 'whole-soup')));
  const names = answers.get('whole-b')!.scores.map(({ name }) => name);
  expect(names).toEqual(expect.arrayContaining(['length', 'repetition', 'distinct2', 'flesch']));
  for (const name of ['kl', 'perplexity', 'rouge1', 'source_rouge1']) expect(names).not.toContain(name);
  await preview.end();
});

test('a text grows token by token; a newer request ends the older one, and λ that was there is answered from memory', async () => {
  const preview = await opened();
  const settings = { ...settingsOf(preview.task), maxNewTokens: 60, minNewTokens: 60 };
  preview.say({ type: 'text', id: 0, prompt, weights: [{ first: 0.5, second: 0.5 }], settings });
  const first = await preview.next('text', 0);
  expect(first).toMatchObject({ point: 0, tokens: 1, ended: null });
  preview.say({ type: 'text', id: 1, prompt, weights: [{ first: 0.2, second: 0.8 }], settings: settingsOf(preview.task) });
  await preview.next('cancelled', 0);
  await preview.next('done', 1);
  expect(preview.heard.filter(({ type, id }: { type: string; id?: number | null }) => type === 'text' && id === 0).length).toBeLessThan(5);
  expect(preview.heard.some((message) => message.type === 'done' && message.id === 0)).toBe(false);
  const grown = preview.heard.filter((message): message is Of<'text'> => message.type === 'text' && message.id === 1 && message.point === 0);
  expect(grown.map(({ tokens }) => tokens)).toEqual([...Array.from({ length: 12 }, (_, i) => i + 1), 12]);
  expect(grown.at(-1)!.ended).toBe('length');
  preview.say({ type: 'text', id: 2, prompt, weights: [{ first: 0.2, second: 0.8 }], settings: settingsOf(preview.task) });
  await preview.next('done', 2);
  const again = preview.heard.filter((message): message is Of<'text'> => message.type === 'text' && message.id === 2);
  expect(again.map(({ point, tokens }) => [point, tokens])).toEqual([0, 1, 2, 3].map((point) => [point, 12]));
  expect(answersOf(preview.heard, 2)).toEqual(new Map([...answersOf(preview.heard, 1)].map(([name, { text, ...rest }]) => [name, { ...rest, text: { ...text!, id: 2 } }])));
  preview.say({ type: 'text', id: 3, prompt, weights: [{ first: 1.5, second: -0.5 }], settings });
  await preview.next('text', 3);
  preview.say({ type: 'cancel' });
  await preview.next('cancelled', 3);
  await preview.end();
});

test('rewards and metrics are those of the experiment that the run belongs to; what cannot be measured says why', async () => {
  const prompts = path.join(root, 'prompts.jsonl');
  await writeFile(prompts, ['t2 t3', 't4', 't5'].map((text) => JSON.stringify({ prompt: text, reference: 't7 t8 t9' })).join('\n'));
  const task = textTask.parse({ type: 'text', prompts, maxNewTokens: 12, minNewTokens: 12, temperature: 0, blend: 'delta' });
  const job = { kind: 'expert', name: 'first', task, metrics: { judge: { type: 'server', url: 'http://127.0.0.1:9/', batch: 8, timeoutMs: 2000, retries: 5, retryAfterMs: 1 } }, settings: {} as never, rewards: { brief: '1 - words / 24', like: 'rouge1 + 0 * progress', judged: '2 * judge' }, objective: 'words', seed: 3, backend: 'wasm', init: '/moved/away/base', checkpointEverySteps: 1 } as const;
  await mkdir(path.join(root, 'experts'));
  await cp(path.join(root, 'first'), path.join(root, 'experts/first'), { recursive: true });
  await writeRunRecord(path.join(root, 'experts/first'), newRunRecord({ kind: 'expert', name: 'first', version: '0.0.0', job }));
  const preview = await opened({ experts: [{ name: 'first', path: path.join(root, 'experts/first') }] });
  // θ₀ is found beside the run, although everything has moved
  expect(preview).toMatchObject({ run: path.join(root, 'experts/first'), base: path.join(root, 'base'), rewards: ['brief', 'like', 'judged'], task: { settings: { maxNewTokens: 12, temperature: 0, seed: 3 }, hasChatTemplate: false, contextLength: 64 } });
  if (preview.task.type !== 'text') throw new Error('expected a text task');
  expect(preview.task.prompts).toEqual([expect.objectContaining({ references: ['t7 t8 t9'] })]);
  preview.say({ type: 'text', id: 0, prompt, weights: [{ first: 1 }], settings: preview.task.settings });
  await preview.next('done', 0);
  const { text, scores } = answersOf(preview.heard, 0).get('first')!;
  const score = (name: string, of: PreviewScore['of'] = 'metric') => scores.find((one) => one.name === name && one.of === of)!;
  const words = text!.text.split(/\s+/).filter((word) => word !== '');
  expect(score('brief', 'reward').value).toBeCloseTo(1 - words.length / 24, 12);
  // the prompt is one of the experiment's, so its reference counts: F1 of unigrams
  const shared = ['t7', 't8', 't9'].filter((word) => words.includes(word)).length;
  expect(score('rouge1').value).toBeCloseTo((2 * shared) / (words.length + 3), 12);
  expect(score('like', 'reward').value).toBe(score('rouge1').value);
  expect(score('judged', 'reward')).toMatchObject({ value: null, problem: expect.stringContaining('did not answer') as string });
  preview.say({ type: 'text', id: 1, prompt: { ...prompt, prompt: 't40 t41' }, weights: [{ first: 1 }], settings: preview.task.settings });
  await preview.next('done', 1);
  expect(answersOf(preview.heard, 1).get('first')!.scores.find(({ name }) => name === 'like')).toEqual({ name: 'like', of: 'reward', value: null, interval: null, problem: 'rouge1: the prompt has no reference' });
  await preview.end();
});

describe('policies', () => {
  const task = taskNamed('half-cheetah');
  const policies = () => ['risky', 'cautious'].map((name) => ({ name, path: path.join(root, 'walk/experts', name) }));
  const job: SweepJob = { kind: 'sweep', name: 'sweep', task: { type: 'locomotion', environment: 'half-cheetah', episodeSteps: 25 }, rewards: { fast: 'velocity', frugal: 'velocity - energy' }, base: '', experts: {}, points: [], samples: 3, seed: 9, backend: 'auto', results: '' };
  beforeAll(async () => {
    for (const [seed, name] of ['base', 'experts/risky', 'experts/cautious'].entries()) {
      const policy = new GaussianPolicy({ observationSize: task.observationSize, actionSize: task.actionSize, hidden: [4] });
      policy.initialise(RandomStream.of(seed, 0));
      for (const { name: tensor, values } of policy.tensors) if (/weight/.test(tensor)) for (let i = 0; i < values.length; i++) values[i]! *= 5;
      await writePolicy(path.join(root, 'walk', name), policy, task.name, {});
    }
    const experiment = { ...job, base: path.join(root, 'walk/base') };
    await writeRunRecord(path.join(root, 'walk/sweep'), newRunRecord({ kind: 'sweep', name: 'sweep', version: '0.0.0', job: experiment }));
  });

  test('play the episodes of a sweep, with means and Student\'s intervals', async () => {
    const preview = await opened({ experts: policies() });
    expect(preview).toMatchObject({ run: path.join(root, 'walk/sweep'), base: path.join(root, 'walk/base'), rewards: ['fast', 'frugal'], task: { type: 'locomotion', environment: 'half-cheetah', episodeSteps: 25 } });
    const weights = { risky: 0.25, cautious: 0.75 };
    preview.say({ type: 'episodes', id: 0, weights: [weights], episodes: 3, seed: 9 });
    await preview.next('done', 0);
    const evaluator = await openLocomotionEvaluator({ ...job, experts: Object.fromEntries(policies().map(({ name, path: directory }) => [name, directory])) }, job.task as Extract<SweepJob['task'], { type: 'locomotion' }>);
    const expected: EpisodeScore[] = [];
    for await (const wave of evaluator.evaluate({ kind: 'soup', name: '', weights, checkpoint: null })) expected.push(...wave);
    evaluator.close();
    const answers = answersOf(preview.heard, 0);
    expect([...answers.keys()]).toEqual(['risky 0.25 cautious 0.75', 'base', 'risky', 'cautious']);
    const fast = answers.get('risky 0.25 cautious 0.75')!.scores.find(({ name }) => name === 'fast')!;
    const samples = expected.map(({ reward }) => reward.fast!);
    const mean = samples.reduce((sum, value) => sum + value) / 3;
    const deviation = Math.sqrt(samples.reduce((sum, value) => sum + (value - mean) ** 2, 0) / 2);
    // t of 2 degrees of freedom at 0.975
    const half = (4.302652729911275 * deviation) / Math.sqrt(3);
    expect(fast.value).toBeCloseTo(mean, 12);
    expect(half).toBeGreaterThan(0);
    expect(fast.interval![0]).toBeCloseTo(mean - half, 6);
    expect(fast.interval![1]).toBeCloseTo(mean + half, 6);
    const firstScores = preview.heard.find((message): message is Of<'scores'> => message.type === 'scores')!;
    expect(firstScores.scores[0]).toMatchObject({ value: samples[0], interval: null });
    await preview.end();
  });

  test.each<[string, RegExp, () => Promise<Parameters<typeof opened>[0]>]>([
    ['NotPreviewableError', /risky is a policy for half-cheetah and first is a language model/, async () => ({ experts: [policies()[0]!, experts[0]!] })],
    ['NotPreviewableError', /two experts are called first/, async () => ({ experts: [experts[0]!, experts[0]!] })],
    ['NotPreviewableError', /no expert was given/, async () => ({ experts: [] })],
    ['NotPreviewableError', /alone\.safetensors has no config\.json/, async () => {
      await cp(path.join(llama, 'model.safetensors'), path.join(root, 'alone.safetensors'));
      return { experts: [{ name: 'alone', path: path.join(root, 'alone.safetensors') }] };
    }],
    ['NotPreviewableError', /is a base and an adapter — give the adapter as the expert/, async () => ({ experts: [{ name: 'both', path: `${path.join(root, 'base')}+${experts[0]!.path}` }] })],
    ['MissingBaseError', /homeless is an adapter, and its base nobody\/nothing is not here/, async () => {
      await cp(experts[0]!.path, path.join(root, 'homeless'), { recursive: true });
      await writeFile(path.join(root, 'homeless/adapter_config.json'), (await readFile(path.join(root, 'homeless/adapter_config.json'), 'utf8')).replace('../base', 'nobody/nothing'));
      return { experts: [{ name: 'homeless', path: path.join(root, 'homeless') }] };
    }],
    ['AdapterMismatchError', /was trained on the base with SHA-256 0{64}/, async () => {
      await cp(experts[0]!.path, path.join(root, 'foreign'), { recursive: true });
      const file = path.join(root, 'foreign/adapter_model.safetensors');
      const header = await readHeader(file);
      await writeSafetensors(file, await Promise.all([...header.tensors.values()].map(async ({ name, shape }) => ({ name, shape, dtype: 'F32' as const, data: await readTensorBytes(file, header, name) }))), { 'soup.base_sha256': '0'.repeat(64) });
      return { experts: [{ name: 'foreign', path: path.join(root, 'foreign') }] };
    }],
    ['UnsupportedModelError', /model_type "bert" is not supported/, async () => {
      await cp(llama, path.join(root, 'bert'), { recursive: true });
      await writeFile(path.join(root, 'bert/config.json'), JSON.stringify({ model_type: 'bert' }));
      return { experts: [{ name: 'bert', path: path.join(root, 'bert') }] };
    }],
    ['MissingTokenizerError', /has no tokenizer\.json/, async () => {
      await cp(llama, path.join(root, 'mute'), { recursive: true });
      await rm(path.join(root, 'mute/tokenizer.json'));
      return { experts: [{ name: 'mute', path: path.join(root, 'mute') }] };
    }],
    ['CheckpointNotFoundError', /nowhere/, async () => ({ experts: [{ name: 'nowhere', path: path.join(root, 'nowhere') }] })],
  ])('%s: what cannot be previewed is refused by name (%s)', async (name, message, opening) => {
    await expect(opened(await opening())).rejects.toMatchObject({ name, message: expect.stringMatching(message) as string });
  });

  test('a request that does not fit is refused, and the next one is answered', async () => {
    const preview = await opened({ experts: policies() });
    preview.say({ type: 'text', id: 0, prompt, weights: [], settings: { maxNewTokens: 1, minNewTokens: 0, temperature: 1, topK: 0, topP: 1, repetitionPenalty: 1, stop: [], chat: false, system: null, seed: 0 } });
    expect(await preview.next('failure', 0)).toMatchObject({ name: 'PreviewRequestError', isInput: true });
    preview.say({ type: 'episodes', id: 1, weights: [{ risky: 1 }], episodes: 1, seed: 0 });
    expect(await preview.next('failure', 1)).toMatchObject({ name: 'InvalidWeightsError', message: expect.stringContaining('cautious has none') as string });
    preview.say({ type: 'episodes', id: 2, weights: [], episodes: 1, seed: 0 });
    await preview.next('done', 2);
    expect([...answersOf(preview.heard, 2).keys()]).toEqual(['base', 'risky', 'cautious']);
    await preview.end();
  });
});
