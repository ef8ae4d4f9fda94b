import path from 'node:path';
import { openBackend } from '../../../../../src/trainer/backend/backend';
import { openLanguageModel } from '../../../../../src/trainer/models/language/open';
import { largestDifference, modelDirectory, modelNames, readBatch, readNumbers } from './fixtures';

const vocabulary = 50;

describe.each(['cpu', 'wasm'] as const)('%s', (backendName) => {
  test.each(modelNames)('%s gives the logits and log-probabilities of transformers, left padding included', async (name) => {
    const backend = await openBackend(backendName);
    const expected = path.join(modelDirectory(name), 'expected.safetensors');
    const batch = await readBatch(expected);
    const model = await openLanguageModel(backend, modelDirectory(name));
    const before = backend.tf.memory().numTensors;
    const logits = model.forward(batch);
    const { logProbabilities } = model.score(batch);
    expect(largestDifference(logits.dataSync(), await readNumbers(expected, 'logits'), (i) => batch.attention[Math.floor(i / vocabulary)] === 1)).toBeLessThan(1e-4);
    expect(largestDifference(logProbabilities.dataSync(), await readNumbers(expected, 'log_probabilities'))).toBeLessThan(1e-4);
    backend.tf.dispose([logits, logProbabilities]);
    expect(backend.tf.memory().numTensors).toBe(before);
    model.dispose();
  });
});

test.each(modelNames)('%s continues greedily as transformers does, from both prompts at once', async (name) => {
  const backend = await openBackend('cpu');
  const expected = path.join(modelDirectory(name), 'expected.safetensors');
  const { tokens } = await readBatch(expected);
  const greedy = await readNumbers(expected, 'greedy');
  const model = await openLanguageModel(backend, modelDirectory(name));
  const generations = await model.generate([tokens.subarray(4, 12), tokens.subarray(12, 24)], { maxNewTokens: 8, minNewTokens: 8, temperature: 0, repetitionPenalty: 1.3 });
  expect(generations.map((generation) => [...generation.tokens])).toEqual([0, 1].map((row) => [...greedy.subarray(row * 20 + 12, row * 20 + 20)]));
  model.dispose();
});

test.each(modelNames)('%s: log-probabilities of a generation with its cache are those of a full forward pass', async (name) => {
  const backend = await openBackend('wasm');
  const model = await openLanguageModel(backend, modelDirectory(name));
  const generations = await model.generate([[2, 3, 4], [5, 6, 7, 8, 9, 10], [11]], { maxNewTokens: 20, minNewTokens: 20, samples: 2, seed: 3 });
  for (const { prompt, tokens, logProbabilities } of generations) {
    const all = Int32Array.of(...prompt, ...tokens);
    const full = model.score({ batch: 1, time: all.length, tokens: all, attention: new Int32Array(all.length).fill(1) }).logProbabilities;
    expect(largestDifference(logProbabilities, full.dataSync().slice(prompt.length))).toBeLessThan(2e-5);
    full.dispose();
  }
  model.dispose();
});
