import { readFile } from 'node:fs/promises';
import { SoupError } from '../errors';
import { parseResultsCsv, parseResultsJsonl } from './results-table';
import type { ResultPoint } from './results';

export { parseResultsCsv, parseResultsJsonl, toResultsCsv } from './results-table';

/**
 * Reads a results file by its ending, `.csv` or `.jsonl`, and sees that every point has the same rewards.
 * @throws SoupError naming file and line
 */
export async function readResults(file: string): Promise<ResultPoint[]> {
  const parse = file.endsWith('.csv') ? parseResultsCsv : file.endsWith('.jsonl') ? parseResultsJsonl : null;
  if (!parse) throw new SoupError('ResultsTableError', `${file}: results are read from .csv and .jsonl files`);
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (cause) {
    throw new SoupError('ResultsTableError', `${file}: cannot be read (${(cause as NodeJS.ErrnoException).code})`, { cause });
  }
  const points = parse(text, file);
  if (points.length === 0) throw new SoupError('ResultsTableError', `${file}: holds no points`);
  const rewards = Object.keys(points[0].rewards);
  for (const point of points) for (const reward of rewards) if (!point.rewards[reward]) throw new SoupError('ResultsTableError', `${file}: the point ${point.name} lacks the reward ${reward}`);
  return points;
}
