import { dtypeBytes, isFloatDtype } from '../checkpoint/dtype';
import type { VectorDtype } from './kernels/simd';
import { isVectorDtype } from './kernels/simd';
import type { TensorProgram } from './methods/program';
import { findMethod } from './methods/registry';
import { taskOf, type MergePlan, type PlannedTensor } from './plan';
import type { ElementRange } from './tensor-merge';

/** Where one input of a stretch lies: `position` is a byte of the file. */
export interface StretchInput {
  /** index into the request's inputs */
  readonly input: number;
  readonly file: string;
  readonly position: number;
}

/**
 * Neighbouring tensors of the output whose bytes are neighbours in every input too, of one type, with one set of
 * weights: they are combined, or copied, as if they were one long tensor.
 */
export interface Stretch {
  readonly dtype: VectorDtype;
  readonly inputs: readonly StretchInput[];
  /** one an input; a copy has one input and none */
  readonly weights: readonly number[] | null;
  /** index into the plan's files, and byte of the data section */
  readonly outFile: number;
  readonly outBegin: number;
  readonly elements: number;
}

/** A tensor, or a range of it, that is merged by its program. */
export interface TensorUnit extends ElementRange {
  readonly tensor: PlannedTensor;
  readonly outFile: number;
  /** of a range of a tensor whose dot products are taken by several threads */
  readonly share?: ProductShare;
}

/** Either takes the dot products of its own range, or, once those of all ranges are there, combines it. */
export interface ProductShare {
  readonly step: 'products' | 'combine';
  /** the range's index among all of the tensor */
  readonly range: number;
  readonly ranges: number;
  /** where the tensor's products begin in `products`, a matrix a range, and its count of finished ranges in `finished` */
  readonly offset: number;
  readonly counter: number;
}

/**
 * Work that can be done in any order, but for the dot products of what is shared, which come first: the larger pieces
 * are before the smaller, so that no thread is left with one at the end.
 */
export interface Schedule {
  readonly tensors: readonly TensorUnit[];
  /** dot products by range, and the finished ranges by tensor; in memory that every thread sees */
  readonly products: Float64Array;
  readonly finished: Int32Array;
  readonly stretches: readonly Stretch[];
  /** pieces of stretches, rows of [stretch, first element, elements] */
  readonly chunks: Float64Array;
}

/** Elements of a range of a tensor whose program keeps no state. */
const rangeElements = 1 << 22;
export const chunkFields = 3;

/** Cuts a plan into work. @param chunkBytes of output that a stretch is cut into */
export function scheduleMerge(plan: MergePlan, chunkBytes: number): Schedule {
  const tensors: TensorUnit[] = [];
  const stretches: Stretch[] = [];
  const shared = { products: [] as TensorUnit[], combine: [] as TensorUnit[], values: 0, tensors: 0 };
  for (const [outFile, file] of plan.files.entries()) {
    for (const tensor of file.tensors) {
      if (tensor.elements === 0) continue;
      const program = isFloatDtype(tensor.dtype) ? findMethod(tensor.method).program(taskOf(tensor, plan.inputs)) : null;
      const stretch = program && stretchOf(tensor, program, outFile);
      const last = stretches.at(-1);
      if (stretch && last && continues(last, stretch)) stretches[stretches.length - 1] = { ...last, elements: last.elements + stretch.elements };
      else if (stretch) stretches.push(stretch);
      else if (program?.kind === 'gram' && tensor.elements > rangeElements) {
        const units = unitsOf(tensor, rangeElements, outFile);
        const place = { ranges: units.length, offset: shared.values, counter: shared.tensors++ };
        for (const step of ['products', 'combine'] as const) shared[step].push(...units.map((unit, range) => ({ ...unit, share: { step, range, ...place } })));
        shared.values += units.length * tensor.inputs.length ** 2;
      } else tensors.push(...unitsOf(tensor, isSplit(program) ? rangeElements : tensor.elements, outFile));
    }
  }
  tensors.sort((a, b) => b.to - b.from - (a.to - a.from));
  return {
    tensors: [...shared.products, ...tensors, ...shared.combine],
    products: new Float64Array(new SharedArrayBuffer(8 * shared.values)),
    finished: new Int32Array(new SharedArrayBuffer(4 * shared.tensors)),
    stretches,
    chunks: chunksOf(stretches, chunkBytes),
  };
}

/** The tensor as a stretch, where its inputs lie in files in the output's type; null otherwise. */
function stretchOf(tensor: PlannedTensor, program: TensorProgram, outFile: number): Stretch | null {
  const { dtype, elements, outBegin } = tensor;
  if (!isVectorDtype(dtype) || (program.kind !== 'copy' && program.kind !== 'combine')) return null;
  const used = program.kind === 'copy' ? [program.input] : [...program.weights.keys()].filter((index) => program.weights[index] !== 0);
  if (used.length === 0) return null;
  const inputs: StretchInput[] = [];
  for (const index of used) {
    const { input, source } = tensor.inputs[index];
    if (source.kind !== 'stored' || source.dtype !== dtype) return null;
    inputs.push({ input, file: source.file, position: source.position });
  }
  return { dtype, inputs, weights: program.kind === 'copy' ? null : used.map((index) => program.weights[index]), outFile, outBegin, elements };
}

function continues(last: Stretch, next: Stretch): boolean {
  const bytes = last.elements * dtypeBytes[last.dtype];
  return last.dtype === next.dtype && last.outFile === next.outFile && last.outBegin + bytes === next.outBegin
    && last.weights?.join() === next.weights?.join() && last.inputs.length === next.inputs.length
    && last.inputs.every(({ input, file, position }, j) => input === next.inputs[j].input && file === next.inputs[j].file && position + bytes === next.inputs[j].position);
}

/** Whether every element is merged for itself, so that several threads can take ranges of the tensor. */
function isSplit(program: TensorProgram | null): boolean {
  return program === null || program.kind === 'copy' || program.kind === 'combine' || (program.kind === 'passes' && program.isElementwise === true && !program.reductions?.length);
}

/** Ranges of whole rows of about `most` elements. */
function unitsOf(tensor: PlannedTensor, most: number, outFile: number): TensorUnit[] {
  const row = Math.max(1, tensor.shape.at(-1) ?? 1);
  const step = most < tensor.elements ? Math.max(1, Math.floor(most / row)) * row : tensor.elements;
  const units: TensorUnit[] = [];
  for (let from = 0; from < tensor.elements; from += step) units.push({ tensor, outFile, from, to: Math.min(tensor.elements, from + step) });
  return units;
}

/** Chunks end where the output's position is a multiple of their size, which is what writing past the page cache asks for. */
function chunksOf(stretches: readonly Stretch[], chunkBytes: number): Float64Array {
  const rows: number[] = [];
  for (const [index, { dtype, outBegin, elements }] of stretches.entries()) {
    const size = dtypeBytes[dtype];
    for (let start = 0; start < elements; ) {
      const room = chunkBytes - ((outBegin + start * size) % chunkBytes);
      const count = Math.min(elements - start, Math.max(1, Math.floor(room / size)));
      rows.push(index, start, count);
      start += count;
    }
  }
  return Float64Array.from(rows);
}
