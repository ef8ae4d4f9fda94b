// Trains an adapter for a few steps on a model of the fixtures, and writes it with the logits that it gives here.
//   node train.js MODEL_DIRECTORY OUTPUT_DIRECTORY
import type { Scalar } from '@tensorflow/tfjs';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { openBackend } from '../../src/trainer/backend/backend';
import { FusedAdam } from '../../src/trainer/backend/fused-adam';
import { openLanguageModel } from '../../src/trainer/models/language/open';

async function main(base: string, directory: string): Promise<void> {
  const backend = await openBackend('wasm');
  const { tf } = backend;
  const model = await openLanguageModel(backend, base, { trainable: { rank: 3, alpha: 5, rankStabilised: true }, seed: 2 });
  const tokens = Array.from({ length: 2 }, (_, row) => Array.from({ length: 12 }, (__, t) => 2 + ((7 * t + 13 * row) % 48)));
  const batch = { batch: 2, time: 12, tokens: Int32Array.from(tokens.flat()), attention: new Int32Array(24).fill(1) };
  const optimizer = new FusedAdam(tf, model.trainable, { learningRate: 0.05 });
  for (let step = 0; step < 8; step++) optimizer.minimize(() => tf.neg(tf.mean(model.score(batch).logProbabilities)) as Scalar);
  await model.save(directory);
  writeFileSync(path.join(directory, 'expected.json'), JSON.stringify({ base, tokens, logits: model.forward(batch).arraySync() }));
}

void main(process.argv[2]!, process.argv[3]!);
