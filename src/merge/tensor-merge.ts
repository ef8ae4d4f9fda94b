import { dtypeBytes, isFloatDtype, type FloatDtype } from '../checkpoint/dtype';
import { chunkElements } from '../checkpoint/float-chunks';
import { nonFloatTensorsDiffer } from './errors';
import type { ChunkPart, Measure, MergeKernel } from './kernels/kernel';
import type { CombineProgram, CopyProgram, Gram, GramProgram, PassesProgram } from './methods/program';
import { findMethod } from './methods/registry';
import { taskOf, type PlannedTensor } from './plan';
import { openSource } from './sources/registry';
import type { OpenFiles, SourceReader } from './sources/source';

/** Elements `from` to `to` of a flattened tensor. */
export interface ElementRange {
  readonly from: number;
  readonly to: number;
}

/** What merging a tensor needs of the thread that does it. */
export interface TensorContext {
  readonly kernel: MergeKernel;
  readonly files: OpenFiles;
  readonly inputNames: readonly string[];
  /** most bytes of inputs that are kept between two passes instead of being read twice */
  readonly keptBytes?: number;
  /** dot products of ranges of the tensor, of which this is one, [ranges][inputs · inputs]; whether they are to be taken or are there */
  readonly share?: { readonly step: 'products' | 'combine'; readonly range: number; readonly products: readonly Float64Array[] };
  /** Writes output bytes of the tensor, `start` elements into it. */
  write(bytes: Uint8Array, start: number): void;
  /** `isCopy` where the values are one input's own */
  countOutput(measure: Measure, start: number, isCopy: boolean): void;
  /** `input` is an index into the tensor's inputs; every element that is read counts once */
  countInput(input: number, measure: Measure): void;
}

/**
 * Merges a tensor, or a range of it where its program keeps no state, in bounded chunks. Yields after each with the
 * number of elements that were written, 0 in a reduction, so that the caller can show progress or stop.
 * @throws NonFloatTensorsDifferError, and what reading and writing throw
 */
export function mergeTensor(tensor: PlannedTensor, range: ElementRange, context: TensorContext): Generator<number, void, void> {
  return new TensorMerge(tensor, range, context).run();
}

/** Elements of a chunk: whole rows where the program asks for them. */
function stepOf(tensor: PlannedTensor, needsWholeRows: boolean): number {
  const row = needsWholeRows ? Math.max(1, tensor.shape.at(-1) ?? 1) : 1;
  return Math.max(1, Math.floor(chunkElements / row)) * row;
}

/** Rows of a square matrix, in its memory. */
function matrixOf(values: Float64Array, size: number): Float64Array[] {
  return Array.from({ length: size }, (_, row) => values.subarray(row * size, (row + 1) * size));
}

/** One after the other; each is made when its turn comes. */
function* inTurn(steps: readonly (() => Generator<number, void, void>)[]): Generator<number, void, void> {
  for (const step of steps) yield* step();
}

class TensorMerge {
  private readonly readers: readonly SourceReader[];
  private step = chunkElements;
  /** of the first inputs, whose chunks stay in `raw`; those of others overwrite the last */
  private keptInputs = 0;
  /** chunks that stay and are there, as `<input> <start>` */
  private readonly kept = new Set<string>();
  /** bytes of every input, then of the output */
  private raw: readonly Uint8Array[] = [];
  /** values of every input, then of the output */
  private values: readonly Float32Array[] = [];

  constructor(private readonly tensor: PlannedTensor, private readonly range: ElementRange, private readonly context: TensorContext) {
    this.readers = tensor.inputs.map(({ source }) => openSource(source, context.files, context.kernel));
  }

  run(): Generator<number, void, void> {
    const { dtype } = this.tensor;
    if (!isFloatDtype(dtype)) return this.identical();
    const program = findMethod(this.tensor.method).program(taskOf(this.tensor, this.context.inputNames));
    if (program.kind === 'copy') return this.copy(program, dtype);
    if (program.kind === 'combine') return this.combine(program, dtype);
    if (program.kind === 'gram') return this.gram(program, dtype);
    return this.passes(program, dtype);
  }

