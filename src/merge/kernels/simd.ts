import { readFileSync } from 'node:fs';
import { assetPath } from '../../assets';
import { dtypeBytes } from '../../checkpoint/dtype';
import type { ChunkPart, ChunkStatistics, Measure, MergeKernel } from './kernel';
import { plainKernel } from './plain';
import type { DropOut, TaskVectorSum, Trim, VectorMath } from './vector-math';

type Address = number;
type Blend = (count: number, pointers: Address, weights: Address, out: Address, elements: number, records: Address) => void;
type Convert = (from: Address, to: Address, elements: number) => void;

/** Exports of `merge.as.ts`; each is described where it stands. Addresses are bytes in the module's memory. */
interface Exports {
  readonly memory: WebAssembly.Memory;
  freeFrom(): Address;
  readonly blendBF16: Blend;
  readonly blendF32: Blend;
  blendF16(count: number, pointers: Address, weights: Address, scaled: Address, out: Address, elements: number, records: Address): void;
  measureBF16(from: Address, elements: number, record: Address): void;
  measureF16(from: Address, elements: number, record: Address): void;
  measureF32(from: Address, elements: number, record: Address): void;
  readonly decodeBF16: Convert;
  readonly decodeF16: Convert;
  readonly encodeBF16: Convert;
  readonly encodeF16: Convert;
  subtract(a: Address, b: Address, elements: number): void;
  trim(values: Address, elements: number, key: number, keepEqual: number): number;
  dropOut(values: Address, elements: number, start: number, key: number, secondKey: number, limit: number): void;
  absoluteSum(values: Address, elements: number): number;
  addTaskVectors(count: number, pointers: Address, factors: Address, weights: Address, base: Address, out: Address, elements: number, lambda: number, divisor: number, electsSigns: number): void;
  addProduct(x: Address, y: Address, elements: number, sum: Address): void;
  addPairProducts(x: Address, y: Address, elements: number, sums: Address): void;
}

/** `merge-kernels.wasm`, compiled once and sent to every thread. @throws Error when the build has not made it */
export function compileKernels(): WebAssembly.Module {
  return new WebAssembly.Module(readFileSync(assetPath('merge-kernels.wasm')));
}

const pageBytes = 65536;
/** Kernels work in steps of 64 bytes and may pass a buffer's end by that much. */
const stepBytes = 64;
/** Buffers start at a page, as reads past the page cache ask for. */
const alignment = 4096;
const recordBytes = 16;
/** f16 comes times 2^-112 and its weight times 2^112; beyond this weight the complete conversions are used. */
const largestScaledWeight = 2 ** 14;
/** Rows of dot products are taken together by so many elements, for the cache. */
const gramBlockElements = 4096;

/**
 * The SIMD kernels on a private memory: tables at its start, then the buffers. Only buffers of `allocate`, and parts
 * of them, can be worked on. F64 and the 8-bit formats take the plain kernel's conversions.
 */
export class SimdKernel implements MergeKernel, VectorMath {
  readonly name = 'simd';
  readonly vectors = this;
  private readonly kernels: Exports;
  private bytes!: Uint8Array;
  private view!: DataView;
  /** inputs that the tables have room for */
  private capacity = 0;
  private tables = { pointers: 0, weights: 0, scaled: 0, records: 0 };
  /** two buffers of float32 for conversions on the way */
  private scratch: readonly [sum: Address, values: Address] = [0, 0];

  constructor(module: WebAssembly.Module) {
    this.kernels = new WebAssembly.Instance(module, { env: {} }).exports as unknown as Exports;
    this.allocate([]);
  }

  allocate(sizes: readonly number[]): Uint8Array[] {
    this.capacity = Math.max(this.capacity, sizes.length);
    let end = this.kernels.freeFrom();
    const place = (size: number): Address => {
      const address = Math.ceil(end / alignment) * alignment;
      end = address + size + 2 * stepBytes;
      return address;
    };
    const table = (entryBytes: number): Address => place(entryBytes * (this.capacity + 1));
    this.tables = { pointers: table(4), weights: table(4), scaled: table(4), records: table(recordBytes) };
    const addresses = sizes.map(place);
    const scratchBytes = 4 * Math.max(0, ...sizes);
    this.scratch = [place(scratchBytes), place(scratchBytes)];
    const { memory } = this.kernels;
    const missing = end - memory.buffer.byteLength;
    if (missing > 0) memory.grow(Math.ceil(missing / pageBytes));
    this.bytes = new Uint8Array(memory.buffer);
    this.view = new DataView(memory.buffer);
    return addresses.map((address, i) => this.bytes.subarray(address, address + sizes[i]));
  }

