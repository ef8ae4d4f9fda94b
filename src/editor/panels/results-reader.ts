import { stat } from 'node:fs/promises';
import { readResults } from '../../analysis/read-results';
import type { ResultPoint } from '../../analysis/results';

/** Derives something from a file, again only when the file has changed. It need not exist. */
export function cachedFile<T>(derive: (file: string) => Promise<T>): (file: string) => Promise<T> {
  let cached: { readonly stamp: string; readonly value: T } | null = null;
  return async (file) => {
    const entry = await stat(file).catch(() => null);
    const stamp = entry ? `${file}:${entry.mtimeMs}:${entry.size}` : `${file}:absent`;
    if (cached?.stamp !== stamp) cached = { stamp, value: await derive(file) };
    return cached.value;
  };
}

/** The points of a results file; a file that is not there yet has none. */
export async function measuredPoints(file: string): Promise<readonly ResultPoint[]> {
  const entry = await stat(file).catch(() => null);
  return entry && entry.size > 0 ? readResults(file) : [];
}

/** Lets the editor answer others before a computation of more than a few milliseconds. */
export function breathe(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
