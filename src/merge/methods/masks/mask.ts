import type { VectorMath } from '../../kernels/vector-math';

/**
 * Which elements of one task vector are kept: what a method prunes, apart from the arithmetic that follows. Every pass
 * gets the chunks of the whole tensor in the order of the elements, from the first one on.
 */
export interface Mask {
  /** what has to be known of the whole task vector first */
  readonly passes: readonly MaskPass[];
  /** chunks are made of whole rows (the last dimension) */
  readonly needsWholeRows?: boolean;
  /** Fills `keep`, [n], with 1 where the element stays and 0 where not. `delta` is not changed. */
  mark(delta: Float32Array, start: number, keep: Uint8Array): void;
  /** The same in place and in SIMD: what is not kept becomes zero. Masks without it are marked. */
  prune?(delta: Float32Array, start: number, vectors: VectorMath): void;
}

export interface MaskPass {
  add(delta: Float32Array, start: number, vectors: VectorMath | null): void;
  finish?(): void;
}

export const keepAll: Mask = { passes: [], mark: (_delta, _start, keep) => void keep.fill(1), prune: () => undefined };
export const keepNone: Mask = { passes: [], mark: (_delta, _start, keep) => void keep.fill(0), prune: (delta) => void delta.fill(0) };

/** Scratch that grows to the largest chunk, so that a pass allocates once. */
export function keyScratch(): (length: number) => Uint32Array {
  let keys = new Uint32Array(0);
  return (length) => {
    if (keys.length < length) keys = new Uint32Array(length);
    return keys;
  };
}
