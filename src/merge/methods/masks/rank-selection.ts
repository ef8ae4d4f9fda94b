/** Where a rank falls among the keys: the key of that rank, and how many keys are smaller than it or equal to it. */
export interface Cut {
  readonly key: number;
  readonly below: number;
  readonly equal: number;
}

/**
 * Exact order statistics of any number of keys (unsigned, 32 bits) in two passes and bounded memory: the first counts
 * the upper 16 bits, the second the lower ones of the keys that share them with a wanted rank.
 */
export class RankSelection {
  private readonly upper = new Float64Array(1 << 16);
  private readonly lower = new Map<number, Float64Array>();
  private wanted: readonly { readonly bucket: number; readonly below: number; readonly rank: number }[] = [];

  /** First pass. */
  addUpper(keys: Uint32Array): void {
    for (let k = 0; k < keys.length; k++) this.upper[keys[k] >>> 16]++;
  }

  /** First pass, of the keys that `magnitudeKeys` gives. */
  addUpperMagnitudes(values: Float32Array): void {
    const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
    const { upper } = this;
    for (let k = 0; k < bits.length; k++) upper[(bits[k] << 1) >>> 16]++;
  }

  /** Second pass, of the same. */
  addLowerMagnitudes(values: Float32Array): void {
    const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
    for (const [bucket, counts] of this.lower) {
      for (let k = 0; k < bits.length; k++) if ((bits[k] << 1) >>> 16 === bucket) counts[(bits[k] << 1) & 0xffff]++;
    }
  }

  /** Between the passes. @param ranks counted from 0 for the smallest key, each below the number of keys */
  want(ranks: readonly number[]): void {
    this.wanted = ranks.map((rank) => {
      let below = 0;
      let bucket = 0;
      while (below + this.upper[bucket] <= rank) below += this.upper[bucket++];
      if (!this.lower.has(bucket)) this.lower.set(bucket, new Float64Array(1 << 16));
      return { bucket, below, rank };
    });
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

  /** After both passes, in the order of the wanted ranks. */
  cuts(): Cut[] {
    return this.wanted.map(({ bucket, below, rank }) => {
      const counts = this.lower.get(bucket) ?? new Float64Array(1 << 16);
      let low = 0;
      let smaller = below;
      while (smaller + counts[low] <= rank) smaller += counts[low++];
      return { key: bucket * 65536 + low, below: smaller, equal: counts[low] };
    });
  }
}

/** Keys that order float32 numbers by magnitude; NaN is the greatest. */
export function magnitudeKeys(values: Float32Array, keys: Uint32Array): Uint32Array {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  for (let k = 0; k < bits.length; k++) keys[k] = bits[k] << 1;
  return keys.subarray(0, values.length);
}

/** Keys that order float32 numbers by value. */
export function valueKeys(values: Float32Array, keys: Uint32Array): Uint32Array {
  const bits = new Int32Array(values.buffer, values.byteOffset, values.length);
  for (let k = 0; k < bits.length; k++) keys[k] = bits[k] ^ ((bits[k] >> 31) | 0x80000000);
  return keys.subarray(0, values.length);
}