  blendChunk(inputs: readonly ChunkPart[], weights: readonly number[], out: ChunkPart): ChunkStatistics {
    const parts = [...inputs, out];
    if (inputs.length === 0 || inputs.length > this.capacity || parts.some(({ dtype }) => dtype === 'F64')) return plainKernel.blendChunk(inputs, weights, out);
    const { dtype } = out;
    if (isVectorDtype(dtype) && inputs.every((input) => input.dtype === dtype)) return this.blendSame(inputs, weights, out, dtype);
    return this.blendMixed(inputs, weights, out);
  }

  /** Inputs and output of one type: decoding, sums, rounding and statistics in one pass over the cache. */
  private blendSame(inputs: readonly ChunkPart[], weights: readonly number[], out: ChunkPart, dtype: VectorDtype): ChunkStatistics {
    const { pointers, weights: table, scaled, records } = this.tables;
    for (const [j, input] of inputs.entries()) this.view.setUint32(pointers + 4 * j, this.padded(input.bytes), true);
    this.setWeights(weights);
    this.bytes.fill(0, records, records + recordBytes * (inputs.length + 1));
    const elements = elementsOf(out);
    const to = this.addressOf(out.bytes);
    if (dtype === 'BF16') this.kernels.blendBF16(inputs.length, pointers, table, to, elements, records);
    else if (dtype === 'F32') this.kernels.blendF32(inputs.length, pointers, table, to, elements, records);
    else this.kernels.blendF16(inputs.length, pointers, table, weights.every((w) => Math.abs(w) < largestScaledWeight) ? scaled : 0, to, elements, records);
    return { ...this.record(inputs.length), inputs: inputs.map((_, j) => this.record(j)) };
  }

  /** Other types go through float32, one input after the other: the same sums in the same order. */
  private blendMixed(inputs: readonly ChunkPart[], weights: readonly number[], out: ChunkPart): ChunkStatistics {
    const { pointers, weights: table, records } = this.tables;
    const elements = elementsOf(out);
    const [sum, values] = this.scratch.map((address) => new Float32Array(this.bytes.buffer, address, elements));
    sum.fill(0);
    const statistics = inputs.map((input, j) => {
      this.decode(input, values);
      this.view.setUint32(pointers, this.padded(sum), true);
      this.view.setUint32(pointers + 4, this.padded(values), true);
      this.setWeights([1, weights[j]]);
      this.bytes.fill(0, records, records + 3 * recordBytes);
      this.kernels.blendF32(2, pointers, table, this.addressOf(sum), elements, records);
      return this.record(1);
    });
    this.encode(sum, out);
    return { ...this.measure(out), inputs: statistics };
  }

  measure(part: ChunkPart): Measure {
    const { bytes, dtype } = part;
    if (!isVectorDtype(dtype)) return plainKernel.measure(part);
    const { records } = this.tables;
    this.bytes.fill(0, records, records + recordBytes);
    const measure = { BF16: this.kernels.measureBF16, F16: this.kernels.measureF16, F32: this.kernels.measureF32 }[dtype];
    measure(this.padded(bytes), elementsOf(part), records);
    return this.record(0);
  }

  decode({ bytes, dtype }: ChunkPart, into: Float32Array): void {
    if (dtype === 'BF16') this.kernels.decodeBF16(this.addressOf(bytes), this.addressOf(into), into.length);
    else if (dtype === 'F16') this.kernels.decodeF16(this.addressOf(bytes), this.addressOf(into), into.length);
    else plainKernel.decode({ bytes, dtype }, into);
  }

  encode(values: Float32Array, { bytes, dtype }: ChunkPart): void {
    if (dtype === 'BF16') this.kernels.encodeBF16(this.padded(values), this.addressOf(bytes), values.length);
    else if (dtype === 'F16') this.kernels.encodeF16(this.padded(values), this.addressOf(bytes), values.length);
    else plainKernel.encode(values, { bytes, dtype });
  }

