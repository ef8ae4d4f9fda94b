import fc from 'fast-check';
import type { Scalar, Tensor } from '@tensorflow/tfjs';
import { openBackend } from '../../../../../src/trainer/backend/backend';
import { distinctRows } from '../../../../../src/trainer/models/language/distinct-rows';
import type { TokenBatch } from '../../../../../src/trainer/models/language-model';
import { openLanguageModel } from '../../../../../src/trainer/models/language/open';
import { tokenBatch } from '../../../../../src/trainer/tasks/text/token-batch';
import { largestDifference, modelDirectory } from './fixtures';

const batches = fc.record({ batch: fc.integer({ min: 1, max: 5 }), time: fc.integer({ min: 1, max: 6 }) }).chain(({ batch, time }) => {
  const size = { minLength: batch * time, maxLength: batch * time };
  return fc.record({ tokens: fc.array(fc.integer({ min: 0, max: 2 }), size), attention: fc.array(fc.integer({ min: 0, max: 1 }), size) })
    .map(({ tokens, attention }): TokenBatch => ({ batch, time, tokens: Int32Array.from(tokens), attention: Int32Array.from(attention) }));
});

/** The real tokens of a sequence up to and with this one. */
function prefix({ time, tokens, attention }: TokenBatch, at: number): number[] {
  const start = at - (at % time);
  return Array.from({ length: at - start + 1 }, (_, t) => start + t).filter((t) => attention[t]).map((t) => tokens[t]!);
}

test('tokens share a row exactly where the real tokens up to them are the same; padding has none', () => {
  fc.assert(fc.property(batches, (batch) => {
    const { first, positions, rowOf } = distinctRows(batch, true);
    const real = [...batch.attention.keys()].filter((at) => batch.attention[at]);
    const texts = real.map((at) => prefix(batch, at).join());
    expect(first.length).toBe(Math.max(1, new Set(texts).size));
    real.forEach((at, i) => real.forEach((other, j) => expect(rowOf[at] === rowOf[other]).toBe(texts[i] === texts[j])));
    real.forEach((at) => {
      expect(prefix(batch, first[rowOf[at]!]!)).toEqual(prefix(batch, at));
      expect(positions[rowOf[at]!]).toBe(prefix(batch, at).length - 1);
    });
    expect(distinctRows(batch, false).first).toEqual(real.length > 0 ? Int32Array.from(real) : new Int32Array(1));
  }));
});

test.each([['gpt2', 'wasm'], ['qwen3', 'wasm'], ['llama3', 'cpu']] as const)('%s on %s: a batch with shared prompts and padding scores, and learns, as its sequences one by one', async (name, backendName) => {
  const backend = await openBackend(backendName);
  const { tf } = backend;
  const model = await openLanguageModel(backend, modelDirectory(name), { trainable: 'full' });
  const prompts = [[2, 3, 4], [2, 3, 4], [2, 9], [2, 3, 4]];
  const sequences = [[5, 6], [5, 7, 8], [11], [12, 2, 3, 4]].map((tokens, i) => ({ prompt: Int32Array.from(prompts[i]!), tokens: Int32Array.from(tokens) }));
  const weights = [1, -0.5, 2, 0.3];
  const run = (chosen: readonly number[]) => {
    const rows = tokenBatch(chosen.map((i) => sequences[i]!));
    const { value, grads } = tf.variableGrads(() => tf.sum(tf.mul(tf.tensor1d(chosen.map((i) => weights[i]!)), tf.sum(model.score(rows, rows.scored).logProbabilities, 1))) as Scalar);
    const gradients = Object.values(model.trainable).map((variable) => Float32Array.from((grads[variable.name] as Tensor).dataSync()));
    const loss = value.dataSync()[0]!;
    tf.dispose([value, grads]);
    return { loss, gradients };
  };
  const together = run([0, 1, 2, 3]);
  const alone = [0, 1, 2, 3].map((i) => run([i]));
  expect(together.loss).toBeCloseTo(alone.reduce((sum, { loss }) => sum + loss, 0), 4);
  together.gradients.forEach((gradient, k) => {
    const sum = gradient.map((_, i) => alone.reduce((total, { gradients }) => total + gradients[k]![i]!, 0));
    const scale = Math.max(1, ...sum.map(Math.abs));
    expect(largestDifference(gradient, sum) / scale).toBeLessThan(1e-5);
  });
  model.dispose();
});
