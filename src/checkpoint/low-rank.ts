import type { CheckpointTensor } from './checkpoint';
import { dtypeBytes } from './dtype';
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
  if (decoded.length < sum.length) decoded = new Float64Array(sum.length);
  const values = decoded.subarray(0, sum.length);
  for (const [i, { tensor, weight }] of tensors.entries()) {
    decodeInto(bytes[i], tensor.dtype, values);
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

/** Adds an update to ranges of its tensor, row by row: the product is never formed as a whole. */
export class LowRankRows {
  /** [rows, rank], with the scale */
  private readonly left: Float64Array;
  /** [rank, columns] */
  private readonly right: Float64Array;
  private readonly sum: Float64Array;

  /** @param bytes of the update's tensors as stored: those of `a`, then those of `b` */
  constructor(private readonly update: LowRankUpdate, bytes: readonly Uint8Array[]) {
    const { a, b, rank, scale, isTransposed, columns } = update;
    const [sumA, sumB] = [weightedSum(a, bytes.slice(0, a.length)), weightedSum(b, bytes.slice(a.length))];
    this.left = isTransposed ? transpose(sumA, rank, sumA.length / rank) : sumB;
    this.right = isTransposed ? transpose(sumB, sumB.length / rank, rank) : sumA;
    for (let k = 0; k < this.left.length; k++) this.left[k] *= scale;
    this.sum = new Float64Array(columns);
  }

  /** `values` are the tensor's elements from `start` on; sums are float64, rounded once into `values`. */
  addTo(values: Float32Array | Float64Array, start: number): void {
    const { rank, columns } = this.update;
    for (let done = 0; done < values.length; ) {
      const from = (start + done) % columns;
      const row = Math.floor((start + done) / columns);
      const length = Math.min(columns - from, values.length - done);
      const sum = this.sum.subarray(0, length).fill(0);
      for (let k = 0; k < rank; k++) {
        const factor = this.left[row * rank + k];
        const offset = k * columns + from;
        for (let j = 0; j < length; j++) sum[j] += factor * this.right[offset + j];
      }
      for (let j = 0; j < length; j++) values[done + j] += sum[j];
      done += length;
    }
  }
}