  addProducts(values: readonly Float32Array[], origin: number | null, gram: readonly Float64Array[]): void {
    const addresses = values.map((row) => this.padded(row));
    const { length } = values[0];
    for (let start = 0; start < length; start += gramBlockElements) {
      const elements = Math.min(gramBlockElements, length - start);
      this.addBlockProducts(addresses.map((address) => address + 4 * start), origin, elements, gram);
    }
  }

  private addBlockProducts(rows: readonly Address[], origin: number | null, elements: number, gram: readonly Float64Array[]): void {
    const { subtract, addPairProducts, addProduct } = this.kernels;
    const { records: sums } = this.tables;
    const used = [...rows.keys()].filter((i) => i !== origin);
    if (origin !== null) for (const i of used) subtract(rows[i], rows[origin], elements);
    const add = (i: number, j: number, at: Address): void => {
      const product = this.view.getFloat64(at, true);
      gram[i][j] += product;
      if (i !== j) gram[j][i] += product;
    };
    this.bytes.fill(0, sums, sums + 24);
    if (used.length === 2) {
      const [i, j] = used;
      addPairProducts(rows[i], rows[j], elements, sums);
      add(i, i, sums);
      add(i, j, sums + 8);
      add(j, j, sums + 16);
      return;
    }
    for (const [a, i] of used.entries()) {
      for (const j of used.slice(a)) {
        this.bytes.fill(0, sums, sums + 8);
        addProduct(rows[i], rows[j], elements, sums);
        add(i, j, sums);
      }
    }
  }

  subtract(a: Float32Array, b: Float32Array): void {
    this.kernels.subtract(this.addressOf(a), this.addressOf(b), a.length);
  }

  trim(values: Float32Array, { key, keepEqual }: Trim): number {
    return this.kernels.trim(this.addressOf(values), values.length, key, Math.min(keepEqual, values.length));
  }

  dropOut(values: Float32Array, { start, key, secondKey, limit }: DropOut): void {
    this.kernels.dropOut(this.addressOf(values), values.length, start, key, secondKey, limit);
  }

  absoluteSum(values: Float32Array): number {
    return this.kernels.absoluteSum(this.padded(values), values.length);
  }

  addTaskVectors(vectors: readonly Float32Array[], base: Float32Array, { factors, weights, lambda, divisor, electsSigns }: TaskVectorSum, out: Float32Array): void {
    const { pointers, weights: weightTable, scaled: factorTable } = this.tables;
    for (const [j, vector] of vectors.entries()) {
      this.view.setUint32(pointers + 4 * j, this.addressOf(vector), true);
      this.view.setFloat32(weightTable + 4 * j, weights[j], true);
      this.view.setFloat32(factorTable + 4 * j, factors[j], true);
    }
    this.kernels.addTaskVectors(vectors.length, pointers, factorTable, weightTable, this.addressOf(base), this.addressOf(out), out.length, lambda, divisor ?? 0, Number(electsSigns));
  }

  private setWeights(weights: readonly number[]): void {
    for (const [j, weight] of weights.entries()) {
      this.view.setFloat32(this.tables.weights + 4 * j, weight, true);
      this.view.setFloat32(this.tables.scaled + 4 * j, Math.fround(weight) * 2 ** 112, true);
    }
  }

  private record(index: number): Measure {
    const at = this.tables.records + recordBytes * index;
    return { squares: this.view.getFloat64(at, true), nan: this.view.getUint32(at + 8, true), infinite: this.view.getUint32(at + 12, true) };
  }

  private addressOf(buffer: Uint8Array | Float32Array): Address {
    if (buffer.buffer !== this.bytes.buffer) throw new Error('a buffer of another allocation was given to the kernels');
    return buffer.byteOffset;
  }

  /** The buffer's address, with zeros behind its end up to the next whole step. */
  private padded(buffer: Uint8Array | Float32Array): Address {
    const address = this.addressOf(buffer);
    const end = address + buffer.byteLength;
    this.bytes.fill(0, end, end + stepBytes);
    return address;
  }
}

/** Types with kernels of their own. */
export type VectorDtype = 'BF16' | 'F16' | 'F32';

export function isVectorDtype(dtype: string): dtype is VectorDtype {
  return dtype === 'BF16' || dtype === 'F16' || dtype === 'F32';
}

function elementsOf({ bytes, dtype }: ChunkPart): number {
  return bytes.byteLength / dtypeBytes[dtype];
}
