import * as tf from '@tensorflow/tfjs';
import { setThreadsCount, setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import path from 'node:path';
import { assetPath } from '../../../assets';
import type { OpenBackend } from '../backend';
import { BackendProblem } from '../problems';
import { hasFusedKernels } from '../wasm/kernel-module';
import { installTrainingKernels } from '../wasm/install';

const processEvents = ['uncaughtException', 'unhandledRejection'] as const;

/** Opens tfjs's WebAssembly backend with SIMD, and installs our kernels over those that are slow, wrong or missing. */
export async function openWasm(): Promise<OpenBackend> {
  tf.enableProdMode();
  await startWasmBackend();
  await installTrainingKernels(tf);
  return { tf, name: 'wasm', device: hasFusedKernels() ? 'wasm SIMD (own kernels, fused multiply-add)' : 'wasm SIMD (own kernels)' };
}

/**
 * Makes tfjs's own WebAssembly backend active, without our kernels (the benchmark measures it like that).
 * @throws BackendProblem when its files are missing or this Node cannot run SIMD
 */
export async function startWasmBackend(): Promise<void> {
  if (!(await tf.env().getAsync('WASM_HAS_SIMD_SUPPORT'))) throw new BackendProblem('this Node.js runs no WebAssembly SIMD', 'use Node.js 20 or newer on a 64-bit machine, or backend: cpu');
  setWasmPaths(path.dirname(assetPath('tfjs-backend-wasm-simd.wasm')) + path.sep);
  // more threads do nothing in Node; runs are parallel as processes
  setThreadsCount(1);
  await withoutNewProcessListeners(() => tf.setBackend('wasm'));
  if (tf.getBackend() !== 'wasm') throw new BackendProblem('tfjs could not start its wasm backend', 'run `npm run build`, which copies its files to dist/');
}

/** Emscripten's start-up rethrows every uncaught error of the process, which garbles stacks: its listeners are taken off again. */
async function withoutNewProcessListeners<T>(start: () => Promise<T>): Promise<T> {
  const before = new Map(processEvents.map((event) => [event, new Set(process.rawListeners(event))]));
  const result = await start();
  for (const [event, listeners] of before) {
    for (const listener of process.rawListeners(event)) if (!listeners.has(listener)) process.removeListener(event, listener as () => void);
  }
  return result;
}
