import { closeSync, openSync, readSync, statSync } from 'node:fs';
import os from 'node:os';

const sampleBytes = 512;
const samples = 24;
/** A page of the cache comes within some microseconds, one of the fastest disks takes several times as long. */
const cachedMs = 0.03;

/**
 * Whether reading these files past the page cache pays: they are not in it, or do not fit. Tries a few places of the
 * largest file and looks how long they take.
 */
export function prefersDirectReads(files: readonly string[], totalBytes: number): boolean {
  if (process.platform !== 'linux' || files.length === 0) return false;
  if (totalBytes > os.totalmem() / 2) return true;
  const sizes = files.map((file) => statSync(file).size);
  const largest = sizes.indexOf(Math.max(...sizes));
  return !isCached(files[largest], sizes[largest]);
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
