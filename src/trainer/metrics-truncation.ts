import { readFile } from 'node:fs/promises';
import writeFileAtomic from 'write-file-atomic';

/**
 * Drops the rows of a `metrics.jsonl` beyond `step`, and a last line that a kill cut in half: what a training wrote
 * after the checkpoint it resumes from is trained, and logged, once more.
 */
export async function truncateMetrics(file: string, step: number): Promise<void> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '';
    throw error;
  });
  const kept = text.split('\n').filter((line) => stepOf(line) <= step);
  const trimmed = kept.map((line) => `${line}\n`).join('');
  if (trimmed !== text) await writeFileAtomic(file, trimmed);
}

function stepOf(line: string): number {
  try {
    return Number((JSON.parse(line) as { step?: number }).step ?? Infinity);
  } catch {
    return Infinity;
  }
}
