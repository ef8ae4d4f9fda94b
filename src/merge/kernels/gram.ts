import { compileKernels } from './simd';

interface Exports {
  readonly memory: WebAssembly.Memory;
  freeFrom(): number;
  addGram(vectors: number, count: number, length: number, sums: number): void;
}

/** Dot products of every pair of vectors, [count, count], row-major. */
export interface Gram {
  readonly count: number;
  readonly values: Float64Array;
}

/** Elements of each vector that are multiplied at once: those of a hundred vectors stay in the second-level cache. */
const blockElements = 256;
const pageBytes = 65536;

let kernels: Exports | null = null;

/** The Gram matrix of vectors of one length, in float64; blocks of 256 elements are summed for themselves. */
export function gramOf(vectors: readonly Float64Array[]): Gram {
  kernels ??= new WebAssembly.Instance(compileKernels(), { env: {} }).exports as unknown as Exports;
  const { memory } = kernels;
  const count = Math.ceil(vectors.length / 4) * 4;
  const length = vectors[0]?.length ?? 0;
  const sumsAt = Math.ceil(kernels.freeFrom() / 16) * 16;
  const vectorsAt = sumsAt + 8 * count * count;
  const missing = vectorsAt + 8 * count * blockElements - memory.buffer.byteLength;
  if (missing > 0) memory.grow(Math.ceil(missing / pageBytes));
  const sums = new Float64Array(memory.buffer, sumsAt, count * count).fill(0);
  for (let start = 0; start < length; start += blockElements) {
    const size = Math.min(blockElements, length - start);
    const padded = size + (size % 2);
    const block = new Float64Array(memory.buffer, vectorsAt, count * padded).fill(0);
    for (const [i, vector] of vectors.entries()) block.set(vector.subarray(start, start + size), i * padded);
    kernels.addGram(vectorsAt, count, padded, sumsAt);
  }
  const values = new Float64Array(vectors.length ** 2);
  for (let i = 0; i < vectors.length; i++) for (let j = i; j < vectors.length; j++) values[i * vectors.length + j] = values[j * vectors.length + i] = sums[i * count + j];
  return { count: vectors.length, values };
}
