import type { BlendKernel, ChunkPart, ChunkStatistics } from '../kernels/kernel';

/** A way to merge, elementwise over chunks. Adding one is a file here and a line in `registry.ts`. */
export interface MergeMethod {
  readonly name: string;
  readonly description: string;
  /** The soup's values of one chunk, from every expert's values of the same chunk and λ in the same order. */
  mergeChunk(kernel: BlendKernel, inputs: readonly ChunkPart[], weights: readonly number[], out: ChunkPart): ChunkStatistics;
}
