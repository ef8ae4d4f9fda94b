import type { TensorInfo, TypedArray } from '@tensorflow/tfjs';
import type { Tf } from '../backend';
import { copyRun } from './copy-run';
import { replaceKernel } from './registry';

/** Square blocks of this side keep both the read and the written cache lines of a transpose in the first-level cache. */
const blockSide = 16;

interface Inputs {
  readonly x: TensorInfo;
}

/** `Transpose` for any rank; tfjs's own walks element by element above rank 4 (36 ms for one attention). */
export function installTranspose(tf: Tf): void {
  replaceKernel<Inputs, { readonly perm: readonly number[] }>(tf, 'Transpose', ({ inputs: { x }, backend, attrs: { perm } }) => {
    const out = backend.makeOutput(perm.map((dimension) => x.shape[dimension]), x.dtype);
    const [source, target] = [x, out].map((tensor) => backend.typedArrayFromHeap(tensor));
    if (target.length > 0) transposeInto(source, mergeDimensions(x.shape, perm), target);
    return out;
  });
}

/** Output dimensions of a transpose, outermost first, each with the distance in the input between its neighbours. */
export interface StridedDimension {
  readonly length: number;
  readonly stride: number;
}

/**
 * Fewest output dimensions that describe a transpose: dimensions of length 1 vanish, and neighbours that stay
 * neighbours in order become one.
 */
export function mergeDimensions(shape: readonly number[], perm: readonly number[]): StridedDimension[] {
  const strides = shape.map((_, dimension) => shape.slice(dimension + 1).reduce((size, length) => size * length, 1));
  const merged: StridedDimension[] = [];
  for (const dimension of perm) {
    const [length, stride] = [shape[dimension], strides[dimension]];
    if (length === 1) continue;
    const outer = merged.at(-1);
    if (outer && outer.stride === length * stride) merged[merged.length - 1] = { length: outer.length * length, stride };
    else merged.push({ length, stride });
  }
  return merged;
}

function transposeInto(source: TypedArray, dimensions: readonly StridedDimension[], target: TypedArray): void {
  const rank = dimensions.length;
  // what merged into one dimension keeps its order
  if (rank <= 1) {
    target.set(source);
    return;
  }
  const inner = dimensions[rank - 1];
  let next = 0;
  const visit = (depth: number, from: number): void => {
    if (depth === rank - 1) {
      if (inner.stride === 1) copyRun(source, from, target, next, inner.length);
      next += inner.length;
    } else if (depth === rank - 2 && inner.stride !== 1) {
      transposeMatrix(source, from, dimensions[depth], inner, target, next);
      next += dimensions[depth].length * inner.length;
    } else {
      for (let i = 0; i < dimensions[depth].length; i++) visit(depth + 1, from + i * dimensions[depth].stride);
    }
  };
  visit(0, 0);
}

/** target[to + r * columns + c] = source[from + r * rows.stride + c * columns.stride], block by block. */
function transposeMatrix(source: TypedArray, from: number, rows: StridedDimension, columns: StridedDimension, target: TypedArray, to: number): void {
  for (let rowBlock = 0; rowBlock < rows.length; rowBlock += blockSide) {
    const rowEnd = Math.min(rows.length, rowBlock + blockSide);
    for (let columnBlock = 0; columnBlock < columns.length; columnBlock += blockSide) {
      const columnEnd = Math.min(columns.length, columnBlock + blockSide);
      for (let row = rowBlock; row < rowEnd; row++) {
        let read = from + row * rows.stride + columnBlock * columns.stride;
        for (let column = columnBlock; column < columnEnd; column++, read += columns.stride) target[to + row * columns.length + column] = source[read];
      }
    }
  }
}
