import { dtypeBytes, isFloatDtype, type FloatDtype } from '../checkpoint/dtype';
import { chunkElements } from '../checkpoint/float-chunks';
import { nanTensor, nonFloatTensorsDiffer } from './errors';
import type { ChunkPart, Measure, MergeKernel } from './kernels/kernel';
import type { CombineProgram, CopyProgram, GramProgram, PassesProgram } from './methods/program';
import { findMethod } from './methods/registry';
import { taskOf, type PlannedTensor } from './plan';
import { openSource } from './sources/registry';
import type { OpenFiles, SourceReader } from './sources/source';
import type { StatisticsSum } from './statistics';

/** What merging a tensor needs of the thread that does it. */
export interface MergeContext {
  readonly kernel: MergeKernel;
  readonly files: OpenFiles;
  readonly statistics: StatisticsSum;
  readonly inputNames: readonly string[];
  readonly allowNan: boolean;
  /** Writes output bytes of the tensor, `start` elements into it. */
  write(bytes: Uint8Array, start: number): void;
}

/**
 * Merges one tensor in bounded chunks. Yields after each with the number of elements that were written, 0 in a
 * reduction, so that the caller can show progress or stop.
 * @throws NonFloatTensorsDifferError, NanTensorError, and what reading and writing throw
 */
export function* mergeTensor(tensor: PlannedTensor, context: MergeContext): Generator<number, void, void> {
  yield* new TensorMerge(tensor, context).run();
}

class TensorMerge {
  private readonly readers: readonly SourceReader[];
  private nan = 0;
  private readonly nanInputs = new Set<number>();
  private buffers: readonly Uint8Array[] = [];
  private values: readonly Float32Array[] = [];

  constructor(private readonly tensor: PlannedTensor, private readonly context: MergeContext) {
    this.readers = tensor.inputs.map(({ source }) => openSource(source, context.files));
  }

  *run(): Generator<number, void, void> {
    const { tensor } = this;
    const room = Math.min(tensor.elements, chunkElements);
    this.buffers = Array.from({ length: tensor.inputs.length + 1 }, () => new Uint8Array(8 * room));
    if (!isFloatDtype(tensor.dtype)) return yield* this.identical();
    const program = findMethod(tensor.method).program(taskOf(tensor, this.context.inputNames));
    if (program.kind === 'copy') yield* this.copy(program, tensor.dtype);
    else if (program.kind === 'combine') yield* this.combine(program, tensor.dtype);
    else if (program.kind === 'gram') yield* this.gram(program, tensor.dtype);
    else yield* this.passes(program, tensor.dtype);
    if (this.nan > 0 && !this.context.allowNan && program.kind !== 'copy') throw nanTensor(tensor.name, this.nan, [...this.nanInputs].map((index) => this.context.inputNames[tensor.inputs[index].input]));
  }

  private *ranges(step = chunkElements): Generator<{ start: number; length: number }, void, void> {
    for (let start = 0; start < this.tensor.elements; start += step) yield { start, length: Math.min(step, this.tensor.elements - start) };
  }

  private read(input: number, start: number, length: number): ChunkPart {
    const reader = this.readers[input];
    const bytes = this.buffers[input].subarray(0, length * dtypeBytes[reader.dtype]);
    reader.bytes(start, bytes);
    return { bytes, dtype: reader.dtype as FloatDtype };
  }

  private outPart(length: number, dtype: FloatDtype): ChunkPart {
    return { bytes: this.buffers[this.tensor.inputs.length].subarray(0, length * dtypeBytes[dtype]), dtype };
  }

  private countInput(input: number, measure: Measure): void {
    if (measure.nan > 0) this.nanInputs.add(input);
    this.context.statistics.addInput(this.tensor.inputs[input].input, measure);
  }

  private countOutput(measure: Measure): void {
    this.nan += measure.nan;
    if (measure.nan > 0) this.context.statistics.firstNan ??= this.tensor.name;
    this.context.statistics.addOutput(measure);
  }

