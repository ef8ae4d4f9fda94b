import type { CheckpointTensor } from './checkpoint';
import { dtypeBytes } from './dtype';
import { throwIfAborted } from './errors';
import { chunkElements } from './float-chunks';
import { decodeInto } from './float-formats';
import { elementCount } from './safetensors-header';
import { openTensorReader } from './tensor-reader';

/** Of one tensor's values. Everything but the counts is over the finite ones, and null where there are none. */
export interface TensorStatistics {
  readonly count: number;
  readonly nan: number;
  readonly infinite: number;
  readonly zeros: number;
  readonly minimum: number | null;
  readonly maximum: number | null;
  readonly mean: number | null;
  /** of the population: divided by n */
  readonly deviation: number | null;
  /** L2 */
  readonly norm: number | null;
}

export interface StreamOptions {
  readonly signal?: AbortSignal;
  readonly onProgress?: (fraction: number) => void;
}

/**
 * Values of one tensor in pieces of at most `chunkElements`, as float64; the array is reused by the next piece.
 * @throws NoValuesError for types without single numbers, InterruptedError, and what reading throws
 */
export async function* valueChunks(tensor: CheckpointTensor, { signal, onProgress }: StreamOptions = {}): AsyncGenerator<Float64Array> {
  const total = elementCount(tensor.shape);
  const size = dtypeBytes[tensor.dtype];
  const reader = openTensorReader();
  const bytes = new Uint8Array(Math.ceil(Math.min(chunkElements, total) * size));
  const values = new Float64Array(Math.min(chunkElements, total));
  try {
    for (let start = 0; start < total; start += chunkElements) {
      throwIfAborted(signal);
      const length = Math.min(chunkElements, total - start);
      const source = bytes.subarray(0, length * size);
      await reader.read(tensor, start * size, source);
      const into = values.subarray(0, length);
      decodeInto(source, tensor.dtype, into);
      yield into;
      onProgress?.((start + length) / total);
    }
  } finally {
    await reader.close();
  }
}

/**
 * Count, range, mean, deviation and norm of one tensor, streamed. Mean and deviation by Welford's update of whole pieces
 * (Chan et al. 1983), so that a large mean does not swallow a small deviation.
 * @throws as `valueChunks`
 */
export async function tensorStatistics(tensor: CheckpointTensor, options: StreamOptions = {}): Promise<TensorStatistics> {
  const counts = { count: 0, nan: 0, infinite: 0, zeros: 0 };
  let [minimum, maximum, squares, finite, mean, spread] = [Infinity, -Infinity, 0, 0, 0, 0];
  for await (const values of valueChunks(tensor, options)) {
    let [sum, pieceSquares, n] = [0, 0, 0];
    for (const value of values) {
      if (Number.isNaN(value)) counts.nan++;
      else if (value === Infinity || value === -Infinity) counts.infinite++;
      else {
        n++;
        sum += value;
        pieceSquares += value * value;
        if (value === 0) counts.zeros++;
        if (value < minimum) minimum = value;
        if (value > maximum) maximum = value;
      }
    }
    counts.count += values.length;
    if (n === 0) continue;
    const pieceMean = sum / n;
    let pieceSpread = 0;
    for (const value of values) if (Number.isFinite(value)) pieceSpread += (value - pieceMean) ** 2;
    const shift = pieceMean - mean;
    finite += n;
    mean += (shift * n) / finite;
    spread += pieceSpread + (shift * shift * n * (finite - n)) / finite;
    squares += pieceSquares;
  }
  if (finite === 0) return { ...counts, minimum: null, maximum: null, mean: null, deviation: null, norm: null };
  return { ...counts, minimum, maximum, mean, deviation: Math.sqrt(spread / finite), norm: Math.sqrt(squares) };
}

/** Equal bins from the least to the greatest finite value. */
export interface Histogram {
  /** [bins + 1] */
  readonly edges: readonly number[];
  /** [bins]; the last bin holds its right edge too */
  readonly counts: readonly number[];
  /** NaN and ±Inf, which no bin holds */
  readonly outside: number;
}

/**
 * How a tensor's values spread, as numpy.histogram bins them; a tensor of one value gets a range of one around it. Two
 * passes: the range, then the counts.
 * @throws as `valueChunks`
 */
export async function tensorHistogram(tensor: CheckpointTensor, bins: number, { signal, onProgress }: StreamOptions = {}): Promise<Histogram> {
  const { minimum, maximum, nan, infinite } = await tensorStatistics(tensor, { signal, onProgress: (fraction) => onProgress?.(fraction / 2) });
  if (minimum === null || maximum === null) return { edges: [], counts: [], outside: nan + infinite };
  const [low, high] = minimum === maximum ? [minimum - 0.5, maximum + 0.5] : [minimum, maximum];
  const edges = Array.from({ length: bins + 1 }, (_, index) => (index === bins ? high : low + index * ((high - low) / bins)));
  const counts = new Array<number>(bins).fill(0);
  for await (const values of valueChunks(tensor, { signal, onProgress: (fraction) => onProgress?.(0.5 + fraction / 2) })) {
    for (const value of values) {
      if (!Number.isFinite(value)) continue;
      let bin = Math.min(bins - 1, Math.floor(((value - low) / (high - low)) * bins));
      // a rounded quotient may fall beside the edges that are shown
      if (value < edges[bin]!) bin--;
      else if (bin < bins - 1 && value >= edges[bin + 1]!) bin++;
      counts[bin]!++;
    }
  }
  return { edges, counts, outside: nan + infinite };
}
