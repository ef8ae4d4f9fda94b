import { mkdir, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import writeFileAtomic from 'write-file-atomic';
import type { ResultPoint } from '../analysis/results';
import { openCheckpoint } from '../checkpoint/checkpoint';
import { checkpointSha256, fileSha256 } from '../checkpoint/digest';
import { measuring } from '../experiment/declared-metrics';
import { portable } from '../experiment/job-identity';
import type { SweepJob, SweepPoint } from '../runs/run-record';

/** What the points of a results.jsonl were measured from; it stands in inputs.json beside it. */
interface SweepInputs {
  /** everything but the weights that a value depends on */
  readonly settings: unknown;
  /** SHA-256 by checkpoint directory, relative to the results */
  readonly checkpoints: Readonly<Record<string, string>>;
}

/** What tells a point of a sweep from the others. */
export const keyOf = ({ kind, name, weights }: Pick<SweepPoint, 'kind' | 'name' | 'weights'>): string => JSON.stringify([kind, name, weights && Object.entries(weights).sort()]);

/**
 * Reads back the points that are done, and returns their keys. A point counts as done while the settings and every
 * checkpoint that it was made from are what they were, so a point that is added to a finished sweep is the only one to be
 * evaluated, and an expert that was trained anew takes its own soups with it alone. What does not count is dropped from
 * the file, and so is a line that a kill cut in half.
 */
export async function keepEvaluated(job: SweepJob): Promise<Set<string>> {
  const folder = path.dirname(job.results);
  const inputsFile = path.join(folder, 'inputs.json');
  await mkdir(folder, { recursive: true });
  const [before, now] = [parseInputs(await readIfThere(inputsFile)), await inputsOf(job)];
  const isSame = JSON.stringify(before?.settings) === JSON.stringify(now.settings);
  const relative = (checkpoint: string) => path.relative(folder, checkpoint);
  const isUnchanged = (point: SweepPoint) => isSame && madeOf(point, job).map(relative).every((name) => before?.checkpoints[name] === now.checkpoints[name]);
  const valid = new Set(job.points.filter(isUnchanged).map(keyOf));
  // a search builds on every soup of the experts that are there
  const isFound = ({ kind, name, weights }: ResultPoint) => job.search !== undefined && kind === 'soup' && weights !== null && Object.keys(weights).every((expert) => Object.hasOwn(job.experts, expert)) && isUnchanged({ kind, name, weights, checkpoint: null });

  const text = (await readIfThere(job.results)) ?? '';
  const lines = new Map<string, string>();
  for (const line of text.split('\n')) {
    const point = parsePoint(line);
    if (point && (valid.has(keyOf(point)) || isFound(point)) && (!needsEnsemble(point) || !job.predictions)) lines.set(keyOf(point), line);
  }
  const kept = [...lines.values()].map((line) => `${line}\n`).join('');
  // points go before their inputs do: a kill in between leaves less than there was, never a point of other inputs
  if (kept === '') await rm(job.results, { force: true });
  else if (kept !== text) await writeFileAtomic(job.results, kept);
  await writeFileAtomic(inputsFile, `${JSON.stringify(now, null, 2)}\n`);
  return new Set(lines.keys());
}

/** The checkpoints behind a point: its own, or those of the experts that it mixes. */
function madeOf({ checkpoint, weights }: SweepPoint, { experts }: SweepJob): string[] {
  if (checkpoint !== null) return [checkpoint];
  return Object.entries(experts).flatMap(([name, expert]) => ((weights?.[name] ?? 0) > 0 ? [expert] : []));
}

async function inputsOf(job: SweepJob): Promise<SweepInputs> {
  const checkpoints = [...new Set([...Object.values(job.experts), ...job.points.flatMap(({ checkpoint }) => checkpoint ?? [])])];
  const hashes: Record<string, string> = {};
  for (const checkpoint of checkpoints) hashes[path.relative(path.dirname(job.results), checkpoint)] = await checkpointSha256(await openCheckpoint(checkpoint));
  const { task, metrics, rewards, samples, seed } = job;
  return { settings: { task: portable(task), ...(metrics ? { metrics: portable(measuring(metrics)), prompts: await promptHashes(job) } : {}), rewards, samples, seed }, checkpoints: hashes };
}

/** Other prompts under the same name are other samples. */
async function promptHashes({ task }: SweepJob): Promise<string[]> {
  return task.type === 'text' ? Promise.all([task.prompts, ...(task.validationPrompts === undefined ? [] : [task.validationPrompts])].map((file) => fileSha256(file))) : [];
}

function parseInputs(text: string | null): SweepInputs | null {
  try {
    return text === null ? null : (JSON.parse(text) as SweepInputs);
  } catch {
    return null;
  }
}

/** A soup that was evaluated before its ensemble was asked for. */
function needsEnsemble({ kind, ensemble }: ResultPoint): boolean {
  return kind === 'soup' && !ensemble;
}

/** Null for a line that a kill cut in half. */
function parsePoint(line: string): ResultPoint | null {
  try {
    return line === '' ? null : (JSON.parse(line) as ResultPoint);
  } catch {
    return null;
  }
}

async function readIfThere(file: string): Promise<string | null> {
  return readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });
}
