import { createHash } from 'node:crypto';
import { statSync } from 'node:fs';
import { dtypeBytes } from '../checkpoint/dtype';
import { fileSystemError } from '../checkpoint/errors';
import type { Measure, MergeKernel } from './kernels/kernel';
import { OutputWriter, type OutputFile } from './output-file';
import { chunkFields, type Schedule, type TensorUnit } from './schedule';
import { directAlignment, FileCache } from './sources/open-files';
import { mergeTensor } from './tensor-merge';

/** What every thread of a merge gets: plain data, and the schedule's chunks in shared memory. */
export interface MergeJob {
  readonly inputNames: readonly string[];
  readonly outputs: readonly OutputFile[];
  readonly schedule: Schedule;
  readonly chunkBytes: number;
  /** files whose SHA-256 is wanted, and how many of them before the merge; the others come after it */
  readonly hashed: readonly string[];
  readonly hashedFirst: number;
  /** of one tensor's inputs, that a thread may keep in memory */
  readonly keptBytes: number;
  readonly isDirect: boolean;
  readonly allowNan: boolean;
  readonly control: Control;
}

/** What the threads share. */
export interface Control {
  /** [next piece of work, 1 when all shall stop] */
  readonly flags: Int32Array;
  /** a row a thread: [elements written, bytes hashed] */
  readonly progress: Float64Array;
}

export const controlFlag = { next: 0, stop: 1 } as const;
export const progressField = { elements: 0, hashedBytes: 1, count: 2 } as const;

export function createControl(threads: number): Control {
  return {
    flags: new Int32Array(new SharedArrayBuffer(8)),
    progress: new Float64Array(new SharedArrayBuffer(8 * progressField.count * threads)),
  };
}

/** A place in the output: which file, and the byte of its data section. */
export interface OutputPlace {
  readonly outFile: number;
  readonly begin: number;
}

/** What one thread has seen. Sums are over finite values. */
export interface WorkReport extends Measure {
  /** Σ θ² by index of the request's inputs; null where none of it was read */
  readonly inputSquares: readonly (number | null)[];
  /** first chunk, in the order of the output, with a NaN */
  readonly firstNan: OutputPlace | null;
  /** first chunk with a NaN that was not asked for, written or read: the thread stopped there */
  readonly refusedNan: OutputPlace | null;
  readonly hashes: readonly (readonly [file: string, sha256: string])[];
}

/** One thread's share of a merge. */
export class Work {
  private readonly files: FileCache;
  private readonly writer: OutputWriter;
  private readonly sum = { nan: 0, infinite: 0, squares: 0 };
  private readonly inputSquares: (number | null)[];
  private firstNan: OutputPlace | null = null;
  private refusedNan: OutputPlace | null = null;
  private readonly hashes: [string, string][] = [];
  private slots: readonly Uint8Array[] = [];

  constructor(private readonly job: MergeJob, private readonly kernel: MergeKernel, private readonly thread: number) {
    this.files = new FileCache(job.isDirect);
    this.writer = new OutputWriter(job.outputs, job.isDirect);
    this.inputSquares = job.inputNames.map(() => null);
  }

  /**
   * Takes pieces until none is left or all shall stop: files to hash first, tensors, chunks, other files to hash. Yields
   * between bounded steps; `onMerged` is called when only hashing is left.
   */
  *run(onMerged: () => void): Generator<void, WorkReport, void> {
    const { schedule: { tensors, chunks }, hashed, hashedFirst, control: { flags } } = this.job;
    const tensorEnd = hashedFirst + tensors.length;
    const chunkEnd = tensorEnd + chunks.length / chunkFields;
    let isMerging = true;
    try {
      while (this.refusedNan === null) {
        const piece = Atomics.add(flags, controlFlag.next, 1);
        if (isMerging && piece >= chunkEnd) {
          isMerging = false;
          this.writer.close();
          onMerged();
        }
        if (piece < hashedFirst) yield* this.hash(hashed[piece]);
        else if (piece < tensorEnd) yield* this.tensor(tensors[piece - hashedFirst]);
        else if (piece < chunkEnd) this.chunk(piece - tensorEnd);
        else if (piece < chunkEnd + hashed.length - hashedFirst) yield* this.hash(hashed[hashedFirst + piece - chunkEnd]);
        else break;
        yield;
      }
    } finally {
      this.files.close();
      this.writer.close();
    }
    return { ...this.sum, inputSquares: this.inputSquares, firstNan: this.firstNan, refusedNan: this.refusedNan, hashes: this.hashes };
  }

