// Times generation, and forward + backward of the whole model and of an adapter; prints one line of JSON.
//   node engine.js MODEL_DIRECTORY STEPS
import type { Scalar, Variable } from '@tensorflow/tfjs';
import { openBackend, type OpenBackend } from '../../src/trainer/backend/backend';
import type { LanguageModel, TokenBatch, Trainable } from '../../src/trainer/models/language-model';
import { openLanguageModel } from '../../src/trainer/models/language/open';

const [directory, stepsText] = process.argv.slice(2) as [string, string];
const steps = Number(stepsText);
const [rows, time, promptLength] = [16, 64, 16];

/** The same tokens in every engine. */
function tokens(count: number, vocabulary: number): Int32Array {
  let state = 1;
  return Int32Array.from({ length: count }, () => {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
    return 1 + (state >>> 8) % (vocabulary - 1);
  });
}

const median = (values: number[]): number => values.sort((a, b) => a - b)[Math.floor(values.length / 2)]!;

async function timed(count: number, work: () => Promise<void> | void): Promise<number> {
  const times: number[] = [];
  for (let i = 0; i < count; i++) {
    const start = process.cpuUsage();
    await work();
    const { user, system } = process.cpuUsage(start);
    if (i > 0) times.push((user + system) / 1000);
  }
  return median(times);
}

async function trainMs(backend: OpenBackend, trainable: Trainable, batch: TokenBatch): Promise<{ ms: number; loss: number }> {
  const { tf } = backend;
  const model: LanguageModel = await openLanguageModel(backend, directory, { trainable, seed: 1 });
  let loss = 0;
  const ms = await timed(steps, () => {
    const { value, grads } = tf.variableGrads(() => tf.neg(tf.mean(model.score(batch).logProbabilities)) as Scalar, Object.values<Variable>(model.trainable));
    loss = value.dataSync()[0]!;
    tf.dispose([value, ...Object.values(grads)]);
  });
  model.dispose();
  return { ms, loss };
}

async function main(): Promise<void> {
  const backend = await openBackend('wasm');
  const model = await openLanguageModel(backend, directory);
  const ids = tokens(rows * time, 1024);
  const prompts = Array.from({ length: rows }, (_, row) => ids.subarray(row * time, row * time + promptLength));
  const maxNewTokens = time - promptLength;
  const generationMs = await timed(Math.max(3, Math.round(steps / 4)), async () => void (await model.generate(prompts, { maxNewTokens, minNewTokens: maxNewTokens, seed: 1 })));
  const batch = { batch: rows, time, tokens: ids, attention: new Int32Array(rows * time).fill(1) };
  const full = await trainMs(backend, 'full', batch);
  const adapter = await trainMs(backend, { rank: 8, alpha: 16, targets: ['c_attn', 'c_proj', 'c_fc'] }, batch);
  process.stdout.write(`${JSON.stringify({ version: backend.tf.version_core, tokensPerSecond: (rows * maxNewTokens * 1000) / generationMs, fullMs: full.ms, adapterMs: adapter.ms, loss: full.loss })}\n`);
}

void main();
