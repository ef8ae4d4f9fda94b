import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import type { NamedAttrMap, TensorInfo } from '@tensorflow/tfjs';
import type { Tf } from '../backend';

/** What a kernel of the wasm backend is called with; inputs and attributes are as tfjs names them. */
export interface KernelCall<Inputs, Attrs = NamedAttrMap> {
  readonly inputs: Inputs;
  readonly backend: BackendWasm;
  readonly attrs: Attrs;
}
export type Kernel<Inputs, Attrs> = (call: KernelCall<Inputs, Attrs>) => TensorInfo | TensorInfo[];

/** Puts a kernel in place of the one that the wasm backend has under this name, if any. */
export function replaceKernel<Inputs, Attrs>(tf: Tf, kernelName: string, kernel: Kernel<Inputs, Attrs>): void {
  if (tf.getKernel(kernelName, 'wasm')) tf.unregisterKernel(kernelName, 'wasm');
  tf.registerKernel({ kernelName, backendName: 'wasm', kernelFunc: kernel as never });
}

/** The kernel that the wasm backend has now: what a replacement leaves its rare cases to. */
export function currentKernel<Inputs, Attrs>(tf: Tf, kernelName: string): Kernel<Inputs, Attrs> {
  const config = tf.getKernel(kernelName, 'wasm');
  if (!config) throw new Error(`the wasm backend of tfjs has no kernel ${kernelName}`);
  return config.kernelFunc as unknown as Kernel<Inputs, Attrs>;
}
