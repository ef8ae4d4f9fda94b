// Opens models that draw.py wrote, and prints by how much their logits and greedy continuations differ from transformers',
// and how far the logits of either are from transformers' in float64.
//   node compare.js DIRECTORY…       a line of JSON for each
import path from 'node:path';
import { readHeader, readTensorBytes } from '../../src/checkpoint/safetensors';
import { openBackend } from '../../src/trainer/backend/backend';
import { openLanguageModel } from '../../src/trainer/models/language/open';

async function compare(directory: string): Promise<object> {
  const file = path.join(directory, 'expected.safetensors');
  const header = await readHeader(file);
  const read = async <T>(name: string, view: new (buffer: ArrayBuffer) => T): Promise<T> => new view(new Uint8Array(await readTensorBytes(file, header, name)).buffer);
  const [batch, time, vocabulary] = header.tensors.get('logits')!.shape as [number, number, number];
  const [tokens, attention, greedy] = [await read('tokens', Int32Array), await read('attention', Int32Array), await read('greedy', Int32Array)];
  const [logits, exact, penalty] = [await read('logits', Float32Array), await read('exact', Float64Array), (await read('penalty', Float32Array))[0]!];

  const model = await openLanguageModel(await openBackend('wasm'), directory);
  const own = model.forward({ batch, time, tokens, attention }).dataSync();
  const largestDifference = (found: ArrayLike<number>, expected: ArrayLike<number>): number => {
    let largest = 0;
    // NaN stays
    for (let i = 0; i < expected.length; i++) if (attention[Math.floor(i / vocabulary)] === 1) largest = Math.max(largest, Math.abs(found[i]! - expected[i]!));
    return largest;
  };
  const prompts = Array.from({ length: batch }, (_, row) => tokens.subarray(row * time, (row + 1) * time).filter((__, t) => attention[row * time + t] === 1));
  const length = greedy.length / batch;
  const continuations = await model.generate(prompts, { maxNewTokens: length, minNewTokens: length, temperature: 0, repetitionPenalty: Math.fround(penalty) });
  const sameContinuations = continuations.filter((continuation, row) => String(continuation.tokens) === String(greedy.subarray(row * length, (row + 1) * length))).length;
  model.dispose();
  return { difference: largestDifference(own, logits), ownError: largestDifference(own, exact), theirError: largestDifference(logits, exact), continuations: batch, sameContinuations };
}

async function main(): Promise<void> {
  for (const directory of process.argv.slice(2)) {
    const result = await compare(directory).catch((error: Error) => ({ error: `${error.name}: ${error.message}` }));
    process.stdout.write(`${JSON.stringify(result)}\n`);
  }
}

void main();
