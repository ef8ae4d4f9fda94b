import type { Scalar, Variable } from '@tensorflow/tfjs';
import path from 'node:path';
import { openBackend, type Tf } from '../../../../../src/trainer/backend/backend';
import type { LanguageModel, TokenBatch, Trainable } from '../../../../../src/trainer/models/language-model';
import { openLanguageModel } from '../../../../../src/trainer/models/language/open';
import { RandomStream } from '../../../../../src/trainer/random';
import { modelDirectory, readBatch } from './fixtures';

const cases: readonly (readonly [string, Trainable])[] = [
  ['gpt2', 'full'],
  ['gpt2-untied', 'full'],
  ['llama3', 'full'],
  ['llama-linear', 'full'],
  ['qwen2', 'full'],
  ['qwen3', 'full'],
  ['gpt2', { rank: 2, alpha: 3, targets: ['c_attn', 'c_proj', 'c_fc'] }],
  ['llama3', { rank: 2, alpha: 3, targets: ['q_proj', 'k_proj', 'v_proj', 'o_proj', 'gate_proj', 'up_proj', 'down_proj'], rankStabilised: true }],
];

/** Log-probabilities and values, weighted by fixed random numbers so that no symmetry hides an error. */
function lossOf(tf: Tf, model: LanguageModel, batch: TokenBatch): Scalar {
  const random = RandomStream.of(9, 0);
  const weights = tf.tensor2d(Float32Array.from({ length: batch.tokens.length }, () => random.normal()), [batch.batch, batch.time]);
  const { logProbabilities, values } = model.score(batch);
  return tf.sum(tf.mul(weights, tf.add(logProbabilities, tf.mul(0.5, values!)))) as Scalar;
}

async function opened(backendName: 'cpu' | 'wasm', name: string, trainable: Trainable): Promise<{ tf: Tf; model: LanguageModel; batch: TokenBatch }> {
  const backend = await openBackend(backendName);
  const model = await openLanguageModel(backend, modelDirectory(name), { trainable, hasValueHead: true, seed: 4 });
  // B and the value head start at zero: that would leave half of the path untried
  for (const [index, variable] of Object.values(model.trainable).entries()) {
    const random = RandomStream.of(5, index);
    const values = variable.dataSync();
    if (values.every((value) => value === 0)) backend.tf.tidy(() => variable.assign(backend.tf.tensor(Float32Array.from(values, () => 0.3 * random.normal()), variable.shape)));
  }
  return { tf: backend.tf, model, batch: await readBatch(path.join(modelDirectory(name), 'expected.safetensors')) };
}

function gradientsOf(tf: Tf, model: LanguageModel, batch: TokenBatch): Map<string, Float32Array> {
  const { value, grads } = tf.variableGrads(() => lossOf(tf, model, batch), Object.values(model.trainable));
  const gradients = new Map(Object.entries(model.trainable).map(([name, variable]) => [name, grads[variable.name]!.dataSync<'float32'>()]));
  tf.dispose([value, ...Object.values(grads)]);
  return gradients;
}

/** (L(θ + hd) − L(θ − hd)) / 2h */
function slopeAlong(tf: Tf, variable: Variable, direction: Float32Array, h: number, loss: () => Scalar): number {
  const start = Float32Array.from(variable.dataSync());
  const at = (step: number): number => tf.tidy(() => {
    variable.assign(tf.tensor(start.map((value, i) => value + step * direction[i]!), variable.shape));
    return loss().dataSync()[0]!;
  });
  const slope = (at(h) - at(-h)) / (2 * h);
  tf.tidy(() => variable.assign(tf.tensor(start, variable.shape)));
  return slope;
}

test.each(cases)('%s, trained %j: gradients on cpu are the slopes of finite differences', async (name, trainable) => {
  const { tf, model, batch } = await opened('cpu', name, trainable);
  const gradients = gradientsOf(tf, model, batch);
  for (const [index, [parameter, variable]] of Object.entries(model.trainable).entries()) {
    const random = RandomStream.of(6, index);
    const direction = Float32Array.from({ length: variable.size }, () => random.normal() / Math.sqrt(variable.size));
    const expected = slopeAlong(tf, variable, direction, 5e-3, () => lossOf(tf, model, batch));
    const found = gradients.get(parameter)!.reduce((sum, value, i) => sum + value * direction[i]!, 0);
    // float32 gives a slope of this loss to about 1e-3; curvature adds a share of its size
    expect({ parameter, isClose: Math.abs(found - expected) < 0.01 + 0.01 * Math.abs(expected), found, expected }).toEqual({ parameter, isClose: true, found, expected });
  }
  model.dispose();
});

test.each(cases)('%s, trained %j: wasm agrees with cpu', async (name, trainable) => {
  const results = [];
  for (const backendName of ['cpu', 'wasm'] as const) {
    const { tf, model, batch } = await opened(backendName, name, trainable);
    results.push(gradientsOf(tf, model, batch));
    model.dispose();
  }
  const [cpu, wasm] = results as [Map<string, Float32Array>, Map<string, Float32Array>];
  for (const [parameter, expected] of cpu) {
    const scale = Math.max(1, ...expected.map(Math.abs));
    const worst = Math.max(...wasm.get(parameter)!.map((value, i) => Math.abs(value - expected[i]!) / scale));
    expect({ parameter, isClose: worst < 1e-5, worst }).toEqual({ parameter, isClose: true, worst });
  }
});

test('only what is trained has a gradient, and an update leaves the rest alone', async () => {
  const { tf, model, batch } = await opened('wasm', 'llama3', { rank: 2, alpha: 4 });
  expect([...gradientsOf(tf, model, batch).keys()].every((name) => /lora_[AB]|value_head/.test(name))).toBe(true);
  // q, k, v and o by default: two layers of four, two factors each, and the value head's two
  expect(Object.keys(model.trainable)).toHaveLength(2 * 4 * 2 + 2);
  model.dispose();
});
