// What the machine allows: every input byte read and as many bytes as the output has written, with no arithmetic.
import { closeSync, constants, fsyncSync, ftruncateSync, openSync, readSync, statSync, writeSync } from 'node:fs';
import path from 'node:path';
import { isMainThread, Worker, workerData } from 'node:worker_threads';

interface CopyJob {
  readonly output: string;
  readonly inputs: readonly string[];
  readonly sizeBytes: number;
  readonly isDirect: boolean;
  readonly next: Int32Array;
}

/** Reads the inputs and writes as much as one of them, in `threads` threads; past the page cache and synced where direct. */
export async function copyOnly(output: string, inputs: readonly string[], { threads, isDirect }: { readonly threads: number; readonly isDirect: boolean }): Promise<void> {
  const sizeBytes = Math.floor(Math.min(...inputs.map((file) => statSync(file).size)) / 4096) * 4096;
  const descriptor = openSync(output, 'w');
  ftruncateSync(descriptor, sizeBytes);
  const job: CopyJob = { output, inputs, sizeBytes, isDirect, next: new Int32Array(new SharedArrayBuffer(4)) };
  await Promise.all(Array.from({ length: threads }, () => new Promise<void>((resolve, reject) => {
    new Worker(path.join(__dirname, 'merge-copy.js'), { workerData: job }).on('error', reject).on('exit', () => resolve());
  })));
  if (isDirect) fsyncSync(descriptor);
  closeSync(descriptor);
}

/** One thread of it. */
function copyThread(): void {
  const { output, inputs, sizeBytes, isDirect, next } = workerData as CopyJob;
  const chunkBytes = isDirect ? 1 << 22 : 1 << 20;
  // page-aligned, as direct reads ask for
  const bytes = new Uint8Array(new WebAssembly.Memory({ initial: chunkBytes / 65536 }).buffer);
  const flag = isDirect ? constants.O_DIRECT : 0;
  const sources = inputs.map((file) => openSync(file, constants.O_RDONLY | flag));
  const target = openSync(output, constants.O_WRONLY | flag);
  for (;;) {
    const at = Atomics.add(next, 0, 1) * chunkBytes;
    if (at >= sizeBytes) break;
    const length = Math.min(chunkBytes, sizeBytes - at);
    for (const source of sources) readSync(source, bytes, 0, length, at);
    writeSync(target, bytes, 0, length, at);
  }
  for (const descriptor of [...sources, target]) closeSync(descriptor);
}

if (!isMainThread) copyThread();
