import type { TensorInfo } from '@tensorflow/tfjs';
import type { Tf } from '../backend';
import type { KernelModule } from './kernel-module';
import { currentKernel, replaceKernel } from './registry';
import { normalizeAxes, sizeOf } from './shapes';

interface Inputs {
  readonly x: TensorInfo;
}
interface Attrs {
  readonly axis: number | readonly number[] | null;
  readonly keepDims: boolean;
}

/**
 * `Sum` over leading axes (the gradient of a bias), over trailing axes and over all. tfjs's own transposes first and
 * adds in float32 one by one; sums over axes in the middle are left to it.
 */
export function installReductions(tf: Tf, module: KernelModule): void {
  const original = currentKernel<Inputs, Attrs>(tf, 'Sum');
  replaceKernel<Inputs, Attrs>(tf, 'Sum', (call) => {
    const { inputs: { x }, backend, attrs: { axis, keepDims } } = call;
    const rank = x.shape.length;
    const axes = normalizeAxes(axis, rank);
    const kept = rank - axes.length;
    const isLeading = axes.every((dimension, index) => dimension === index);
    const isTrailing = axes.every((dimension, index) => dimension === kept + index);
    if (x.dtype !== 'float32' || axes.length === 0 || !(isLeading || isTrailing)) return original(call);
    const shape = keepDims ? x.shape.map((length, dimension) => (axes.includes(dimension) ? 1 : length)) : x.shape.filter((_, dimension) => !axes.includes(dimension));
    const out = backend.makeOutput(shape, 'float32');
    const summed = sizeOf(axes.map((dimension) => x.shape[dimension]));
    if (isTrailing) module.kernels.sumColumns(module.addressOf(x), module.addressOf(out), sizeOf(shape), summed);
    else module.kernels.sumRows(module.addressOf(x), module.addressOf(out), summed, sizeOf(shape));
    return out;
  });
}
