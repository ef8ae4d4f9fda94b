import type { Scalar } from '@tensorflow/tfjs';
import path from 'node:path';
import { openBackend } from '../../../../../src/trainer/backend/backend';
import type { Trainable } from '../../../../../src/trainer/models/language-model';
import { openLanguageModel } from '../../../../../src/trainer/models/language/open';
import { tokenBatch } from '../../../../../src/trainer/tasks/text/token-batch';
import { modelDirectory, readBatch } from './fixtures';

const everyLinear = ['q_proj', 'k_proj', 'v_proj', 'o_proj', 'gate_proj', 'up_proj', 'down_proj'];

test.each<readonly [string, 'wasm' | 'cpu', Trainable]>([
  ['gpt2', 'wasm', 'full'],
  ['qwen3', 'wasm', 'full'],
  ['llama3', 'wasm', { rank: 2, alpha: 3, dropout: 0.2, targets: everyLinear }],
  ['qwen2', 'wasm', { rank: 2, alpha: 3 }],
  ['llama3', 'cpu', { rank: 2, alpha: 3 }],
])('%s on %s, trained %j: the gradients of a recomputed pass are those of a kept one, and less is kept for them', async (name, backendName, trainable) => {
  const backend = await openBackend(backendName);
  const { tf } = backend;
  const padded = await readBatch(path.join(modelDirectory(name), 'expected.safetensors'));
  // shared prompts: the layers see fewer rows than the batch has tokens
  const shared = tokenBatch([[5, 6], [7, 8, 9], [10]].map((tokens) => ({ prompt: Int32Array.of(2, 3, 4), tokens: Int32Array.from(tokens) })));
  const run = async (gradientCheckpointing: boolean) => {
    const before = tf.memory().numTensors;
    const model = await openLanguageModel(backend, modelDirectory(name), { trainable, hasValueHead: true, seed: 4, gradientCheckpointing });
    let keptBytes = 0;
    const gradients = [padded, shared].map((batch) => {
      const start = tf.memory().numBytes;
      const { value, grads } = tf.variableGrads(() => {
        const { logProbabilities, values } = model.score(batch, undefined, 11);
        keptBytes = tf.memory().numBytes - start;
        return tf.add(tf.sum(tf.square(logProbabilities)), tf.sum(values!)) as Scalar;
      }, Object.values(model.trainable));
      const result = [value, ...Object.values(model.trainable).map((variable) => grads[variable.name]!)].map((tensor) => Float32Array.from(tensor.dataSync()));
      tf.dispose([value, grads]);
      return result;
    });
    model.dispose();
    expect(tf.memory().numTensors).toBe(before);
    return { gradients, keptBytes };
  };
  const [kept, recomputed] = [await run(false), await run(true)];
  expect(recomputed.gradients).toEqual(kept.gradients);
  expect(kept.gradients.flat().every((values) => values.every(Number.isFinite))).toBe(true);
  expect(recomputed.keptBytes).toBeLessThan(0.7 * kept.keptBytes);
});
