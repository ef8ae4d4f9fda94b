import { stat } from 'node:fs/promises';
import { readResults } from '../../analysis/read-results';
import type { ResultPoint } from '../../analysis/results';

/**
 * Derives something from a results file, again only when the file has changed.
 * @param derive what is computed from the points; a file that is not there yet has none
 */
export function cachedResults<T>(derive: (points: readonly ResultPoint[]) => T | Promise<T>): (file: string) => Promise<T> {
  let cached: { readonly stamp: string; readonly value: T } | null = null;
  return async (file) => {
    const entry = await stat(file).catch(() => null);
    const stamp = entry ? `${file}:${entry.mtimeMs}:${entry.size}` : `${file}:absent`;
    if (cached?.stamp !== stamp) {
      const points = entry && entry.size > 0 ? await readResults(file) : [];
      cached = { stamp, value: await derive(points) };
    }
    return cached.value;
  };
}

/** Lets the editor answer others before a computation of more than a few milliseconds. */
export function breathe(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
