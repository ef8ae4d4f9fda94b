import { readFileSync } from 'node:fs';
import { assetPath } from '../../assets';
import { dtypeBytes } from '../../checkpoint/dtype';
import type { AddLowRank } from '../../checkpoint/low-rank';
import type { Address, Exports } from './exports';
import type { ChunkPart, ChunkStatistics, Measure, MergeKernel } from './kernel';
import { plainKernel } from './plain';
import type { DropOut, RankDraws, TaskVectorSum, Trim, VectorMath } from './vector-math';

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
/** Values of the upper half of a magnitude key. */
const upperKeys = 1 << 16;
/** A block of float32, in which dot products are taken. */
const blockBytes = 8192;

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
  private tables = { pointers: 0, weights: 0, factors: 0, records: 0, squares: 0, products: 0, blocks: 0, counts: 0 };
  /** two buffers of float32 for conversions on the way */
  private scratch: readonly [sum: Address, values: Address] = [0, 0];

  constructor(module: WebAssembly.Module) {
    this.kernels = new WebAssembly.Instance(module, { env: {} }).exports as unknown as Exports;
    this.allocate([]);
  }

  allocate(sizes: readonly number[], apart: readonly number[] = []): Uint8Array[] {
    this.capacity = Math.max(this.capacity, sizes.length);
    let end = this.kernels.freeFrom();
    const place = (size: number): Address => {
      const address = Math.ceil(end / alignment) * alignment;
      end = address + size + 2 * stepBytes;
      return address;
    };
    const table = (entryBytes: number): Address => place(entryBytes * (this.capacity + 1));
    this.tables = { pointers: table(4), weights: table(4), factors: table(4), records: table(recordBytes), squares: table(16), products: table(8 * (this.capacity + 1)), blocks: table(blockBytes), counts: place(4 * upperKeys) };
    const all = [...sizes, ...apart];
    const addresses = all.map(place);
    const scratchBytes = 4 * Math.max(0, ...sizes);
    this.scratch = [place(scratchBytes), place(scratchBytes)];
    const { memory } = this.kernels;
    const missing = end - memory.buffer.byteLength;
    if (missing > 0) memory.grow(Math.ceil(missing / pageBytes));
    this.bytes = new Uint8Array(memory.buffer);
    this.bytes.fill(0, this.tables.counts, this.tables.counts + 4 * upperKeys);
    this.view = new DataView(memory.buffer);
    return addresses.map((address, i) => this.bytes.subarray(address, address + all[i]));
  }

  blendChunk(inputs: readonly ChunkPart[], weights: readonly number[], out: ChunkPart, measuresInputs = true): ChunkStatistics {
    const parts = [...inputs, out];
    if (inputs.length === 0 || inputs.length > this.capacity || parts.some(({ dtype }) => dtype === 'F64')) return plainKernel.blendChunk(inputs, weights, out);
    const { dtype } = out;
    if (isVectorDtype(dtype) && inputs.every((input) => input.dtype === dtype)) return this.blendSame(inputs, weights, out, dtype, measuresInputs);
    return this.blendMixed(inputs, weights, out);
  }

  /** Inputs and output of one type: decoding, sums, rounding and statistics in one pass over the cache. */
  private blendSame(inputs: readonly ChunkPart[], weights: readonly number[], out: ChunkPart, dtype: VectorDtype, measuresInputs: boolean): ChunkStatistics {
    const { pointers, weights: table, squares, records } = this.tables;
    this.setTensors(inputs);
    this.setWeights(weights);
    this.bytes.fill(0, records, records + recordBytes * (inputs.length + 1));
    const blend = { BF16: this.kernels.blendBF16, F16: this.kernels.blendF16, F32: this.kernels.blendF32 }[dtype];
    blend(inputs.length, pointers, table, this.addressOf(out.bytes), elementsOf(out), records, squares, Number(measuresInputs));
    return { ...this.record(inputs.length), inputs: measuresInputs ? inputs.map((_, j) => this.record(j)) : [] };
  }

  /** Other types go through float32, one input after the other: the same sums in the same order. */
  private blendMixed(inputs: readonly ChunkPart[], weights: readonly number[], out: ChunkPart): ChunkStatistics {
    const { pointers, weights: table, squares, records } = this.tables;
    const elements = elementsOf(out);
    const [sum, values] = this.scratch.map((address) => new Float32Array(this.bytes.buffer, address, elements));
    sum.fill(0);
    const statistics = inputs.map((input, j) => {
      this.decode(input, values);
      this.view.setUint32(pointers, this.padded(sum), true);
      this.view.setUint32(pointers + 4, this.padded(values), true);
      this.setWeights([1, weights[j]]);
      this.bytes.fill(0, records, records + 3 * recordBytes);
      this.kernels.blendF32(2, pointers, table, this.addressOf(sum), elements, records, squares, 1);
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

  addProducts(parts: readonly ChunkPart[], origin: number | null, gram: readonly Float64Array[]): void {
    if (parts.length > this.capacity || parts.some(({ dtype }) => !isVectorDtype(dtype))) return plainKernel.addProducts(parts, origin, gram);
    const { pointers, factors: dtypes, products, blocks } = this.tables;
    this.setTensors(parts);
    this.bytes.fill(0, products, products + 4 * parts.length * (parts.length + 1));
    this.kernels.addProducts(parts.length, pointers, dtypes, origin ?? -1, elementsOf(parts[0]), blocks, products);
    let at = products;
    for (const i of parts.keys()) {
      for (let j = i; j < parts.length; j++, at += 8) {
        if (i === origin || j === origin) continue;
        const product = this.view.getFloat64(at, true);
        gram[i][j] += product;
        if (i !== j) gram[j][i] += product;
      }
    }
  }

  readonly addLowRank: AddLowRank = (values, from, { rank, columns, right, left }) => {
    this.kernels.addLowRank(this.addressOf(values), values.length, from, columns, rank, this.addressOf(right), this.addressOf(left));
  };

  blendAround(parts: readonly ChunkPart[], origin: number, weights: readonly number[], out: ChunkPart): void {
    if (parts.length > this.capacity || [...parts, out].some(({ dtype }) => !isVectorDtype(dtype))) return plainKernel.blendAround(parts, origin, weights, out);
    const { pointers, factors: dtypes, weights: table, blocks } = this.tables;
    const order = [origin, ...[...parts.keys()].filter((input) => input !== origin)];
    this.setTensors(order.map((input) => parts[input]));
    this.setWeights(order.slice(1).map((input) => weights[input]));
    this.kernels.blendAroundFirst(parts.length, pointers, dtypes, table, this.addressOf(out.bytes), vectorDtypes.indexOf(out.dtype as VectorDtype), elementsOf(out), blocks);
  }

  private setTensors(parts: readonly ChunkPart[]): void {
    const { pointers, factors: dtypes } = this.tables;
    for (const [j, { bytes, dtype }] of parts.entries()) {
      this.view.setUint32(pointers + 4 * j, this.padded(bytes), true);
      this.view.setUint32(dtypes + 4 * j, vectorDtypes.indexOf(dtype as VectorDtype), true);
    }
  }

  subtract(a: Float32Array, b: Float32Array): void {
    this.kernels.subtract(this.addressOf(a), this.addressOf(b), a.length);
  }

  countUpperKeys(values: Float32Array): Uint32Array {
    const [out] = this.scratch;
    const pairs = this.kernels.countUpperKeys(this.addressOf(values), values.length, this.tables.counts, out);
    return new Uint32Array(this.bytes.buffer, out, 2 * pairs);
  }

  selectKeys(values: Float32Array, upper: number): Uint32Array {
    const [out] = this.scratch;
    return new Uint32Array(this.bytes.buffer, out, this.kernels.selectKeys(this.addressOf(values), values.length, upper, out));
  }

  trim(values: Float32Array, { key, equal: { from, to }, dropsLarger = false }: Trim): number {
    const inside = (index: number): number => Math.max(0, Math.min(index, values.length));
    return this.kernels.trim(this.addressOf(values), values.length, key, inside(from), inside(to), Number(dropsLarger));
  }

  dropByRank(values: Float32Array, { rowLength, start, key, secondKeys: [second, next], lowest, spread }: RankDraws): void {
    this.kernels.dropByRank(this.addressOf(values), values.length, rowLength, start % 4294967296, key, second, next, lowest, spread, this.tables.counts, ...this.scratch);
  }

  dropOut(values: Float32Array, { start, key, secondKey, limit }: DropOut): void {
    this.kernels.dropOut(this.addressOf(values), values.length, start, key, secondKey, limit);
  }

  absoluteSum(values: Float32Array): number {
    return this.kernels.absoluteSum(this.padded(values), values.length);
  }

  squareSum(values: Float32Array): number {
    return this.kernels.squareSum(this.padded(values), values.length);
  }

  variances(vectors: readonly Float32Array[]): Float32Array {
    const [, out] = this.scratch;
    const [{ length }] = vectors;
    this.setVectors(vectors);
    this.kernels.variances(vectors.length, this.tables.pointers, out, length);
    return new Float32Array(this.bytes.buffer, out, length);
  }

  keepMarked(values: Float32Array, marks: Float32Array): void {
    this.kernels.keepMarked(this.addressOf(values), this.addressOf(marks), values.length);
  }

  addElectedMean(vectors: readonly Float32Array[], base: Float32Array, weights: readonly number[], out: Float32Array): void {
    this.setVectors(vectors);
    this.setWeights(weights);
    this.kernels.addElectedMean(vectors.length, this.tables.pointers, this.tables.weights, this.addressOf(base), this.addressOf(out), out.length);
  }

  countShared(experts: readonly Float32Array[], base: Float32Array, limit: number): { shared: number; unique: number }[] {
    const { pointers, products: counts } = this.tables;
    for (const values of [base, ...experts]) this.padded(values);
    this.setVectors(experts);
    this.bytes.fill(0, counts, counts + 8 * experts.length);
    this.kernels.countShared(experts.length, pointers, this.addressOf(base), base.length, limit, counts);
    return experts.map((_, j) => ({ shared: this.view.getUint32(counts + 8 * j, true), unique: this.view.getUint32(counts + 8 * j + 4, true) }));
  }

  addChanges(experts: readonly Float32Array[], base: Float32Array, limit: number, factors: readonly number[], out: Float32Array): void {
    this.setVectors(experts);
    this.setWeights(factors);
    this.kernels.addChanges(experts.length, this.tables.pointers, this.tables.weights, this.addressOf(base), this.addressOf(out), out.length, limit);
  }

  divergence(a: Float32Array, b: Float32Array): number {
    return this.kernels.divergence(this.addressOf(a), this.addressOf(b), a.length, ...this.scratch);
  }

  scaledDistances(a: Float32Array, b: Float32Array, rowLength: number, factors: Float64Array): Float32Array {
    const [, out] = this.scratch;
    for (const [row, factor] of factors.entries()) {
      const at = 4 * row * rowLength;
      this.kernels.scaledDistance(this.addressOf(a) + at, this.addressOf(b) + at, rowLength, factor, out + at);
    }
    return new Float32Array(this.bytes.buffer, out, a.length);
  }

  chooseMarked(a: Float32Array, b: Float32Array, marks: Float32Array, least: number, out: Float32Array): void {
    this.kernels.chooseMarked(this.addressOf(a), this.addressOf(b), this.addressOf(marks), a.length, least, this.addressOf(out));
  }

  swapNear(base: Float32Array, expert: Float32Array, t: number, out: Float32Array): void {
    this.kernels.swapNear(this.addressOf(base), this.addressOf(expert), this.addressOf(out), out.length, t);
  }

  addTaskVectors(vectors: readonly Float32Array[], base: Float32Array, { factors, weights, lambda, divisor, electsSigns }: TaskVectorSum, out: Float32Array): void {
    const { pointers, weights: weightTable, factors: factorTable } = this.tables;
    this.setVectors(vectors);
    this.setWeights(weights);
    for (const [j, factor] of factors.entries()) this.view.setFloat32(factorTable + 4 * j, factor, true);
    this.kernels.addTaskVectors(vectors.length, pointers, factorTable, weightTable, this.addressOf(base), this.addressOf(out), out.length, lambda, divisor ?? 0, Number(electsSigns));
  }

  private setVectors(vectors: readonly Float32Array[]): void {
    for (const [j, vector] of vectors.entries()) this.view.setUint32(this.tables.pointers + 4 * j, this.addressOf(vector), true);
  }

  private setWeights(weights: readonly number[]): void {
    for (const [j, weight] of weights.entries()) this.view.setFloat32(this.tables.weights + 4 * j, weight, true);
  }

  private record(index: number): Measure {
    const at = this.tables.records + recordBytes * index;
    return { squares: this.view.getFloat64(at, true), nan: this.view.getUint32(at + 8, true), infinite: this.view.getUint32(at + 12, true) };
  }

  private addressOf(buffer: Uint8Array | Float32Array | Float64Array): Address {
    if (buffer.buffer !== this.bytes.buffer) throw new Error('a buffer of another allocation was given to the kernels');
    return buffer.byteOffset;
  }

  /** The buffer's address, with zeros behind its end up to the next whole step. */
  private padded(buffer: Uint8Array | Float32Array): Address {
    const address = this.addressOf(buffer);
    const end = address + buffer.byteLength;
    this.bytes.fill(0, end, address + Math.ceil(buffer.byteLength / stepBytes) * stepBytes);
    return address;
  }
}

/** Types with kernels of their own, in the order of their codes there. */
const vectorDtypes = ['BF16', 'F16', 'F32'] as const;
export type VectorDtype = (typeof vectorDtypes)[number];

export function isVectorDtype(dtype: string): dtype is VectorDtype {
  return (vectorDtypes as readonly string[]).includes(dtype);
}

function elementsOf({ bytes, dtype }: ChunkPart): number {
  return bytes.byteLength / dtypeBytes[dtype];
}
