import { closeSync, openSync, readSync, statSync } from 'node:fs';
import os from 'node:os';

const sampleBytes = 512;
const samples = 24;
/** A page of the cache comes within some microseconds, one of the fastest disks takes several times as long. */
const cachedMs = 0.03;

/** Whether files are in the page cache, on the disk only, or more than it holds. */
export type Warmth = 'cached' | 'cold' | 'too large';

/** Tries a few places of the largest file and looks how long they take. */
export function warmthOf(files: readonly string[], totalBytes: number): Warmth {
  if (process.platform !== 'linux' || files.length === 0) return 'cached';
  if (totalBytes > os.totalmem() / 2) return 'too large';
  const sizes = files.map((file) => statSync(file).size);
  const largest = sizes.indexOf(Math.max(...sizes));
  return isCached(files[largest], sizes[largest]) ? 'cached' : 'cold';
}

function isCached(file: string, sizeBytes: number): boolean {
  const into = new Uint8Array(sampleBytes);
  const descriptor = openSync(file, 'r');
  try {
    const times = Array.from({ length: samples }, (_, i) => {
      const position = Math.floor(((i + 0.5) / samples) * sizeBytes);
      const started = performance.now();
      readSync(descriptor, into, 0, sampleBytes, position);
      return performance.now() - started;
    });
    // most of the file is in the cache when the median is
    return times.sort((a, b) => a - b)[samples / 2] < cachedMs;
  } finally {
    closeSync(descriptor);
  }
}
