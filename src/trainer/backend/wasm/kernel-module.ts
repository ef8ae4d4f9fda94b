import { readFileSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import type { TensorInfo } from '@tensorflow/tfjs';
import { assetPath } from '../../../assets';

type Address = number;

/** Exports of `kernels/all.as.ts`, described where they are written. Addresses are bytes in the memory that they work on. */
export interface KernelExports {
  gemmScratchFloats(columns: number, depthBlock: number): number;
  gemm(
    a: Address, rowStrideA: number, columnStrideA: number,
    b: Address, rowStrideB: number, columnStrideB: number,
    c: Address, rowStrideC: number, rows: number, columns: number, depth: number,
    scratch: Address, depthBlock: number, accumulate: boolean,
  ): void;
  packedFloats(depth: number, columns: number): number;
  packMatrix(b: Address, rowStrideB: number, columnStrideB: number, depth: number, columns: number, depthBlock: number, packed: Address): void;
  gemmPacked(a: Address, packed: Address, c: Address, rows: number, columns: number, depth: number, scratch: Address, depthBlock: number): void;
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
  addInto(x: Address, y: Address, count: number): void;
  gatherRows(x: Address, indices: Address, y: Address, rows: number, columns: number): void;
  addRowsAt(x: Address, indices: Address, y: Address, rows: number, columns: number): void;
  addRow(row: Address, y: Address, rows: number, columns: number): void;
  normRows(x: Address, weight: Address, bias: Address, y: Address, means: Address, rates: Address, rows: number, columns: number, epsilon: number): void;
  normRowsGradient(x: Address, weight: Address, dy: Address, means: Address, rates: Address, dx: Address, rows: number, columns: number, isCentred: boolean): void;
  normParametersGradient(x: Address, dy: Address, means: Address, rates: Address, dWeight: Address, dBias: Address, rows: number, columns: number): void;
  gelu(x: Address, y: Address, count: number): void;
  geluGradient(x: Address, dy: Address, dx: Address, count: number): void;
  gatedSilu(gate: Address, up: Address, y: Address, count: number): void;
  gatedSiluGradient(gate: Address, up: Address, dy: Address, dGate: Address, dUp: Address, count: number): void;
  rotate(x: Address, cos: Address, sin: Address, y: Address, rows: number, heads: number, half: number, direction: number): void;
  softmaxParts(x: Address, y: Address, maxima: Address, sums: Address, rows: number, columns: number): void;
  tokenLogProbabilitiesGradient(x: Address, tokens: Address, logSums: Address, dy: Address, dx: Address, rows: number, columns: number): void;
  attentionScratchFloats(time: number, headSize: number): number;
  attention(
    q: Address, k: Address, v: Address, mask: Address, y: Address, weights: Address,
    batch: number, time: number, heads: number, keyValueHeads: number, headSize: number, scale: number, scratch: Address,
  ): void;
  attentionGradient(
    q: Address, k: Address, v: Address, weights: Address, dy: Address, dq: Address, dk: Address, dv: Address,
    batch: number, time: number, heads: number, keyValueHeads: number, headSize: number, scale: number, scratch: Address,
  ): void;
  attendCache(q: Address, keys: Address, values: Address, y: Address, scores: Address, length: number, heads: number, keyValueHeads: number, headSize: number, scale: number): void;
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

/** Whether products and sums are fused, with one rounding: `training-kernels-fused.wasm` then stands for `training-kernels.wasm`. */
export function hasFusedKernels(): boolean {
  return fusedKernels() !== null;
}

let fusedBytes: Buffer<ArrayBuffer> | null | undefined;

/** The module with relaxed SIMD, where this Node runs it; Node 20 has it behind a flag. */
function fusedKernels(): Buffer<ArrayBuffer> | null {
  if (fusedBytes !== undefined) return fusedBytes;
  const bytes = readFileSync(assetPath('training-kernels-fused.wasm'));
  if (!WebAssembly.validate(bytes)) setFlagsFromString('--experimental-wasm-relaxed-simd');
  fusedBytes = WebAssembly.validate(bytes) ? bytes : null;
  return fusedBytes;
}

/**
 * The training kernels on a memory that the caller lays out.
 * @throws Error when the build has not made the module
 */
export async function instantiateKernels(memory: WebAssembly.Memory): Promise<KernelExports> {
  const { instance } = await WebAssembly.instantiate(fusedKernels() ?? readFileSync(assetPath('training-kernels.wasm')), { env: { memory } });
  return instance.exports as unknown as KernelExports;
}

/**
 * The training kernels on the heap of tfjs's wasm backend.
 * @throws Error when the build has not made the module
 */
export async function loadKernelModule(backend: BackendWasm): Promise<KernelModule> {
  const emscripten = backend.wasm as unknown as EmscriptenModule;
  const kernels = await instantiateKernels(emscripten.asm.memory);
  let address = 0;
  let capacity = 0;
  return {
    kernels,
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
