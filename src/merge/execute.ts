import path from 'node:path';
import { dtypeBytes, isFloatDtype, type Dtype } from '../checkpoint/dtype';
import { throwIfAborted } from '../checkpoint/errors';
import { chunkElements } from '../checkpoint/float-chunks';
import type { NamedCheckpoint } from '../checkpoint/names';
import { createSafetensors, type SafetensorsWriter } from '../checkpoint/safetensors';
import { openTensorReader, type TensorReader } from '../checkpoint/tensor-reader';
import { endpointDiffers, nanTensor, nonFloatTensorsDiffer } from './errors';
import type { BlendKernel, ChunkPart, ChunkStatistics } from './kernels/kernel';
import type { MergeMethod } from './methods/method';
import type { BlendPlan, PlannedTensor } from './plan';
import { endpointOf } from './weights';

export interface Execution {
  readonly plan: BlendPlan;
  readonly inputs: readonly NamedCheckpoint[];
  readonly weights: readonly number[];
  readonly method: MergeMethod;
  readonly kernel: BlendKernel;
  readonly directory: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly allowNan: boolean;
  readonly signal?: AbortSignal;
  readonly onElements: (doneElements: number) => void;
}

/** What was seen while blending. Norms are over finite float values; an input with λ = 0 is not read and has none. */
export interface ExecutionResult {
  readonly loadedTensors: number;
  readonly nan: number;
  readonly infinite: number;
  readonly firstNan: string | null;
  readonly norm: number;
  readonly inputNorms: readonly (number | null)[];
  readonly copied: boolean;
}

/**
 * Carries out a plan, tensor by tensor in file order; memory is bounded by the chunk. Where λ is exactly one expert
 * and the type stays, its bytes are copied, so that not even a −0 or a NaN's payload changes.
 * @throws NonFloatTensorsDifferError, NanTensorError, DiskFullError, InterruptedError
 */
export async function executeBlend(execution: Execution): Promise<ExecutionResult> {
  const reader = openTensorReader();
  const run = new BlendRun(execution, reader);
  try {
    for (const { file, layouts, tensors } of execution.plan.files) {
      const writer = await createSafetensors(path.join(execution.directory, file), layouts, execution.metadata);
      try {
        for (const tensor of tensors) await run.tensor(tensor, writer);
        await writer.finish();
      } catch (error) {
        await writer.abandon();
        throw error;
      }
    }
    return run.result();
  } finally {
    await reader.close();
  }
}

class BlendRun {
  private doneElements = 0;
  private loadedTensors = 0;
  private nan = 0;
  private infinite = 0;
  private firstNan: string | null = null;
  private squares = 0;
  private readonly inputSquares: Float64Array;
  private readonly endpoint: number | null;
  /** one buffer an input and one for the soup, used again for every chunk */
  private readonly buffers: readonly Uint8Array[];

  constructor(private readonly execution: Execution, private readonly reader: TensorReader) {
    const { weights, plan } = execution;
    const largest = Math.max(0, ...plan.files.flatMap(({ tensors }) => tensors.map(({ elements }) => elements)));
    this.inputSquares = new Float64Array(weights.length);
    this.endpoint = endpointOf(weights);
    this.buffers = Array.from({ length: weights.length + 1 }, () => new Uint8Array(8 * Math.min(chunkElements, largest)));
  }

  async tensor(tensor: PlannedTensor, writer: SafetensorsWriter): Promise<void> {
    let tensorNan = 0;
    const nanInputs = new Set<number>();
    for (let start = 0; start < tensor.elements; start += chunkElements) {
      throwIfAborted(this.execution.signal);
      const length = Math.min(chunkElements, tensor.elements - start);
      const size = dtypeBytes[tensor.outDtype];
      const out = this.buffers[tensor.inputs.length].subarray(0, length * size);
      const statistics = isFloatDtype(tensor.inputs[0].dtype) ? await this.floats(tensor, start, length, out) : await this.others(tensor, start, length, out);
      await writer.write(out, tensor.outBegin + start * size);
      if (statistics) {
        tensorNan += statistics.nan;
        for (const [index, input] of statistics.inputs.entries()) if (input.nan > 0) nanInputs.add(this.used[index]);
        this.count(statistics);
      }
      this.doneElements += length;
      this.execution.onElements(this.doneElements);
    }
    this.loadedTensors++;
    if (tensorNan === 0) return;
    this.firstNan ??= tensor.name;
    if (!this.execution.allowNan && !this.isCopy(tensor)) throw nanTensor(tensor.name, tensorNan, [...nanInputs].map((index) => this.execution.inputs[index].name));
  }

