import type { VectorMath } from '../../kernels/vector-math';

/** Where a rank falls among the keys: the key of that rank, and how many keys are smaller than it or equal to it. */
export interface Cut {
  readonly key: number;
  readonly below: number;
  readonly equal: number;
}

/** Tables of counts that are not in use: one of every tensor's would leave more garbage than is collected in time. */
const free: Float64Array[] = [];

function borrowCounts(): Float64Array {
  return free.pop()?.fill(0) ?? new Float64Array(1 << 16);
}

/**
 * Exact order statistics of any number of keys (unsigned, 32 bits) in two passes and bounded memory: the first counts
 * the upper 16 bits, the second the lower ones of the keys that share them with a wanted rank.
 */
export class RankSelection {
  private upper: Float64Array | null = null;
  private readonly lower = new Map<number, Float64Array>();
  private wanted: readonly { readonly bucket: number; readonly below: number; readonly rank: number }[] = [];

  /** First pass. */
  addUpper(keys: Uint32Array): void {
    const upper = (this.upper ??= borrowCounts());
    for (let k = 0; k < keys.length; k++) upper[keys[k] >>> 16]++;
  }

  /** First pass, of the keys that `magnitudeKeys` gives. */
  addUpperMagnitudes(values: Float32Array, vectors: VectorMath): void {
    const upper = (this.upper ??= borrowCounts());
    const counts = vectors.countUpperKeys(values);
    for (let k = 0; k < counts.length; k += 2) upper[counts[k]] += counts[k + 1];
  }

  /** Second pass, of the same. */
  addLowerMagnitudes(values: Float32Array, vectors: VectorMath): void {
    for (const [bucket, counts] of this.lower) {
      const keys = vectors.selectKeys(values, bucket);
      for (let k = 0; k < keys.length; k++) counts[keys[k] & 0xffff]++;
    }
  }

  /** Between the passes. @param ranks counted from 0 for the smallest key, each below the number of keys */
  want(ranks: readonly number[]): void {
    const { upper } = this;
    if (!upper) throw new Error('no keys were added');
    this.wanted = ranks.map((rank) => {
      let below = 0;
      let bucket = 0;
      while (below + upper[bucket] <= rank) below += upper[bucket++];
      if (!this.lower.has(bucket)) this.lower.set(bucket, borrowCounts());
      return { bucket, below, rank };
    });
    free.push(upper);
    this.upper = null;
  }

  /** Second pass, over the same keys. */
  addLower(keys: Uint32Array): void {
    if (this.lower.size === 1) {
      const [[bucket, counts]] = this.lower;
      for (let k = 0; k < keys.length; k++) if (keys[k] >>> 16 === bucket) counts[keys[k] & 0xffff]++;
      return;
    }
    for (let k = 0; k < keys.length; k++) {
      const counts = this.lower.get(keys[k] >>> 16);
      if (counts) counts[keys[k] & 0xffff]++;
    }
  }

  /** After both passes, once, in the order of the wanted ranks. */
  cuts(): Cut[] {
    const cuts = this.wanted.map(({ bucket, below, rank }) => {
      const counts = this.lower.get(bucket) as Float64Array;
      let low = 0;
      let smaller = below;
      while (smaller + counts[low] <= rank) smaller += counts[low++];
      return { key: bucket * 65536 + low, below: smaller, equal: counts[low] };
    });
    free.push(...this.lower.values());
    this.lower.clear();
    return cuts;
  }
}

/** Keys that order float32 numbers by magnitude; NaN is the greatest. */
export function magnitudeKeys(values: Float32Array, keys: Uint32Array): Uint32Array {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  for (let k = 0; k < bits.length; k++) keys[k] = bits[k] << 1;
  return keys.subarray(0, values.length);
}
