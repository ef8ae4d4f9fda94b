import type { Tensor } from '@tensorflow/tfjs';
import { instantiateKernels, type KernelExports } from '../../../backend/wasm/kernel-module';
import { linearsOf, tensorSpecs, weightName, type Architecture, type Linear } from '../../../../architecture/architecture';
import { mergeAdapter } from '../lora';
import type { Weights } from '../network';
import { Arena } from './arena';
import { depthBlock, runDecoder, tiedHead } from './pass';

/** Keys and values of one sequence, [layers][2][capacity, keyValueHeads · headSize], and how many rows are filled. */
export interface Cache {
  readonly address: number;
  readonly capacity: number;
  length: number;
}

/** What the model says of the next token of each row. */
export interface Predictions {
  readonly logits: Float32Array;
  readonly exponentials: Float32Array;
  readonly maxima: Float32Array;
  readonly sums: Float32Array;
  /** of an ensemble: KL(soup ‖ ensemble) of each row in nats */
  readonly kl?: Float64Array;
}

/** One token to be computed: its sequence's cache tells its position. */
export interface Step<C = Cache> {
  readonly cache: C;
  readonly token: number;
}

/** What continues sequences: one model, or several as one. `C` is what it remembers of a sequence. */
export interface Predictor<C> {
  /** Takes over weights that have changed since the last call. */
  refresh(): Promise<void>;
  /** Caches that `work` creates are free again when it ends. */
  scoped<T>(work: () => Promise<T>): Promise<T>;
  createCache(capacity: number): C;
  /** Makes `to` continue what `from` holds. */
  copyCache(from: C, to: C): void;
  /**
   * Computes the steps, whose caches grow by them. Steps of one cache are in order and follow what it holds.
   * @param wanted the steps whose next token is asked for
   * @returns logits [wanted, vocabulary], and e to their distance from the row's maximum with its sum; valid until the
   * next call
   */
  run(steps: readonly Step<C>[], wanted: readonly number[]): Predictions;
}

/**
 * The decoder in one WebAssembly memory of its own, without gradients: rows of any sequences at any position side by
 * side, so that no padding is computed, and each sees the keys and values of its own sequence. Weights are copied in and
 * packed when they have changed, with adapters merged in.
 */
export class Decoder implements Predictor<Cache> {
  private readonly arena = new Arena();
  private kernels: KernelExports | null = null;
  /** above weights and caches */
  private workMark = 0;
  /** where each tensor lies; linear weights packed */
  private readonly addresses = new Map<string, number>();
  /** what each tensor was copied from: tfjs gives a variable another data id when it is assigned */
  private readonly copied = new Map<string, readonly object[]>();

  constructor(private readonly architecture: Architecture, private readonly weights: Weights) {}

  async refresh(): Promise<void> {
    this.kernels ??= await instantiateKernels(this.arena.memory);
    const { layers, head, embedding } = this.architecture;
    const linears = new Map([...layers.flatMap(linearsOf), ...(head ? [head] : [])].map((linear) => [weightName(linear), linear]));
    for (const { name } of tensorSpecs(this.architecture)) {
      const linear = linears.get(name);
      if (linear) await this.copyLinear(name, linear);
      else await this.copyPlain(name, this.weights.tensor(name));
    }
    if (!head) await this.copyTiedHead(embedding);
  }

  private isCurrent(key: string, sources: readonly Tensor[]): boolean {
    const ids = sources.map(({ dataId }) => dataId);
    const before = this.copied.get(key);
    if (before?.length === ids.length && ids.every((id, i) => id === before[i])) return true;
    this.copied.set(key, ids);
    return false;
  }

  private addressFor(key: string, floats: number): number {
    const address = this.addresses.get(key) ?? this.arena.floats(floats);
    this.addresses.set(key, address);
    return address;
  }

  private async copyPlain(name: string, tensor: Tensor): Promise<void> {
    if (this.isCurrent(name, [tensor])) return;
    const values = await tensor.data<'float32'>();
    this.arena.view(this.addressFor(name, tensor.size), tensor.size).set(values);
  }

  private async copyLinear(name: string, linear: Linear): Promise<void> {
    const weight = this.weights.tensor(name);
    const adapter = this.weights.adapter(linear.name);
    if (this.isCurrent(name, adapter ? [weight, adapter.a, adapter.b] : [weight])) return;
    let values = await weight.data<'float32'>();
    if (adapter) {
      values = values.slice();
      mergeAdapter({ linear, rank: adapter.a.shape[0], scale: adapter.scale, dropout: 0, a: await adapter.a.data<'float32'>(), b: await adapter.b.data<'float32'>() }, values);
    }
    this.pack(name, values, linear);
  }

  private async copyTiedHead(embedding: string): Promise<void> {
    const tensor = this.weights.tensor(embedding);
    if (this.isCurrent(tiedHead, [tensor])) return;
    this.pack(tiedHead, await tensor.data<'float32'>(), { inputs: this.architecture.hiddenSize, outputs: this.architecture.vocabularySize, layout: 'out-in' });
  }

  private pack(key: string, values: Float32Array, { inputs, outputs, layout }: Pick<Linear, 'inputs' | 'outputs' | 'layout'>): void {
    const kernels = this.kernels!;
    const packed = this.addressFor(key, kernels.packedFloats(inputs, outputs));
    const mark = this.arena.mark();
    const source = this.arena.floats(values.length);
    this.arena.view(source, values.length).set(values);
    kernels.packMatrix(source, layout === 'out-in' ? 1 : outputs, layout === 'out-in' ? inputs : 1, inputs, outputs, depthBlock, packed);
    this.arena.release(mark);
  }

  async scoped<T>(work: () => Promise<T>): Promise<T> {
    const mark = this.arena.mark();
    try {
      return await work();
    } finally {
      this.arena.release(mark);
    }
  }

  createCache(capacity: number): Cache {
    const { layers, keyValueHeads, headSize } = this.architecture;
    const address = this.arena.floats(layers.length * 2 * capacity * keyValueHeads * headSize);
    this.workMark = this.arena.mark();
    return { address, capacity, length: 0 };
  }

  copyCache(from: Cache, to: Cache): void {
    const { layers, keyValueHeads, headSize } = this.architecture;
    const width = keyValueHeads * headSize;
    const heap = new Float32Array(this.arena.memory.buffer);
    for (let part = 0; part < 2 * layers.length; part++) {
      const source = from.address / 4 + part * from.capacity * width;
      heap.copyWithin(to.address / 4 + part * to.capacity * width, source, source + from.length * width);
    }
    to.length = from.length;
  }

  run(steps: readonly Step[], wanted: readonly number[]): Predictions {
    const { arena, kernels, architecture: { vocabularySize } } = this;
    const rows = wanted.length;
    arena.release(this.workMark);
    const logits = runDecoder({ architecture: this.architecture, kernels: kernels!, arena, addresses: this.addresses }, steps, wanted);
    const [exponentials, maxima, sums] = [rows * vocabularySize, rows, rows].map((count) => arena.floats(count)) as [number, number, number];
    kernels!.softmaxParts(logits, exponentials, maxima, sums, rows, vocabularySize);
    return { logits: arena.view(logits, rows * vocabularySize), exponentials: arena.view(exponentials, rows * vocabularySize), maxima: arena.view(maxima, rows), sums: arena.view(sums, rows) };
  }
}