  private *tensor({ tensor, outFile, from, to, share }: TensorUnit): Generator<void, void, void> {
    const { products, finished } = this.job.schedule;
    if (share?.step === 'combine') {
      // whoever has taken the last range is at work on it
      for (let done; (done = Atomics.load(finished, share.counter)) < share.ranges; ) {
        Atomics.wait(finished, share.counter, done, waitMs);
        yield;
      }
    }
    const matrix = tensor.inputs.length ** 2;
    const beginOf = (start: number) => tensor.outBegin + start * dtypeBytes[tensor.dtype];
    // a method that drops elements may drop a NaN, which is an expert's fault all the same
    let readNan = 0;
    const steps = mergeTensor(tensor, { from, to }, {
      kernel: this.kernel,
      files: this.files,
      inputNames: this.job.inputNames,
      keptBytes: this.job.keptBytes,
      share: share && { ...share, products: Array.from({ length: share.ranges }, (_, range) => products.subarray(share.offset + range * matrix, share.offset + (range + 1) * matrix)) },
      write: (bytes, start) => this.writer.write(outFile, bytes, beginOf(start)),
      countOutput: (measure, start, isCopy) => {
        this.countOutput(measure, { outFile, begin: beginOf(start) }, isCopy);
        if (readNan > 0 && !isCopy) this.refuseNan({ outFile, begin: beginOf(start) });
        readNan = 0;
      },
      countInput: (index, measure) => {
        readNan += measure.nan;
        this.countInput(tensor.inputs[index].input, measure);
      },
    });
    for (const elements of steps) {
      this.advance(progressField.elements, elements);
      if (this.refusedNan) return;
      yield;
    }
    if (share?.step === 'products') {
      Atomics.add(finished, share.counter, 1);
      Atomics.notify(finished, share.counter);
    }
    // the tensor had memory of its own
    this.slots = [];
  }

  private chunk(row: number): void {
    const { stretches, chunks } = this.job.schedule;
    const [index, start, count] = chunks.subarray(row * chunkFields, (row + 1) * chunkFields);
    const { dtype, inputs, weights, outFile, outBegin } = stretches[index];
    const size = dtypeBytes[dtype];
    const begin = outBegin + start * size;
    if (this.slots.length === 0) this.slots = this.allocateSlots();
    const parts = inputs.map(({ file, position }, j) => ({ bytes: this.files.readChunk(file, position + start * size, count * size, this.slots[j + 1]), dtype }));
    const out = weights ? { bytes: this.slots[0].subarray(0, count * size), dtype } : parts[0];
    const statistics = weights ? this.kernel.blendChunk(parts, weights, out) : copyStatistics(this.kernel.measure(out));
    for (const [j, { input }] of inputs.entries()) this.countInput(input, statistics.inputs[j]);
    this.countOutput(statistics, { outFile, begin }, weights === null);
    this.writer.write(outFile, out.bytes, begin);
    this.advance(progressField.elements, count);
  }

  /** The output's slot, and one for every input with room for an aligned read around its chunk. */
  private allocateSlots(): Uint8Array[] {
    const { schedule: { stretches }, chunkBytes } = this.job;
    const most = stretches.reduce((count, { inputs }) => Math.max(count, inputs.length), 0);
    return this.kernel.allocate([chunkBytes, ...Array.from({ length: most }, () => chunkBytes + 2 * directAlignment)]);
  }

  private *hash(file: string): Generator<void, void, void> {
    const hash = createHash('sha256');
    try {
      const { size } = statSync(file);
      const stepBytes = this.job.isDirect ? directHashBytes : hashBytes;
      if (this.slots.length === 0 || this.slots[0].byteLength < stepBytes + 2 * directAlignment) this.slots = this.kernel.allocate([stepBytes + 2 * directAlignment]);
      for (let position = 0; position < size; position += stepBytes) {
        const count = Math.min(stepBytes, size - position);
        hash.update(this.files.readChunk(file, position, count, this.slots[0]));
        this.advance(progressField.hashedBytes, count);
        yield;
      }
    } catch (error) {
      throw fileSystemError(file, error);
    }
    this.hashes.push([file, hash.digest('hex')]);
    this.slots = [];
  }

  private countInput(input: number, { squares }: Measure): void {
    this.inputSquares[input] = (this.inputSquares[input] ?? 0) + squares;
  }

  private countOutput({ nan, infinite, squares }: Measure, place: OutputPlace, isCopy: boolean): void {
    this.sum.nan += nan;
    this.sum.infinite += infinite;
    this.sum.squares += squares;
    if (nan === 0) return;
    if (this.firstNan === null || isBefore(place, this.firstNan)) this.firstNan = place;
    if (!isCopy) this.refuseNan(place);
  }

  private refuseNan(place: OutputPlace): void {
    if (!this.job.allowNan) this.refusedNan ??= place;
  }

  private advance(field: number, amount: number): void {
    this.job.control.progress[this.thread * progressField.count + field] += amount;
  }
}

/** A thread that waits looks this often whether all shall stop. */
const waitMs = 50;
const hashBytes = 1 << 20;
const directHashBytes = 1 << 22;

function copyStatistics(measure: Measure) {
  return { ...measure, inputs: [measure] };
}

export function isBefore(a: OutputPlace, b: OutputPlace): boolean {
  return a.outFile < b.outFile || (a.outFile === b.outFile && a.begin < b.begin);
}
