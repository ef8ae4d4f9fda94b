import type { CheckpointTensor } from './checkpoint';
import { dtypeBytes, type Dtype } from './dtype';
import { decodeInto } from './float-formats';
import { elementCount } from './safetensors-header';

/** A stored tensor in a weighted sum. */
export interface WeightedTensor {
  readonly tensor: Pick<CheckpointTensor, 'dtype' | 'shape' | 'file' | 'position'>;
  readonly weight: number;
}

/**
 * What a LoRA module adds to a tensor: scale · (Σ wᵢBᵢ)(Σ wⱼAⱼ), or its transpose where the tensor is [in, out] (the
 * Conv1D of GPT-2, and embeddings). Plain data, because it is sent to other threads.
 */
export interface LowRankUpdate {
  /** each [rank, in]; dimensions of a kernel after the first count as one */
  readonly a: readonly WeightedTensor[];
  /** each [out, rank] */
  readonly b: readonly WeightedTensor[];
  readonly rank: number;
  readonly scale: number;
  readonly isTransposed: boolean;
  /** columns of the tensor that is updated: the elements of a row */
  readonly columns: number;
}

let decoded = new Float64Array(0);

/** Σ wᵢTᵢ in float64, flattened, in `sum`. @param bytes of every tensor, as stored */
export function weightedSum(tensors: readonly WeightedTensor[], bytes: readonly Uint8Array[], sum: Float64Array = new Float64Array(elementCount(tensors[0].tensor.shape))): Float64Array {
  sum.fill(0);
  for (const [i, { tensor, weight }] of tensors.entries()) {
    const values = decode(bytes[i], tensor.dtype);
    for (let k = 0; k < sum.length; k++) sum[k] += weight * values[k];
  }
  return sum;
}

/** Transpose of a row-major matrix, [rows, columns] → [columns, rows]. */
export function transpose(matrix: Float64Array, rows: number, columns: number, result: Float64Array = new Float64Array(matrix.length)): Float64Array {
  for (let i = 0; i < rows; i++) for (let j = 0; j < columns; j++) result[j * rows + i] = matrix[i * columns + j];
  return result;
}

export function storedBytes({ tensor }: WeightedTensor): number {
  return elementCount(tensor.shape) * dtypeBytes[tensor.dtype];
}

/** Bytes of a stored factor that are wanted. */
export interface FactorRange {
  readonly tensor: WeightedTensor['tensor'];
  readonly weight: number;
  readonly byteOffset: number;
  readonly byteLength: number;
}

/** Arithmetic of an update on values in float32; see `addPlainly`. */
export type AddLowRank = (values: Float32Array, from: number, factors: PackedFactors) => void;

/** The factors of an update as they are multiplied, in float64. */
export interface PackedFactors {
  readonly rank: number;
  readonly columns: number;
  /** [columns / 8, rank, 8], with zeros after the last column */
  readonly right: Float64Array;
  /** [rows, rank], with the scale, from the row of the first value on */
  readonly left: Float64Array;
}

const panelColumns = 8;

/**
 * Adds an update to ranges of its tensor, row by row: the product is never formed as a whole. The right factor is held,
 * and a window of the rows of the left.
 */
export class LowRankRows {
  private readonly right: Float64Array;
  private readonly left: Float64Array;
  private window = { first: 0, end: 0 };

  /** Elements of the two buffers that an update takes. @param rows of the window */
  static sizes({ rank, columns }: LowRankUpdate, rows: number): [right: number, left: number] {
    return [Math.ceil(columns / panelColumns) * panelColumns * rank, rows * rank];
  }

  constructor(private readonly update: LowRankUpdate, [right, left]: readonly [Float64Array, Float64Array]) {
    this.right = right;
    this.left = left;
  }

  /** What `setRight` takes. */
  rightRanges(): FactorRange[] {
    const { a, b, isTransposed } = this.update;
    return (isTransposed ? b : a).map((weighted) => ({ ...weighted, byteOffset: 0, byteLength: storedBytes(weighted) }));
  }

  setRight(bytes: readonly Uint8Array[]): void {
    const { rank, columns, isTransposed } = this.update;
    this.right.fill(0);
    for (const [i, { tensor, weight }] of this.rightRanges().entries()) {
      const values = decode(bytes[i], tensor.dtype);
      for (let k = 0; k < rank; k++) {
        for (let j = 0; j < columns; j++) this.right[((j >> 3) * rank + k) * panelColumns + (j & 7)] += weight * values[isTransposed ? j * rank + k : k * columns + j];
      }
    }
  }

  /** The window's rows, which start at the row of element `start`; the tensor may end before it does. */
  windowAt(start: number): { readonly first: number; readonly end: number } {
    const { a, b, rank, isTransposed, columns } = this.update;
    const first = Math.floor(start / columns);
    const rows = elementCount((isTransposed ? a : b)[0].tensor.shape) / rank;
    return { first, end: Math.min(rows, first + this.left.length / rank) };
  }

