import { readFileSync } from 'node:fs';
import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import type { TensorInfo } from '@tensorflow/tfjs';
import { assetPath } from '../../../assets';

type Address = number;

/** Exports of `kernels/training.as.ts`, where each is described. Addresses are bytes in tfjs's heap. */
export interface KernelExports {
  gemmScratchFloats(columns: number, depthBlock: number): number;
  gemm(
    a: Address, rowStrideA: number, columnStrideA: number,
    b: Address, rowStrideB: number, columnStrideB: number,
    c: Address, rows: number, columns: number, depth: number,
    scratch: Address, depthBlock: number,
  ): void;
  tanh(x: Address, y: Address, count: number): void;
  exp(x: Address, y: Address, count: number): void;
  sumRows(x: Address, y: Address, rows: number, columns: number): void;
  sumColumns(x: Address, y: Address, rows: number, columns: number): void;
  squareSum(x: Address, count: number): number;
  adam(
    parameter: Address, gradient: Address, m: Address, v: Address,
    newParameter: Address, newM: Address, newV: Address, count: number,
    learningRate: number, beta1: number, oneMinusBeta1: number, beta2: number, oneMinusBeta2: number,
    epsilon: number, biasCorrection1: number, biasCorrection2: number, gradientScale: number,
  ): void;
}

/** What we use of the Emscripten module behind tfjs's wasm backend. */
interface EmscriptenModule {
  readonly asm: { readonly memory: WebAssembly.Memory };
  _malloc(bytes: number): Address;
  _free(address: Address): void;
}

/** Our kernels, working on the heap of one wasm backend. */
export interface KernelModule {
  readonly kernels: KernelExports;
  /** Where a tensor's values begin. Stays true when the heap grows, unlike a typed array over it. */
  addressOf(tensor: TensorInfo): Address;
  /** At least `bytes` of memory for a kernel's private use; valid until the next call. */
  scratch(bytes: number): Address;
}

/**
 * Instantiates `training-kernels.wasm` on the heap of tfjs's wasm backend.
 * @throws Error when the build has not made the module
 */
export async function loadKernelModule(backend: BackendWasm): Promise<KernelModule> {
  const emscripten = backend.wasm as unknown as EmscriptenModule;
  const module = await WebAssembly.compile(readFileSync(assetPath('training-kernels.wasm')));
  const instance = await WebAssembly.instantiate(module, { env: { memory: emscripten.asm.memory } });
  let address = 0;
  let capacity = 0;
  return {
    kernels: instance.exports as unknown as KernelExports,
    addressOf: (tensor) => backend.getMemoryOffset(tensor.dataId),
    scratch(bytes) {
      if (bytes > capacity) {
        if (capacity > 0) emscripten._free(address);
        // addresses above 2 GB come back negative
        address = emscripten._malloc(bytes) >>> 0;
        capacity = bytes;
      }
      return address;
    },
  };
}
