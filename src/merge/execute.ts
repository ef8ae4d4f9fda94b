import os from 'node:os';
import path from 'node:path';
import { dtypeBytes } from '../checkpoint/dtype';
import { throwIfAborted } from '../checkpoint/errors';
import { diagnoseNan } from './diagnose-nan';
import { createOutputFile, finishOutputFile, requireSpace, syncOutputFile, type OutputFile } from './output-file';
import { InputHashes } from './input-hashes';
import { warmthOf } from './page-cache';
import type { MergePlan } from './plan';
import { scheduleMerge } from './schedule';
import { startThreads, type RunningThreads } from './threads';
import { createControl, isBefore, progressField, type MergeJob, type OutputPlace, type WorkReport } from './work';
import { nanTensor } from './errors';

export interface Execution {
  readonly plan: MergePlan;
  /** where the output's files are made */
  readonly directory: string;
  readonly allowNan: boolean;
  /** files whose SHA-256 is wanted; those that are not known from before are read once more */
  readonly hashed?: readonly string[];
  /** what goes into the files' metadata once the hashes are known, by file */
  readonly lateMetadata?: (hashes: ReadonlyMap<string, string>) => Readonly<Record<string, string>>;
  /** threads at work, this one among them; as many as pay by default */
  readonly threads?: number;
  /** past the page cache; by default where the inputs are not in it */
  readonly isDirect?: boolean;
  /** whether to wait until everything is on the disk; true by default */
  readonly isDurable?: boolean;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: ExecutionProgress) => void;
}

export interface ExecutionProgress {
  readonly elements: number;
  readonly hashedBytes: number;
}

/** What was seen while merging; sums over finite values. */
export interface MergeResult {
  readonly nan: number;
  readonly infinite: number;
  readonly squares: number;
  /** the first tensor, in the order of the output, with a NaN in it */
  readonly firstNan: string | null;
  /** Σ θ² by input of the request; null for one that was not read */
  readonly inputSquares: readonly (number | null)[];
  readonly hashes: ReadonlyMap<string, string>;
}

const mebibyte = 1 << 20;
/** Below this, starting threads takes longer than the work. */
const smallBytes = 16 * mebibyte;
/** More would hardly be faster than the disk, and each has buffers of its own. */
const mostThreads = 4;
/** Those that merge tensors whole have more of them. */
const mostTensorThreads = 3;
/** Direct reads keep this many requests in flight, whatever the number of cores; with many inputs one thread has enough of its own. */
const directThreads = (inputs: number): number => (inputs > 4 ? 2 : 4);
/** Buffered writes of 4 MB and more are slower, direct ones of less. */
const bufferedChunkBytes = mebibyte;
const directChunkBytes = 4 * mebibyte;
/** Of the buffers of all threads together. */
const slotLimitBytes = 40 * mebibyte;
/** Of all threads together, instead of reading twice. */
const keptLimitBytes = 24 * mebibyte;
const progressIntervalMs = 50;

/**
 * Carries out a plan in this thread and workers; memory is bounded by the chunk, whatever the size of the checkpoints. A copy
 * keeps its bytes, so that not even a −0 or a NaN's payload changes.
 * @throws NonFloatTensorsDifferError, NanTensorError, DiskFullError, InterruptedError
 */
export async function executeMerge(execution: Execution): Promise<MergeResult> {
  const { plan, directory, signal, hashed = [], isDurable = true } = execution;
  await requireSpace(directory, plan.outBytes);
  const outputs: OutputFile[] = [];
  for (const file of plan.files) outputs.push(await createOutputFile(path.join(directory, file.file), file));
  const inputHashes = new InputHashes(hashed);
  const { job, threads } = prepareJob(execution, outputs, inputHashes.unknown);
  execution.onProgress?.({ elements: 0, hashedBytes: 0 });
  const progress = setInterval(() => execution.onProgress?.(progressOf(job)), progressIntervalMs);
  try {
    const reports = await whileSyncing(startThreads(job, threads, signal), outputs, isDurable && job.hashed.length > job.hashedFirst);
    execution.onProgress?.(progressOf(job));
    throwIfAborted(signal);
    const result = joined(plan, reports, await inputHashes.complete(reports.flatMap(({ hashes }) => hashes), signal));
    const refused = firstOf(reports.map(({ refusedNan }) => refusedNan));
    if (refused) throw refusedNan(plan, refused);
    const { elements } = progressOf(job);
    if (elements !== plan.totalElements) throw new Error(`${elements} of ${plan.totalElements} elements were merged`);
    const late = execution.lateMetadata?.(result.hashes) ?? {};
    for (const [i, file] of plan.files.entries()) {
      await finishOutputFile(outputs[i], { ...file, metadata: { ...file.metadata, ...late } });
      if (isDurable) await syncOutputFile(outputs[i]);
    }
    return result;
  } finally {
    clearInterval(progress);
  }
}

