import type { Tensor } from '@tensorflow/tfjs';
import type { Tf } from '../../../backend/backend';
import { languageKernels } from '../../../backend/language-kernels';

export type LanguageKernel = keyof typeof languageKernels;

/** Whether the active backend has this kernel; elsewhere an op is composed. */
export function hasKernel(tf: Tf, kernel: LanguageKernel): boolean {
  return tf.getKernel(languageKernels[kernel], tf.getBackend()) !== undefined;
}

/** Runs a kernel without a gradient of its own: inside `customGrad`. */
export function runKernel(tf: Tf, kernel: LanguageKernel, inputs: Readonly<Record<string, Tensor>>, attributes: object = {}): Tensor[] {
  return [tf.engine().runKernel(languageKernels[kernel], inputs as never, attributes as never) as Tensor | Tensor[]].flat();
}

/** What `customGrad` hands to its function to keep tensors for the gradient. */
type Save = (tensors: Tensor[]) => void;
type Gradient = (dy: Tensor, saved: Tensor[]) => Tensor[];

/** `tf.customGrad` with types: the value, what is kept, and the gradients of every input from those. */
export function withGradient(tf: Tf, inputs: readonly Tensor[], compute: (inputs: Tensor[]) => { readonly value: Tensor; readonly kept: Tensor[]; readonly gradient: Gradient }): Tensor {
  const op = tf.customGrad((...parameters: unknown[]) => {
    const save = parameters.pop() as Save;
    const { value, kept, gradient } = compute(parameters as Tensor[]);
    save(kept);
    return { value, gradFunc: (dy: Tensor, saved: Tensor[]) => gradient(dy, saved) as never };
  });
  return op(...inputs);
}