  /** @param keptInputs of the first inputs, that have room for the whole range: what was read is then not read again */
  private allocate({ step = chunkElements, isDecoded = false, keptInputs = 0 }: { readonly step?: number; readonly isDecoded?: boolean; readonly keptInputs?: number } = {}): void {
    this.step = step;
    this.keptInputs = keptInputs;
    const elements = this.range.to - this.range.from;
    const room = Math.min(step, elements);
    const sizes = [...this.readers.map(({ dtype }, input) => (input < keptInputs ? elements : room) * dtypeBytes[dtype]), room * dtypeBytes[this.tensor.dtype]];
    const chunks = isDecoded ? [...sizes, ...sizes.map(() => 4 * room)] : sizes;
    const wanted = this.readers.map(({ scratch }) => scratch?.sizes(room) ?? []);
    const buffers = this.context.kernel.allocate(chunks, wanted.flat());
    let used = chunks.length;
    for (const [i, { scratch }] of this.readers.entries()) scratch?.use(buffers.slice(used, (used += wanted[i].length)));
    this.raw = buffers.slice(0, sizes.length);
    this.values = buffers.slice(sizes.length, chunks.length).map(({ buffer, byteOffset }) => new Float32Array(buffer, byteOffset, room));
  }

  /** How many of the first inputs fit into so many bytes with their whole range. */
  private fitting(bytes: number): number {
    let [inputs, room] = [0, bytes];
    while (inputs < this.readers.length && (room -= (this.range.to - this.range.from) * dtypeBytes[this.readers[inputs].dtype]) >= 0) inputs++;
    return inputs;
  }

  /**
   * Yields what `work` returns for every chunk. It is a function of its own, so that the loop around it does not look
   * worth compiling, which would take longer than a merge of small tensors.
   */
  private *chunks(work: (start: number, length: number) => number): Generator<number, void, void> {
    const { from, to } = this.range;
    for (let start = from; start < to; start += this.step) yield work(start, Math.min(this.step, to - start));
  }

  private read(input: number, start: number, length: number): ChunkPart {
    const reader = this.readers[input];
    const size = dtypeBytes[reader.dtype];
    const isKept = input < this.keptInputs;
    const begin = isKept ? (start - this.range.from) * size : 0;
    const bytes = this.raw[input].subarray(begin, begin + length * size);
    const key = `${input} ${start}`;
    if (!isKept || !this.kept.has(key)) reader.bytes(start, bytes);
    if (isKept) this.kept.add(key);
    return { bytes, dtype: reader.dtype as FloatDtype };
  }

  private outPart(length: number, dtype: FloatDtype): ChunkPart {
    return { bytes: this.raw[this.readers.length].subarray(0, length * dtypeBytes[dtype]), dtype };
  }

  private write({ bytes }: ChunkPart, start: number, measure: Measure, isCopy = false): void {
    this.context.countOutput(measure, start, isCopy);
    this.context.write(bytes, start);
  }

  /** Integers and booleans are equal in every input, or the merge is refused. */
  private identical(): Generator<number, void, void> {
    const { inputs, name, dtype } = this.tensor;
    const nameOf = (index: number) => this.context.inputNames[inputs[index].input];
    this.allocate();
    return this.chunks((start, length) => {
      const { bytes } = this.read(0, start, length);
      for (let index = 1; index < inputs.length; index++) {
        if (Buffer.compare(bytes, this.read(index, start, length).bytes) !== 0) throw nonFloatTensorsDiffer(name, dtype, nameOf(0), nameOf(index));
      }
      this.context.write(bytes, start);
      return length;
    });
  }

  private copy({ input }: CopyProgram, dtype: FloatDtype): Generator<number, void, void> {
    this.allocate({ isDecoded: true });
    const { kernel } = this.context;
    return this.chunks((start, length) => {
      const part = this.read(input, start, length);
      const measure = kernel.measure(part);
      this.context.countInput(input, measure);
      if (part.dtype === dtype) this.write(part, start, measure, true);
      else {
        const out = this.outPart(length, dtype);
        const values = this.values[input].subarray(0, length);
        kernel.decode(part, values);
        kernel.encode(values, out);
        this.write(out, start, kernel.measure(out), true);
      }
      return length;
    });
  }

  private combine(program: CombineProgram, dtype: FloatDtype): Generator<number, void, void> {
    this.allocate();
    return this.combined(program, dtype);
  }