  /** How many elements from `start` on are in the window that is set. */
  private roomAt(start: number): number {
    const { first, end } = this.window;
    return start >= first * this.update.columns ? Math.max(0, end * this.update.columns - start) : 0;
  }

  /** What `setLeft` takes: rows of B, or pieces of every row of A. */
  leftRanges({ first, end }: { readonly first: number; readonly end: number }): FactorRange[] {
    const { a, b, rank, isTransposed } = this.update;
    return (isTransposed ? a : b).flatMap((weighted) => {
      const size = dtypeBytes[weighted.tensor.dtype];
      if (!isTransposed) return [{ ...weighted, byteOffset: first * rank * size, byteLength: (end - first) * rank * size }];
      const inputs = elementCount(weighted.tensor.shape) / rank;
      return Array.from({ length: rank }, (_, k) => ({ ...weighted, byteOffset: (k * inputs + first) * size, byteLength: (end - first) * size }));
    });
  }

  setLeft(window: { readonly first: number; readonly end: number }, bytes: readonly Uint8Array[]): void {
    const { rank, scale, isTransposed } = this.update;
    const left = this.left.subarray(0, (window.end - window.first) * rank).fill(0);
    for (const [i, { tensor, weight }] of this.leftRanges(window).entries()) {
      const values = decode(bytes[i], tensor.dtype);
      if (isTransposed) for (let row = 0; row < values.length; row++) left[row * rank + (i % rank)] += weight * values[row];
      else for (let k = 0; k < values.length; k++) left[k] += weight * values[k];
    }
    for (let k = 0; k < left.length; k++) left[k] *= scale;
    this.window = window;
  }

  /** Adds to elements from `start` on, and moves the window with them. @param read bytes of factors */
  addInWindows(values: Float32Array, start: number, read: (ranges: readonly FactorRange[]) => readonly Uint8Array[], add: AddLowRank): void {
    for (let done = 0; done < values.length; ) {
      if (this.roomAt(start + done) === 0) {
        const window = this.windowAt(start + done);
        this.setLeft(window, read(this.leftRanges(window)));
      }
      const count = Math.min(this.roomAt(start + done), values.length - done);
      this.addTo(values.subarray(done, done + count), start + done, add);
      done += count;
    }
  }

  /** `values` are the tensor's elements from `start` on, all in the window; sums are float64, rounded once into `values`. */
  addTo(values: Float32Array | Float64Array, start: number, add?: AddLowRank): void {
    const { rank, columns } = this.update;
    const row = Math.floor(start / columns);
    const factors = { rank, columns, right: this.right, left: this.left.subarray((row - this.window.first) * rank) };
    if (add && values instanceof Float32Array) add(values, start - row * columns, factors);
    else addPlainly(values, start - row * columns, factors);
  }
}

/** Adds left · right to elements of a matrix, row after row from column `from` of a row on. */
export function addPlainly(values: Float32Array | Float64Array, from: number, { rank, columns, right, left }: PackedFactors): void {
  const sums = new Float64Array(panelColumns);
  for (let done = 0, row = 0; done < values.length; row++) {
    const end = Math.min(columns, from + values.length - done);
    for (let column = from; column < end; ) {
      const panel = column >> 3;
      addPanel(left.subarray(row * rank, (row + 1) * rank), right.subarray(panel * rank * panelColumns, (panel + 1) * rank * panelColumns), sums);
      for (; column < end && column >> 3 === panel; column++) values[done + column - from] += sums[column & 7];
    }
    done += end - from;
    from = 0;
  }
}

/** Eight dot products at once. */
function addPanel(left: Float64Array, panel: Float64Array, sums: Float64Array): void {
  let [s0, s1, s2, s3, s4, s5, s6, s7] = [0, 0, 0, 0, 0, 0, 0, 0];
  for (let k = 0, at = 0; k < left.length; k++, at += panelColumns) {
    const factor = left[k];
    s0 += factor * panel[at];
    s1 += factor * panel[at + 1];
    s2 += factor * panel[at + 2];
    s3 += factor * panel[at + 3];
    s4 += factor * panel[at + 4];
    s5 += factor * panel[at + 5];
    s6 += factor * panel[at + 6];
    s7 += factor * panel[at + 7];
  }
  sums[0] = s0;
  sums[1] = s1;
  sums[2] = s2;
  sums[3] = s3;
  sums[4] = s4;
  sums[5] = s5;
  sums[6] = s6;
  sums[7] = s7;
}

/** Values in memory that the next call takes again. */
function decode(bytes: Uint8Array, dtype: Dtype): Float64Array {
  const length = bytes.byteLength / dtypeBytes[dtype];
  if (decoded.length < length) decoded = new Float64Array(length);
  const values = decoded.subarray(0, length);
  decodeInto(bytes, dtype, values);
  return values;
}
