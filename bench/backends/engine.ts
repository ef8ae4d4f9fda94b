// Losses of every algorithm, and their gradients, on one backend; prints one line of JSON.
//   node engine.js BACKEND FIXTURE…            each a directory with a model and expected.safetensors
import type { Scalar, Tensor } from '@tensorflow/tfjs';
import path from 'node:path';
import { readHeader, readTensorBytes } from '../../src/checkpoint/safetensors';
import { grpoLoss } from '../../src/trainer/algorithms/grpo';
import { ppoLoss } from '../../src/trainer/algorithms/ppo-kl';
import { reinforceLoss } from '../../src/trainer/algorithms/rloo';
import { openBackend, type Tf } from '../../src/trainer/backend/backend';
import type { BackendName } from '../../src/experiment/schema';
import type { LanguageModel, TokenBatch, Trainable } from '../../src/trainer/models/language-model';
import { openLanguageModel } from '../../src/trainer/models/language/open';
import { RandomStream } from '../../src/trainer/random';

type Loss = (tf: Tf, model: LanguageModel, batch: TokenBatch) => Tensor;

/** Fixed numbers that stand for what a rollout would have given. */
function noise(tf: Tf, stream: number, shape: number[], scale = 0.3): Tensor {
  const random = RandomStream.of(3, stream);
  return tf.tensor(Float32Array.from({ length: shape.reduce((size, length) => size * length) }, () => scale * random.normal()), shape);
}

/** About what a model of random weights gives to one of 50 tokens. */
const guess = Math.log(1 / 50);
const nearby = (tf: Tf, stream: number, shape: number[]): Tensor => tf.add(noise(tf, stream, shape), guess);

const losses: Readonly<Record<string, Loss>> = {
  sft: (tf, model, batch) => tf.neg(tf.mean(model.score(batch).logProbabilities)),
  rloo: (tf, model, batch) => reinforceLoss(tf, model.score(batch).logProbabilities, noise(tf, 0, [batch.batch], 1), batch.batch),
  grpo: (tf, model, batch) => {
    const shape = [batch.batch, batch.time];
    const { policy, kl } = grpoLoss(tf, model.score(batch).logProbabilities, { old: nearby(tf, 1, shape), reference: nearby(tf, 2, shape), advantages: noise(tf, 3, [batch.batch], 1), mask: maskOf(tf, batch) }, 0.2, batch.batch);
    return tf.add(policy, kl);
  },
  'ppo-kl': (tf, model, batch) => {
    const shape = [batch.batch, batch.time];
    const { logProbabilities, values } = model.score(batch);
    const { policy, value } = ppoLoss(tf, logProbabilities, values!, { old: nearby(tf, 4, shape), oldValues: noise(tf, 5, shape), advantages: noise(tf, 6, shape, 1), returns: noise(tf, 7, shape, 1), mask: maskOf(tf, batch) }, { clip: 0.2, valueClip: 0.2 });
    return tf.add(policy, tf.mul(0.1, value));
  },
};

const maskOf = (tf: Tf, { batch, time, attention }: TokenBatch): Tensor => tf.tensor(Float32Array.from(attention), [batch, time]);

async function batchOf(directory: string): Promise<TokenBatch> {
  const file = path.join(directory, 'expected.safetensors');
  const header = await readHeader(file);
  const integers = async (name: string) => new Int32Array((await readTensorBytes(file, header, name)).slice().buffer);
  return { batch: 2, time: 12, tokens: await integers('tokens'), attention: await integers('attention') };
}

async function main([backendName, ...directories]: readonly string[]): Promise<void> {
  const backend = await openBackend(backendName as BackendName);
  const { tf } = backend;
  const results: { readonly model: string; readonly loss: string; readonly value: number; readonly gradients: number[] }[] = [];
  for (const directory of directories) {
    const isTrainedWhole = path.basename(directory) === 'gpt2';
    const trainable: Trainable = isTrainedWhole ? 'full' : { rank: 2, alpha: 4 };
    const model = await openLanguageModel(backend, directory, { trainable, hasValueHead: true, seed: 4 });
    for (const [name, lossOf] of Object.entries(losses)) {
      const batch = await batchOf(directory);
      const { value, grads } = tf.variableGrads(() => lossOf(tf, model, batch) as Scalar, Object.values(model.trainable));
      const gradients: number[] = [];
      for (const variable of Object.values(model.trainable)) gradients.push(...((await grads[variable.name]?.data()) ?? new Float32Array(variable.size)));
      results.push({ model: path.basename(directory), loss: name, value: (await value.data())[0]!, gradients });
    }
  }
  const line = `${JSON.stringify({ device: backend.device, results })}\n`;
  await new Promise((written) => process.stdout.write(line, written));
  // Dawn keeps its threads
  process.exit(0);
}

void main(process.argv.slice(2));
