import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import type { KernelBackend, TensorInfo, TypedArray } from '@tensorflow/tfjs';
import type { Tf } from '../backend';
import type { Kernel } from './registry';
import { replaceKernel } from './registry';

/** The part of tfjs's cpu backend that running one of its kernels by hand takes. */
interface CpuBackend extends KernelBackend {
  makeTensorInfo(shape: number[], dtype: string, values: unknown): TensorInfo;
  disposeIntermediateTensorInfo(info: TensorInfo): void;
  readonly data: { get(dataId: object): { readonly values: ArrayLike<number> } };
}
type Inputs = Readonly<Record<string, TensorInfo | TensorInfo[] | null | undefined>> | TensorInfo[];

/** Kernels whose values are not plain numbers, and which training does not use: complex, ragged, sparse and string ops. */
const unsupported = /Complex|Real|Imag|FFT|Ragged|String|Sparse|Regex|Draw/;

/**
 * Kernels of tfjs's wasm backend (4.22) that give wrong numbers without a word, found by comparing every op with `cpu`:
 * they are always replaced by the cpu kernel.
 */
export const wrongKernels: readonly string[] = ['MaxPoolGrad'];

/** Gives the wasm backend the cpu backend's kernel wherever its own is missing or known to be wrong. */
export function installFallbacks(tf: Tf): void {
  const own = new Set(tf.getKernelsForBackend('wasm').map(({ kernelName }) => kernelName));
  for (const { kernelName } of tf.getKernelsForBackend('cpu')) {
    if (unsupported.test(kernelName)) continue;
    if (!own.has(kernelName) || wrongKernels.includes(kernelName)) replaceKernel(tf, kernelName, cpuKernel(tf, kernelName));
  }
}

/**
 * The cpu backend's kernel of this name, running on tensors of the wasm backend: inputs are copied out of the wasm heap,
 * outputs back into it.
 */
export function cpuKernel<I, A>(tf: Tf, kernelName: string): Kernel<I, A> {
  const config = tf.getKernel(kernelName, 'cpu');
  const cpu = tf.findBackend('cpu') as CpuBackend;
  if (!config || !cpu) throw new Error(`the cpu backend of tfjs has no kernel ${kernelName}`);
  return ({ inputs, backend, attrs }) => {
    const copies: TensorInfo[] = [];
    const copyIn = (tensor: TensorInfo): TensorInfo => {
      const copy = cpu.makeTensorInfo(tensor.shape, tensor.dtype, backend.readSync(tensor.dataId));
      copies.push(copy);
      return copy;
    };
    const outputs = config.kernelFunc({ inputs: mapInputs(inputs as Inputs, copyIn) as never, backend: cpu, attrs: attrs as never });
    const results = Array.isArray(outputs) ? outputs.map((output) => copyOut(output, cpu, backend)) : copyOut(outputs, cpu, backend);
    // after the outputs: a kernel such as Reshape may hand its input's data on
    for (const copy of copies) cpu.disposeIntermediateTensorInfo(copy);
    return results;
  };
}

function mapInputs(inputs: Inputs, copyIn: (tensor: TensorInfo) => TensorInfo): unknown {
  if (Array.isArray(inputs)) return inputs.map(copyIn);
  return Object.fromEntries(Object.entries(inputs).map(([name, input]) => [name, Array.isArray(input) ? input.map(copyIn) : input && copyIn(input)]));
}

function copyOut(output: TensorInfo, cpu: CpuBackend, backend: BackendWasm): TensorInfo {
  const { values } = cpu.data.get(output.dataId);
  const tensor = backend.makeOutput(output.shape, output.dtype, undefined, typedValues(values, output.dtype));
  cpu.disposeIntermediateTensorInfo(output);
  return tensor;
}

/** cpu kernels may keep plain arrays or wider types than the wasm heap holds. */
function typedValues(values: ArrayLike<number>, dtype: string): TypedArray {
  if (dtype === 'bool') return Uint8Array.from(values);
  if (dtype === 'int32') return values instanceof Int32Array ? values : Int32Array.from(values);
  return values instanceof Float32Array ? values : Float32Array.from(values);
}
