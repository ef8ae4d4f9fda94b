// A linear merge of data in memory: no files, so that what is left is the arithmetic.
import path from 'node:path';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { dtypeBytes, type FloatDtype } from '../../src/checkpoint/dtype';
import { encodeInto } from '../../src/checkpoint/float-formats';
import { compileKernels, SimdKernel } from '../../src/merge/kernels/simd';

interface ArithmeticJob {
  readonly dtype: FloatDtype;
  readonly experts: number;
  /** of every expert, over all threads */
  readonly sizeBytes: number;
  readonly threads: number;
}

/** Of every expert, in each thread: several times what the caches hold. */
const bufferBytes = 1 << 26;
const pieceBytes = 1 << 20;

/** Seconds that the threads need together, without their start and the making of the data. */
export async function arithmeticSeconds(job: ArithmeticJob): Promise<number> {
  const ready = new Int32Array(new SharedArrayBuffer(4));
  return Math.max(...(await Promise.all(Array.from({ length: job.threads }, () => new Promise<number>((resolve, reject) => {
    new Worker(path.join(__dirname, 'merge-arithmetic.js'), { workerData: { job, ready } }).on('error', reject).on('message', resolve);
  })))));
}

function arithmeticThread(): void {
  const { job: { dtype, experts, sizeBytes, threads }, ready } = workerData as { readonly job: ArithmeticJob; readonly ready: Int32Array };
  const kernel = new SimdKernel(compileKernels());
  const [out, ...inputs] = kernel.allocate(Array.from({ length: experts + 1 }, () => bufferBytes));
  const piece = new Uint8Array(pieceBytes);
  encodeInto(new Float32Array(pieceBytes / dtypeBytes[dtype]).map((_, i) => 0.02 * Math.sin(12.9898 * i)), dtype, piece);
  for (const input of inputs) for (let at = 0; at < bufferBytes; at += pieceBytes) input.set(piece, at);
  const weights = inputs.map(() => 1 / inputs.length);
  const part = (bytes: Uint8Array, at: number) => ({ bytes: bytes.subarray(at, at + pieceBytes), dtype });
  const merge = (at: number): void => void kernel.blendChunk(inputs.map((input) => part(input, at)), weights, part(out, at));
  // once before, so that the output's memory is there and the kernels are compiled for good
  for (let at = 0; at < bufferBytes; at += pieceBytes) merge(at);
  Atomics.add(ready, 0, 1);
  Atomics.notify(ready, 0);
  for (let seen; (seen = Atomics.load(ready, 0)) < threads; ) Atomics.wait(ready, 0, seen);
  const started = performance.now();
  for (let done = 0; done < sizeBytes / threads; done += pieceBytes) merge(done % bufferBytes);
  parentPort?.postMessage((performance.now() - started) / 1000);
}

if (!isMainThread) arithmeticThread();
