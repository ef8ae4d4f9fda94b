import type { TensorInfo, TypedArray } from '@tensorflow/tfjs';
import type { Tf } from '../backend';
import { copyRun } from './copy-run';
import type { KernelModule } from './kernel-module';
import { replaceKernel } from './registry';
import { sizeOf } from './shapes';

interface Unary {
  readonly x: TensorInfo;
}
interface Gather {
  readonly x: TensorInfo;
  readonly indices: TensorInfo;
}
interface SegmentSum {
  readonly x: TensorInfo;
  readonly segmentIds: TensorInfo;
}

/**
 * Kernels that only move values, on the heap: `GatherV2` (tfjs's own is wrong with batchDims),
 * `UnsortedSegmentSum` (missing there; the gradient of gather), `Tile` (40 ms there for one GPT step), `SplitV` (there it
 * copies the whole tensor once a part) and `Identity` (there a copy, of everything that is kept for a gradient).
 */
export function installDataMovement(tf: Tf, module: KernelModule): void {
  installGather(tf, module);
  installSegmentSum(tf, module);
  installTile(tf);
  installSplit(tf);
  installIdentity(tf);
}

/** out[b, o, i, s] = x[b, o, indices[b, i], s], with b the batch dimensions, o those before `axis`, s those after it. */
function installGather(tf: Tf, { kernels, addressOf }: KernelModule): void {
  replaceKernel<Gather, { readonly axis: number; readonly batchDims?: number }>(tf, 'GatherV2', ({ inputs: { x, indices }, backend, attrs: { axis, batchDims } }) => {
    const dimension = tf.util.parseAxisParam(axis, x.shape)[0];
    const { batchSize, outerSize, dimSize, sliceSize, outputShape } = tf.backend_util.segment_util.collectGatherOpShapeInfo(x as never, indices as never, dimension, batchDims ?? 0);
    const out = backend.makeOutput(outputShape, x.dtype);
    const [source, chosen, target] = [x, indices, out].map((tensor) => backend.typedArrayFromHeap(tensor));
    const outside = chosen.find((index) => !(index >= 0 && index < dimSize));
    if (outside !== undefined) throw new Error(`GatherV2: the index value ${outside} is not in [0, ${dimSize - 1}]`);
    if (x.dtype === 'float32' && indices.dtype === 'int32' && batchSize * outerSize === 1) {
      kernels.gatherRows(addressOf(x), addressOf(indices), addressOf(out), chosen.length, sliceSize);
      return out;
    }
    const perBatch = chosen.length / (batchSize || 1);
    let next = 0;
    for (let batch = 0; batch < batchSize; batch++) {
      for (let outer = 0; outer < outerSize; outer++) {
        const start = (batch * outerSize + outer) * dimSize;
        for (let i = batch * perBatch; i < (batch + 1) * perBatch; i++) {
          copyRun(source, (start + chosen[i]) * sliceSize, target, next, sliceSize);
          next += sliceSize;
        }
      }
    }
    return out;
  });
}

/** out[k, …] = Σ of the x[i, …] with segmentIds[i] = k; other ids are dropped. */
function installSegmentSum(tf: Tf, { kernels, addressOf }: KernelModule): void {
  replaceKernel<SegmentSum, { readonly numSegments: number }>(tf, 'UnsortedSegmentSum', ({ inputs: { x, segmentIds }, backend, attrs: { numSegments } }) => {
    const out = backend.makeOutput([numSegments, ...x.shape.slice(segmentIds.shape.length)], x.dtype);
    const [source, ids, target] = [x, segmentIds, out].map((tensor) => backend.typedArrayFromHeap(tensor));
    target.fill(0);
    const width = ids.length > 0 ? source.length / ids.length : 0;
    if (x.dtype === 'float32' && segmentIds.dtype === 'int32' && ids.every((id) => id >= 0 && id < numSegments)) {
      kernels.addRowsAt(addressOf(x), addressOf(segmentIds), addressOf(out), ids.length, width);
      return out;
    }
    for (let i = 0; i < ids.length; i++) {
      const id = ids[i];
      if (id < 0 || id >= numSegments) continue;
      for (let j = 0; j < width; j++) target[id * width + j] += source[i * width + j];
    }
    return out;
  });
}

/** Parts of x along an axis, of given sizes or of a given number. */
function installSplit(tf: Tf): void {
  replaceKernel<Unary, { readonly numOrSizeSplits: number | number[]; readonly axis: number }>(tf, 'SplitV', ({ inputs: { x }, backend, attrs: { numOrSizeSplits, axis } }) => {
    const dimension = tf.util.parseAxisParam(axis, x.shape)[0];
    const sizes = tf.backend_util.prepareSplitSize(x as never, numOrSizeSplits, dimension);
    const inner = sizeOf(x.shape.slice(dimension + 1));
    const outer = sizeOf(x.shape.slice(0, dimension));
    const outputs = sizes.map((size) => backend.makeOutput(x.shape.map((length, index) => (index === dimension ? size : length)), x.dtype));
    const [source, ...targets] = [x, ...outputs].map((tensor) => backend.typedArrayFromHeap(tensor));
    let next = 0;
    for (let block = 0; block < outer; block++) {
      sizes.forEach((size, part) => {
        copyRun(source, next, targets[part], block * size * inner, size * inner);
        next += size * inner;
      });
    }
    return outputs;
  });
}

/** The same values under another tensor: tensors never change, so a clone shares their memory as a reshape does. */
function installIdentity(tf: Tf): void {
  replaceKernel<Unary, object>(tf, 'Identity', ({ inputs: { x }, backend }) => {
    backend.incRef(x.dataId);
    return { dataId: x.dataId, shape: x.shape, dtype: x.dtype };
  });
}

/** x repeated reps[d] times along each dimension d. */
function installTile(tf: Tf): void {
  replaceKernel<Unary, { readonly reps: readonly number[] }>(tf, 'Tile', ({ inputs: { x }, backend, attrs: { reps } }) => {
    const shape = x.shape.map((length, dimension) => length * reps[dimension]);
    const out = backend.makeOutput(shape, x.dtype);
    const target = backend.typedArrayFromHeap(out);
    if (target.length > 0) tileInto(backend.typedArrayFromHeap(x), x.shape, reps, target);
    return out;
  });
}

/**
 * Copies x once, spread out as its first copy lies in the tiled result, then doubles up innermost dimension first:
 * by the time dimension d is repeated, everything inside it is complete.
 */
function tileInto(source: TypedArray, shape: readonly number[], reps: readonly number[], target: TypedArray): void {
  const rank = shape.length;
  const tiled = shape.map((length, dimension) => length * reps[dimension]);
  if (rank === 0) {
    target[0] = source[0];
    return;
  }
  const visit = (dimension: number, from: number, to: number): void => {
    const [fromStride, toStride] = [sizeOf(shape.slice(dimension + 1)), sizeOf(tiled.slice(dimension + 1))];
    if (dimension === rank - 1) copyRun(source, from, target, to, shape[dimension]);
    else for (let i = 0; i < shape[dimension]; i++) visit(dimension + 1, from + i * fromStride, to + i * toStride);
    const block = shape[dimension] * toStride;
    if (block === 1) target.fill(target[to], to, to + reps[dimension]);
    else for (let copy = 1; copy < reps[dimension]; copy++) target.copyWithin(to + copy * block, to, to + block);
  };
  visit(0, 0, 0);
}