  /** Indices of the inputs that are read: those whose weight is not zero. */
  private get used(): number[] {
    return this.execution.weights.flatMap((weight, index) => (weight === 0 ? [] : [index]));
  }

  private isCopy({ inputs, outDtype }: PlannedTensor): boolean {
    return this.endpoint !== null && inputs[this.endpoint].dtype === outDtype;
  }

  private async load(tensor: PlannedTensor, input: number, start: number, length: number): Promise<{ bytes: Uint8Array; dtype: Dtype }> {
    const { dtype } = tensor.inputs[input];
    const bytes = this.buffers[input].subarray(0, length * dtypeBytes[dtype]);
    await this.reader.read(tensor.inputs[input], start * dtypeBytes[dtype], bytes);
    return { bytes, dtype };
  }

  private async floats(tensor: PlannedTensor, start: number, length: number, out: Uint8Array): Promise<ChunkStatistics | null> {
    const { weights, kernel, method } = this.execution;
    const { outDtype } = tensor;
    if (!isFloatDtype(outDtype)) return null;
    const parts: ChunkPart[] = [];
    for (const index of this.used) {
      const { bytes, dtype } = await this.load(tensor, index, start, length);
      if (isFloatDtype(dtype)) parts.push({ bytes, dtype });
    }
    const statistics = method.mergeChunk(kernel, parts, this.used.map((index) => weights[index]), { bytes: out, dtype: outDtype });
    if (this.isCopy(tensor)) out.set(parts[0].bytes);
    return statistics;
  }

  /** Integers and booleans are equal in every input, or the blend is refused. */
  private async others(tensor: PlannedTensor, start: number, length: number, out: Uint8Array): Promise<null> {
    const { inputs } = this.execution;
    out.set((await this.load(tensor, 0, start, length)).bytes);
    for (let index = 1; index < inputs.length; index++) {
      const { bytes, dtype } = await this.load(tensor, index, start, length);
      if (Buffer.compare(bytes, out) !== 0) throw nonFloatTensorsDiffer(tensor.name, dtype, inputs[0].name, inputs[index].name);
    }
    return null;
  }

  private count(statistics: ChunkStatistics): void {
    this.nan += statistics.nan;
    this.infinite += statistics.infinite;
    this.squares += statistics.squares;
    for (const [index, input] of this.used.entries()) this.inputSquares[input] += statistics.inputs[index].squares;
  }

  result(): ExecutionResult {
    const { weights, plan } = this.execution;
    const floats = plan.files.flatMap(({ tensors }) => tensors).filter(({ outDtype }) => isFloatDtype(outDtype));
    return {
      loadedTensors: this.loadedTensors,
      nan: this.nan,
      infinite: this.infinite,
      firstNan: this.firstNan,
      norm: Math.sqrt(this.squares),
      inputNorms: weights.map((weight, index) => (weight === 0 ? null : Math.sqrt(this.inputSquares[index]))),
      copied: this.endpoint !== null && floats.every((tensor) => this.isCopy(tensor)),
    };
  }
}

/**
 * Reads a soup at λ = eᵢ back from the disk and compares it with expert i, byte for byte.
 * @throws EndpointDiffersError naming the first tensor that differs
 */
export async function verifyEndpoint(soup: NamedCheckpoint, expert: NamedCheckpoint, signal?: AbortSignal): Promise<void> {
  const reader = openTensorReader();
  const step = 1 << 20;
  const [ours, theirs] = [new Uint8Array(step), new Uint8Array(step)];
  try {
    for (const [name, tensor] of soup.checkpoint.tensors) {
      const match = expert.checkpoint.tensors.get(name);
      if (!match) throw endpointDiffers(name, expert.name);
      const size = tensor.end - tensor.begin;
      for (let offset = 0; offset < size; offset += step) {
        throwIfAborted(signal);
        const length = Math.min(step, size - offset);
        const [a, b] = [ours.subarray(0, length), theirs.subarray(0, length)];
        await Promise.all([reader.read(tensor, offset, a), reader.read(match, offset, b)]);
        if (Buffer.compare(a, b) !== 0) throw endpointDiffers(name, expert.name);
      }
    }
  } finally {
    await reader.close();
  }
}
