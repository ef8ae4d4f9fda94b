import path from 'node:path';
import { readHeader, readTensorBytes } from '../../../../../src/checkpoint/safetensors';
import type { TokenBatch } from '../../../../../src/trainer/models/language-model';

export const fixtures = path.join(__dirname, '../../../../fixtures/text');
export const modelNames = ['gpt2', 'gpt2-untied', 'llama', 'llama3', 'llama-linear', 'llama-yarn', 'llama-dynamic', 'mistral', 'qwen2', 'qwen3'] as const;

export function modelDirectory(name: string): string {
  return path.join(fixtures, 'models', name);
}

/** A tensor of a fixture, as numbers; the file holds F32 and I32. */
export async function readNumbers(file: string, name: string): Promise<Float32Array | Int32Array> {
  const header = await readHeader(file);
  const bytes = await readTensorBytes(file, header, name);
  const buffer = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
  return header.tensors.get(name)!.dtype === 'I32' ? new Int32Array(buffer) : new Float32Array(buffer);
}

/** The batch that a fixture's logits were computed for: [2, 12], row 0 left padded by 4. */
export async function readBatch(file: string): Promise<TokenBatch> {
  return { batch: 2, time: 12, tokens: (await readNumbers(file, 'tokens')) as Int32Array, attention: (await readNumbers(file, 'attention')) as Int32Array };
}

/** Largest distance of two arrays, over the places that `where` marks; NaN where one is NaN alone. */
export function largestDifference(found: ArrayLike<number>, expected: ArrayLike<number>, where?: (index: number) => boolean): number {
  if (found.length !== expected.length) throw new Error(`lengths differ: ${found.length} and ${expected.length}`);
  let largest = 0;
  for (let i = 0; i < found.length; i++) {
    if (where && !where(i)) continue;
    const difference = Math.abs(found[i]! - expected[i]!);
    largest = difference <= largest ? largest : difference;
  }
  return largest;
}
