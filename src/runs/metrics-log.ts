import { open, stat } from 'node:fs/promises';
import type { MetricsRow } from './run-record';

/** Rows read from `metrics.jsonl`, and where to go on. `isRestarted`: the file was replaced, so drop earlier rows. */
export interface MetricsTail {
  readonly rows: readonly MetricsRow[];
  readonly offset: number;
  readonly isRestarted: boolean;
  /** whether whole lines may follow */
  readonly hasMore: boolean;
}

const newline = 10;

/**
 * Reads the whole lines that were appended to a `metrics.jsonl` since byte `offset`. A last line without its end is
 * left for the next call; a line that is no JSON object with a numeric `step` is skipped (a writer killed in the middle of a line leaves one);
 * NaN and Infinity, which Python writes, become null. A missing file has no rows.
 * @param limitBytes how much is read at most, but for a single line that is longer
 */
export async function tailMetrics(file: string, offset = 0, limitBytes = Infinity): Promise<MetricsTail> {
  const handle = await open(file, 'r').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });
  if (!handle) return { rows: [], offset: 0, isRestarted: offset > 0, hasMore: false };
  try {
    const { size } = await handle.stat();
    // a resumed trainer may have cut the file back: then the byte before the offset is no line's end
    const start = offset > 0 && (size < offset || (await bytes(handle, offset - 1, 1))[0] !== newline) ? 0 : offset;
    const length = Math.min(size - start, limitBytes);
    const data = await bytes(handle, start, length);
    if (length < size - start && !data.includes(newline)) return await tailMetrics(file, offset, 2 * limitBytes);
    const end = data.lastIndexOf(newline) + 1;
    const lines = data.subarray(0, end).toString('utf8').split('\n');
    return { rows: lines.flatMap(parseRow), offset: start + end, isRestarted: start < offset, hasMore: length < size - start };
  } finally {
    await handle.close();
  }
}

/**
 * All rows of a `metrics.jsonl`, in order of steps. Where a resumed training repeated steps, the later rows count.
 */
export async function readMetricsFile(file: string): Promise<MetricsRow[]> {
  return withoutReplayedSteps((await tailMetrics(file)).rows);
}

/** Rows in the last part of a `metrics.jsonl`, in order of steps: enough to tell how far and how fast a training is. */
export async function lastMetricsRows(file: string, lastBytes = 64 * 1024): Promise<MetricsRow[]> {
  const size = (await stat(file).catch(() => null))?.size ?? 0;
  if (size <= lastBytes) return readMetricsFile(file);
  const handle = await open(file, 'r');
  try {
    const data = await bytes(handle, size - lastBytes, lastBytes);
    return withoutReplayedSteps(data.subarray(data.indexOf(newline) + 1, data.lastIndexOf(newline) + 1).toString('utf8').split('\n').flatMap(parseRow));
  } finally {
    await handle.close();
  }
}

/** Drops the rows that a later row goes back before: what was logged between a checkpoint and a crash. */
export function withoutReplayedSteps(rows: readonly MetricsRow[]): MetricsRow[] {
  const kept: MetricsRow[] = [];
  for (const row of rows) {
    while (kept.length > 0 && kept[kept.length - 1]!.step >= row.step) kept.pop();
    kept.push(row);
  }
  return kept;
}

async function bytes(handle: Awaited<ReturnType<typeof open>>, position: number, length: number): Promise<Buffer> {
  const buffer = Buffer.alloc(Math.max(0, length));
  let filled = 0;
  while (filled < buffer.length) {
    const { bytesRead } = await handle.read(buffer, filled, buffer.length - filled, position + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return buffer.subarray(0, filled);
}

function parseRow(line: string): MetricsRow[] {
  if (line.trim() === '') return [];
  const value = parseJson(line) ?? parseJson(line.replace(/([:[,]\s*)(?:NaN|[+-]?Infinity)(?=\s*[,}\]])/g, '$1null'));
  const isRow = typeof value === 'object' && value !== null && typeof (value as { step?: unknown }).step === 'number';
  return isRow ? [value as MetricsRow] : [];
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
