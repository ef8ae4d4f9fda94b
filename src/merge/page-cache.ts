import { closeSync, openSync, readSync, statSync } from 'node:fs';
import os from 'node:os';

const sampleBytes = 512;
const samples = 24;
/** A page of the cache comes within some microseconds, one of the fastest disks takes several times as long. */
const cachedMs = 0.03;

/** Whether files are in the page cache, on the disk only, or more than it holds. */
export type Warmth = 'cached' | 'cold' | 'too large';

/** Tries a few places, spread over the bytes of all files, and looks how long they take. */
export function warmthOf(files: readonly string[], totalBytes: number): Warmth {
  if (process.platform !== 'linux' || files.length === 0) return 'cached';
  if (totalBytes > os.totalmem() / 2) return 'too large';
  const sizes = files.map((file) => statSync(file).size);
  const step = sizes.reduce((sum, size) => sum + size, 0) / samples;
  const times: number[] = [];
  let before = 0;
  for (const [index, size] of sizes.entries()) {
    const first = Math.ceil(before / step - 0.5);
    before += size;
    const positions = Array.from({ length: Math.max(0, Math.ceil(before / step - 0.5) - first) }, (_, i) => Math.floor((first + i + 0.5) * step - (before - size)));
    if (positions.length > 0) times.push(...readTimes(files[index], positions));
  }
  // most of the bytes are in the cache when the median is
  return (times.sort((a, b) => a - b)[times.length >> 1] ?? 0) < cachedMs ? 'cached' : 'cold';
}

/** Milliseconds of a small read from each position. */
function readTimes(file: string, positions: readonly number[]): number[] {
  const into = new Uint8Array(sampleBytes);
  const descriptor = openSync(file, 'r');
  try {
    return positions.map((position) => {
      const started = performance.now();
      readSync(descriptor, into, 0, sampleBytes, position);
      return performance.now() - started;
    });
  } finally {
    closeSync(descriptor);
  }
}