/** Where the threads go on hashing, the output goes to the disk meanwhile. */
async function whileSyncing({ merged, reports }: RunningThreads, outputs: readonly OutputFile[], isSynced: boolean): Promise<WorkReport[]> {
  const synced = merged.then(async () => {
    if (isSynced) for (const output of outputs) await syncOutputFile(output);
  });
  const [result] = await Promise.all([reports, synced]);
  return result;
}

function prepareJob({ plan, allowNan, threads, isDirect }: Execution, outputs: readonly OutputFile[], hashed: readonly string[]): { job: MergeJob; threads: number } {
  const inputBytes = inputBytesOf(plan);
  const isSmall = inputBytes + plan.outBytes < smallBytes;
  const warmth = isSmall ? 'cached' : warmthOf(storedFiles(plan), inputBytes + plan.outBytes);
  // hashing brings cold files into the cache, from which they are merged: each is read from the disk once
  const isReadByHashing = warmth === 'cold' && hashed.length > 0;
  const direct = isDirect ?? (warmth !== 'cached' && !isReadByHashing);
  const most = plan.files.reduce((inputs, { tensors }) => tensors.reduce((most, tensor) => Math.max(most, tensor.inputs.length), inputs), 0);
  const usual = direct ? directThreads(most) : Math.min(mostThreads, os.availableParallelism());
  const chunkBytes = direct ? Math.min(directChunkBytes, Math.floor(slotLimitBytes / usual / (most + 1) / mebibyte) * mebibyte || mebibyte) : bufferedChunkBytes;
  const schedule = shared(scheduleMerge(plan, chunkBytes));
  const count = threads ?? (isSmall ? 1 : Math.min(usual, schedule.tensors.length > 0 ? mostTensorThreads : mostThreads));
  return {
    threads: count,
    job: {
      inputNames: plan.inputs, outputs, chunkBytes, keptBytes: keptLimitBytes / count, hashed, allowNan, isDirect: direct,
      // as many are left for the end, while the output goes to the disk, as all threads can share
      hashedFirst: isReadByHashing ? hashed.length : hashed.length % count,
      schedule,
      control: createControl(count),
    },
  };
}

/** The chunks in memory that every thread sees, instead of a copy each. */
function shared<S extends { readonly chunks: Float64Array }>(schedule: S): S {
  const chunks = new Float64Array(new SharedArrayBuffer(schedule.chunks.byteLength));
  chunks.set(schedule.chunks);
  return { ...schedule, chunks };
}

function inputBytesOf({ files }: MergePlan): number {
  let sum = 0;
  for (const { tensors } of files) for (const { elements, inputs } of tensors) for (const { source } of inputs) sum += elements * dtypeBytes[source.dtype];
  return sum;
}

function storedFiles({ files }: MergePlan): string[] {
  const found = new Set<string>();
  for (const { tensors } of files) for (const { inputs } of tensors) for (const { source } of inputs) if (source.kind === 'stored') found.add(source.file);
  return [...found];
}

function progressOf({ control: { progress } }: MergeJob): ExecutionProgress {
  const sum = (field: number): number => progress.reduce((total, value, i) => (i % progressField.count === field ? total + value : total), 0);
  return { elements: sum(progressField.elements), hashedBytes: sum(progressField.hashedBytes) };
}

function joined(plan: MergePlan, reports: readonly WorkReport[], hashes: ReadonlyMap<string, string>): MergeResult {
  const sum = (value: (report: WorkReport) => number): number => reports.reduce((total, report) => total + value(report), 0);
  const firstNan = firstOf(reports.map((report) => report.firstNan));
  return {
    nan: sum(({ nan }) => nan),
    infinite: sum(({ infinite }) => infinite),
    squares: sum(({ squares }) => squares),
    firstNan: firstNan && diagnoseNan(plan, firstNan).tensor,
    inputSquares: plan.inputs.map((_, i) => {
      const seen = reports.flatMap(({ inputSquares }) => inputSquares[i] ?? []);
      return seen.length > 0 ? seen.reduce((total, squares) => total + squares, 0) : null;
    }),
    hashes,
  };
}

function firstOf(places: readonly (OutputPlace | null)[]): OutputPlace | null {
  return places.reduce((first, place) => (place && (!first || isBefore(place, first)) ? place : first), null);
}

function refusedNan(plan: MergePlan, place: OutputPlace): Error {
  const { tensor, count, inputs } = diagnoseNan(plan, place);
  return nanTensor(tensor, count, inputs);
}
