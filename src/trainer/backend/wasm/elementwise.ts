import type { TensorInfo } from '@tensorflow/tfjs';
import type { Tf } from '../backend';
import type { KernelModule } from './kernel-module';
import { currentKernel, replaceKernel } from './registry';
import { sizeOf } from './shapes';

interface Inputs {
  readonly x: TensorInfo;
}

/** tanh and exp, four lanes at a time; tfjs's own call the C library once an element. */
export function installElementwise(tf: Tf, module: KernelModule): void {
  const kernels = { Tanh: module.kernels.tanh, Exp: module.kernels.exp };
  for (const [name, kernel] of Object.entries(kernels)) {
    const original = currentKernel<Inputs, object>(tf, name);
    replaceKernel<Inputs, object>(tf, name, (call) => {
      const { inputs: { x }, backend } = call;
      if (x.dtype !== 'float32') return original(call);
      const out = backend.makeOutput(x.shape, 'float32');
      kernel(module.addressOf(x), module.addressOf(out), sizeOf(x.shape));
      return out;
    });
  }
}
