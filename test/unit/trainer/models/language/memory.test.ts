import type { Scalar } from '@tensorflow/tfjs';
import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import path from 'node:path';
import { openBackend } from '../../../../../src/trainer/backend/backend';
import { FusedAdam } from '../../../../../src/trainer/backend/fused-adam';
import type { Trainable } from '../../../../../src/trainer/models/language-model';
import { openLanguageModel } from '../../../../../src/trainer/models/language/open';
import { modelDirectory, readBatch } from './fixtures';

test.each([['gpt2', 'full'], ['qwen3', { rank: 2, alpha: 2, dropout: 0.1 }]] as readonly (readonly [string, Trainable])[])('%s, trained %j: tensors and heap stay flat over 200 steps of generating, scoring and training', async (name, trainable) => {
  const { tf } = await openBackend('wasm');
  const before = tf.memory().numTensors;
  const model = await openLanguageModel(await openBackend('wasm'), modelDirectory(name), { trainable, hasValueHead: true });
  const batch = await readBatch(path.join(modelDirectory(name), 'expected.safetensors'));
  const optimizer = new FusedAdam(tf, model.trainable, { learningRate: 1e-3, maxGradientNorm: 1 });
  const heapBytes = (): number => ((tf.backend() as BackendWasm).wasm as unknown as { readonly HEAPU8: Uint8Array }).HEAPU8.byteLength;
  const step = async (seed: number): Promise<void> => {
    await model.generate([[2, 3], [4]], { maxNewTokens: 4, samples: 2, seed });
    const reference = model.referenceLogProbabilities(batch);
    optimizer.minimize(() => {
      const { logProbabilities, values } = model.score(batch, undefined, seed);
      return tf.mean(tf.add(tf.square(tf.sub(logProbabilities, reference)), tf.square(tf.sub(values!, 1)))) as Scalar;
    });
    reference.dispose();
  };
  for (let i = 0; i < 10; i++) await step(i);
  const usage = (): object => ({ tensors: tf.memory().numTensors, bytes: tf.memory().numBytes, dataIds: tf.backend().numDataIds(), heap: heapBytes() });
  const settled = usage();
  for (let i = 10; i < 210; i++) await step(i);
  expect(usage()).toEqual(settled);
  optimizer.dispose();
  model.dispose();
  expect(tf.memory().numTensors).toBe(before);
});