  private combined({ weights }: CombineProgram, dtype: FloatDtype, measuresInputs = true): Generator<number, void, void> {
    const used = [...weights.keys()].filter((index) => weights[index] !== 0);
    return this.chunks((start, length) => {
      const out = this.outPart(length, dtype);
      const statistics = this.context.kernel.blendChunk(used.map((index) => this.read(index, start, length)), used.map((index) => weights[index]), out, measuresInputs);
      if (measuresInputs) for (const [i, index] of used.entries()) this.context.countInput(index, statistics.inputs[i]);
      this.write(out, start, statistics);
      return length;
    });
  }

  private gram(program: GramProgram, dtype: FloatDtype): Generator<number, void, void> {
    const count = this.readers.length;
    const { share, keptBytes = 0 } = this.context;
    // as many bytes of every type: of the smaller ones chunks would be so many that the calls take time
    const step = (chunkElements * dtypeBytes.F32) / Math.max(...this.readers.map(({ dtype }) => dtypeBytes[dtype]));
    this.allocate({ step, keptInputs: share ? 0 : this.fitting(keptBytes) });
    const own = share ? matrixOf(share.products[share.range], count) : this.readers.map(() => new Float64Array(count));
    if (share?.step === 'products') return this.products(program, own);
    // in the order of the ranges, whoever took them
    if (share) return this.combinedBy(program, own, matrixOf(share.products.reduce((sum, products) => sum.map((value, i) => value + products[i]), new Float64Array(count ** 2)), count), dtype);
    return inTurn([() => this.products(program, own), () => this.combinedBy(program, own, own, dtype)]);
  }

  private products({ origin }: GramProgram, gram: readonly Float64Array[]): Generator<number, void, void> {
    return this.chunks((start, length) => {
      this.context.kernel.addProducts(this.readers.map((_, input) => this.read(input, start, length)), origin, gram);
      return 0;
    });
  }

  /** @param own dot products of this range alone */
  private combinedBy({ origin, isAroundOrigin, weights }: GramProgram, own: Gram, gram: Gram, dtype: FloatDtype): Generator<number, void, void> {
    if (origin !== null && isAroundOrigin) return this.combinedAround(origin, weights(gram), dtype);
    // a product that is not finite does not say what is not
    const isMeasured = origin === null && own.every((row, input) => Number.isFinite(row[input]));
    if (isMeasured) for (const [input, row] of own.entries()) this.context.countInput(input, { squares: row[input], nan: 0, infinite: 0 });
    return this.combined({ kind: 'combine', weights: weights(gram) }, dtype, !isMeasured);
  }

  private combinedAround(origin: number, weights: readonly number[], dtype: FloatDtype): Generator<number, void, void> {
    const { kernel } = this.context;
    const used = [...weights.keys()].filter((index) => index === origin || weights[index] !== 0);
    return this.chunks((start, length) => {
      const parts = used.map((index) => this.read(index, start, length));
      for (const [i, index] of used.entries()) this.context.countInput(index, kernel.measure(parts[i]));
      const out = this.outPart(length, dtype);
      kernel.blendAround(parts, used.indexOf(origin), used.map((index) => weights[index]), out);
      this.write(out, start, kernel.measure(out));
      return length;
    });
  }

  private *passes(program: PassesProgram, dtype: FloatDtype): Generator<number, void, void> {
    const { kernel } = this.context;
    this.allocate({ step: stepOf(this.tensor, program.needsWholeRows ?? false), isDecoded: true });
    for (const { add, finish } of program.reductions ?? []) {
      yield* this.chunks((start, length) => {
        add({ values: this.decodeAll(start, length), start, vectors: kernel.vectors });
        return 0;
      });
      finish?.();
    }
    yield* this.chunks((start, length) => {
      const merged = this.values[this.readers.length].subarray(0, length);
      program.merge({ values: this.decodeAll(start, length, true), start, vectors: kernel.vectors }, merged);
      const out = this.outPart(length, dtype);
      kernel.encode(merged, out);
      this.write(out, start, kernel.measure(out));
      return length;
    });
  }

  private decodeAll(start: number, length: number, isCounted = false): readonly Float32Array[] {
    return this.readers.map((_, input) => {
      const part = this.read(input, start, length);
      const values = this.values[input].subarray(0, length);
      if (isCounted) this.context.countInput(input, this.context.kernel.measure(part));
      this.context.kernel.decode(part, values);
      return values;
    });
  }
}
