import type { TypedArray } from '@tensorflow/tfjs';

/** Copies `length` values; a loop for short runs, as `subarray` and `set` cost about as much as 32 elements. */
export function copyRun(source: TypedArray, from: number, target: TypedArray, to: number, length: number): void {
  if (length > 32) target.set(source.subarray(from, from + length), to);
  else for (let i = 0; i < length; i++) target[to + i] = source[from + i];
}