  /** Integers and booleans are equal in every input, or the merge is refused. */
  private *identical(): Generator<number, void, void> {
    const { inputs } = this.tensor;
    const nameOf = (index: number) => this.context.inputNames[inputs[index].input];
    for (const { start, length } of this.ranges()) {
      const { bytes } = this.read(0, start, length);
      for (let index = 1; index < inputs.length; index++) {
        if (Buffer.compare(bytes, this.read(index, start, length).bytes) !== 0) throw nonFloatTensorsDiffer(this.tensor.name, this.tensor.dtype, nameOf(0), nameOf(index));
      }
      this.context.write(bytes, start);
      yield length;
    }
  }

  private *copy({ input }: CopyProgram, dtype: FloatDtype): Generator<number, void, void> {
    const scratch = new Float32Array(Math.min(this.tensor.elements, chunkElements));
    for (const { start, length } of this.ranges()) {
      const part = this.read(input, start, length);
      const values = scratch.subarray(0, length);
      const measure = this.context.kernel.decode(part, values);
      const out = part.dtype === dtype ? part : this.outPart(length, dtype);
      this.countInput(input, measure);
      this.countOutput(out === part ? measure : this.context.kernel.encode(values, out));
      this.context.write(out.bytes, start);
      yield length;
    }
  }

  private *combine({ weights }: CombineProgram, dtype: FloatDtype): Generator<number, void, void> {
    const used = [...weights.keys()].filter((index) => weights[index] !== 0);
    for (const { start, length } of this.ranges()) {
      const out = this.outPart(length, dtype);
      const statistics = this.context.kernel.blendChunk(used.map((index) => this.read(index, start, length)), used.map((index) => weights[index]), out);
      for (const [i, index] of used.entries()) this.countInput(index, statistics.inputs[i]);
      this.countOutput(statistics);
      this.context.write(out.bytes, start);
      yield length;
    }
  }

  private *gram({ origin, weights }: GramProgram, dtype: FloatDtype): Generator<number, void, void> {
    const gram = this.readers.map(() => new Float64Array(this.readers.length));
    for (const { start, length } of this.ranges()) {
      this.context.kernel.addProducts(this.decodeAll(start, length), origin, gram);
      yield 0;
    }
    yield* this.combine({ kind: 'combine', weights: weights(gram) }, dtype);
  }

  private *passes(program: PassesProgram, dtype: FloatDtype): Generator<number, void, void> {
    const row = program.needsWholeRows ? Math.max(1, this.tensor.shape.at(-1) ?? 1) : 1;
    const step = Math.max(1, Math.floor(chunkElements / row)) * row;
    for (const { add, finish } of program.reductions ?? []) {
      for (const { start, length } of this.ranges(step)) {
        add({ values: this.decodeAll(start, length), start });
        yield 0;
      }
      finish?.();
    }
    const result = new Float32Array(Math.min(this.tensor.elements, step));
    for (const { start, length } of this.ranges(step)) {
      const merged = result.subarray(0, length);
      program.merge({ values: this.decodeAll(start, length, true), start }, merged);
      const out = this.outPart(length, dtype);
      this.countOutput(this.context.kernel.encode(merged, out));
      this.context.write(out.bytes, start);
      yield length;
    }
  }

  private decodeAll(start: number, length: number, isMeasured = false): readonly Float32Array[] {
    if (this.buffers[0].byteLength < 8 * length) this.buffers = this.buffers.map(() => new Uint8Array(8 * length));
    if ((this.values[0]?.length ?? 0) < length) this.values = this.readers.map(() => new Float32Array(length));
    return this.readers.map((_, index) => {
      const values = this.values[index].subarray(0, length);
      const measure = this.context.kernel.decode(this.read(index, start, length), values);
      if (isMeasured) this.countInput(index, measure);
      return values;
    });
  }
}
