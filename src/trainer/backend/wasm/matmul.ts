import type { TensorInfo } from '@tensorflow/tfjs';
import type { Tf } from '../backend';
import { cpuKernel } from './fallback';
import type { KernelModule } from './kernel-module';
import { replaceKernel } from './registry';
import { broadcastIndices, broadcastShape, sizeOf } from './shapes';

interface Inputs {
  readonly a: TensorInfo;
  readonly b: TensorInfo;
}
interface Attrs {
  readonly transposeA: boolean;
  readonly transposeB: boolean;
}

/** Rows of B that are packed at a time: 256 × 8 floats, one panel, fill a quarter of a 32 KB first-level cache. */
const maxDepthBlock = 256;

/**
 * `BatchMatMul` for every transposition and batch broadcast. tfjs's own is fast only untransposed and unbatched, while
 * every gradient of a dense layer needs a transposed product. Other dtypes than float32 go to the cpu kernel: tfjs's
 * own throws on them.
 */
export function installMatMul(tf: Tf, module: KernelModule): void {
  const exact = cpuKernel<Inputs, Attrs>(tf, 'BatchMatMul');
  replaceKernel<Inputs, Attrs>(tf, 'BatchMatMul', (call) => {
    const { inputs: { a, b }, backend, attrs: { transposeA, transposeB } } = call;
    if (a.dtype !== 'float32' || b.dtype !== 'float32') return exact(call);
    const [heightA, widthA] = a.shape.slice(-2);
    const [heightB, widthB] = b.shape.slice(-2);
    const [rows, depth] = transposeA ? [widthA, heightA] : [heightA, widthA];
    const [depthB, columns] = transposeB ? [widthB, heightB] : [heightB, widthB];
    const [batchA, batchB] = [a.shape.slice(0, -2), b.shape.slice(0, -2)];
    const batch = broadcastShape(batchA, batchB);
    // the cpu kernel words the error
    if (depth !== depthB || !batch) return exact(call);
    const out = backend.makeOutput([...batch, rows, columns], 'float32');
    if (sizeOf(out.shape) === 0) return out;
    if (depth === 0) {
      backend.typedArrayFromHeap(out).fill(0);
      return out;
    }
    const product: Product = {
      rows, columns, depth,
      stridesA: transposeA ? [1, rows] : [depth, 1],
      stridesB: transposeB ? [1, depth] : [columns, 1],
    };
    // one B for a whole batch of untransposed A is a single taller product
    const isOneProduct = sizeOf(batchB) === 1 && !transposeA;
    if (isOneProduct) multiply(module, { ...product, rows: rows * sizeOf(batch) }, a, b, out, [0], [0]);
    else multiply(module, product, a, b, out, broadcastIndices(batchA, batch), broadcastIndices(batchB, batch));
    return out;
  });
}

interface Product {
  readonly rows: number;
  readonly columns: number;
  readonly depth: number;
  /** floats between rows and between columns */
  readonly stridesA: readonly [number, number];
  readonly stridesB: readonly [number, number];
}

/** Output matrix i is matrix `indicesA[i]` of a times matrix `indicesB[i]` of b. */
function multiply(module: KernelModule, product: Product, a: TensorInfo, b: TensorInfo, out: TensorInfo, indicesA: readonly number[], indicesB: readonly number[]): void {
  const { rows, columns, depth, stridesA, stridesB } = product;
  const depthBlock = Math.min(depth, maxDepthBlock);
  const scratch = module.scratch(4 * module.kernels.gemmScratchFloats(columns, depthBlock));
  const [addressA, addressB, addressOut] = [module.addressOf(a), module.addressOf(b), module.addressOf(out)];
  for (let i = 0; i < indicesA.length; i++) {
    module.kernels.gemm(
      addressA + 4 * indicesA[i] * rows * depth, ...stridesA,
      addressB + 4 * indicesB[i] * depth * columns, ...stridesB,
      addressOut + 4 * i * rows * columns, columns, rows, columns, depth,
      scratch, depthBlock, false,
    );
  }
}
