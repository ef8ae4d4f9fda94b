import { build } from 'esbuild';
import { execFileSync } from 'node:child_process';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { findOptional } from '../../../../src/trainer/backend/optional-package';
import { moduleMetric } from '../../../../src/trainer/metrics/declared/module';
import { classifierMetric } from '../../../../src/trainer/metrics/declared/classifier';
import { serverMetric } from '../../../../src/trainer/metrics/declared/server';
import type { TextSample } from '../../../../src/trainer/metrics/metric';
import { PausedError } from '../../../../src/trainer/paused';

const samples = ['a', 'bb', 'ccc'].map((text): TextSample => ({ prompt: 'p', text, references: ['r'], source: null, tokenCount: 1, logProbabilities: [], referenceLogProbabilities: [] }));

describe('a reward server', () => {
  const requests: { readonly samples: readonly { readonly text: string }[] }[] = [];
  let answers: ((texts: readonly string[]) => { readonly status: number; readonly body: string })[];
  let server: Server;
  let url: string;
  const lengths = (texts: readonly string[]) => ({ status: 200, body: JSON.stringify({ scores: texts.map((text) => text.length) }) });
  const settings = (changes = {}) => ({ type: 'server' as const, url, batch: 2, timeoutMs: 5000, retries: 2, retryAfterMs: 1, ...changes });
  beforeAll(async () => {
    server = createServer((request, response) => {
      let body = '';
      request.on('data', (part: Buffer) => (body += part.toString()));
      request.on('end', () => {
        const received = JSON.parse(body) as (typeof requests)[number];
        requests.push(received);
        const { status, body: answer } = (answers.shift() ?? lengths)(received.samples.map(({ text }) => text));
        response.writeHead(status).end(answer);
      });
    });
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/score`;
  });
  afterAll(() => server.close());
  beforeEach(() => {
    requests.length = 0;
    answers = [];
  });

  test('gets batches, and its scores come back in order', async () => {
    expect(await serverMetric('m', settings())(samples)).toEqual([1, 2, 3]);
    expect(requests.map((request) => request.samples.length)).toEqual([2, 1]);
    expect(requests[0]!.samples[0]).toEqual({ prompt: 'p', text: 'a', references: ['r'], source: null });
  });

  test('is asked again after a failure, and found down after the last attempt', async () => {
    const busy = () => ({ status: 503, body: 'busy' });
    answers = [busy, busy];
    expect(await serverMetric('m', settings())(samples)).toEqual([1, 2, 3]);
    answers = [busy, busy, busy];
    await expect(serverMetric('m', settings())(samples)).rejects.toThrow(PausedError);
    answers = [busy];
    await expect(serverMetric('m', settings({ retries: 0 }))(samples)).rejects.toThrow(/did not answer in 1 attempts \(HTTP 503 busy\)/);
    await expect(serverMetric('m', settings({ url: 'http://127.0.0.1:1/', retries: 1 }))(samples)).rejects.toMatchObject({ name: 'RewardServerDownError' });
  });

  test('that refuses, or answers something else, is not asked again', async () => {
    answers = [() => ({ status: 422, body: 'no such field' })];
    await expect(serverMetric('m', settings())(samples)).rejects.toThrow(/refused the request: HTTP 422 no such field/);
    for (const [body, message] of [['{"scores":[1]}', /gave 1 scores for 2 samples/], ['{"scores":[1,null]}', /gave null as a score/], ['{}', /gave no scores/], ['<html>', /no JSON/]] as const) {
      answers = [() => ({ status: 200, body })];
      await expect(serverMetric('m', settings())(samples)).rejects.toThrow(message);
    }
    expect(requests).toHaveLength(5);
  });
});

describe('a module', () => {
  let root: string;
  beforeAll(async () => {
    root = await mkdtemp(path.join(tmpdir(), 'metric-module-'));
  });
  afterAll(() => rm(root, { recursive: true }));
  const module = async (name: string, text: string) => {
    const file = path.join(root, name);
    await writeFile(file, text);
    return { type: 'module' as const, file };
  };

  test('measures with its default export', async () => {
    const measure = await moduleMetric('m', await module('good.cjs', 'module.exports = async (samples) => samples.map(({ text }) => 2 * text.length);'));
    expect(await measure(samples)).toEqual([2, 4, 6]);
  });

  test('that is wrong says what is wrong', async () => {
    await expect(moduleMetric('m', { type: 'module', file: path.join(root, 'nowhere.cjs') })).rejects.toThrow(/nowhere\.cjs cannot be loaded/);
    await expect(moduleMetric('m', await module('empty.cjs', 'exports.score = 1;'))).rejects.toThrow(/no function as its default export/);
    await expect((await moduleMetric('m', await module('throws.cjs', 'module.exports = () => { throw new Error("oops"); };')))(samples)).rejects.toThrow(/throws\.cjs threw: oops/);
    await expect((await moduleMetric('m', await module('few.cjs', 'module.exports = () => [1];')))(samples)).rejects.toThrow(/gave 1 scores for 3 samples/);
  });
});

/** Neural reward models are optional: this runs where their package is installed. */
const isInstalled = (() => {
  try {
    findOptional('@huggingface/transformers');
    return true;
  } catch {
    return false;
  }
})();
(isInstalled ? test : test.skip)('a classifier gives the logits that NumPy gives, and their softmax', async () => {
  // in a process of its own: Jest's Float32Array is not that of the native runtime
  const root = await mkdtemp(path.join(tmpdir(), 'classifier-'));
  // a name that is none of a model on the Hub
  const directory = path.join(root, 'reward--model');
  await cp(path.join(__dirname, '../../../fixtures/metrics/classifier'), directory, { recursive: true });
  const { texts, logits } = JSON.parse(await readFile(path.join(directory, 'expected.json'), 'utf8')) as { texts: string[]; logits: [number, number][] };
  const outfile = path.join(root, 'classifier.cjs');
  await build({ entryPoints: [path.join(__dirname, '../../../../src/trainer/metrics/declared/classifier.ts')], outfile, bundle: true, platform: 'node', format: 'cjs' });
  const scoresOf = (output: string): number[] => {
    const script = `require(${JSON.stringify(outfile)}).classifierMetric('m', ${JSON.stringify({ type: 'classifier', directory, label: 'GOOD', output, input: 'continuation' })}).then((measure) => measure(${JSON.stringify(texts.map((text) => ({ prompt: '', text })))})).then((scores) => console.log(JSON.stringify(scores)))`;
    return JSON.parse(execFileSync(process.execPath, ['-e', script], { encoding: 'utf8' })) as number[];
  };
  scoresOf('logit').forEach((score, k) => expect(score).toBeCloseTo(logits[k]![1], 4));
  scoresOf('probability').forEach((score, k) => expect(score).toBeCloseTo(1 / (1 + Math.exp(logits[k]![0] - logits[k]![1])), 4));
  await rm(root, { recursive: true });
});

test('a classifier without its package, or without its model, says what to do', async () => {
  await expect(classifierMetric('m', { type: 'classifier', directory: '/nonexistent/model', output: 'probability', input: 'both' })).rejects.toThrow(/npm install @huggingface\/transformers|cannot be opened/);
});
