import type { VectorMath } from '../../kernels/vector-math';

/** A bijection of 32 bits in which every input bit flips every output bit with probability 1/2 (the hash triple32 of Ettinger & Wellons). */
function mix(x: number): number {
  x ^= x >>> 17;
  x = Math.imul(x, 0xed5ad4bb);
  x ^= x >>> 11;
  x = Math.imul(x, 0xac4c1b51);
  x ^= x >>> 15;
  x = Math.imul(x, 0x31848bab);
  return (x ^ (x >>> 14)) >>> 0;
}

/**
 * Uniform numbers by address: the number of an element follows from the tensor's seed, the input's name and the index
 * of the element alone, so that chunks and threads may come in any order and any size.
 */
export class Draws {
  private readonly key: number;

  constructor(seed: number, input: string) {
    let key = mix(seed);
    for (let k = 0; k < input.length; k++) key = mix(key ^ (input.charCodeAt(k) + 1));
    this.key = key;
  }

  /** Fills `out`, [n], with numbers in [0, 1) that are multiples of 2⁻³², for the elements from `start` on. */
  fill(start: number, out: Float64Array): void {
    let second = this.secondKey(start);
    for (let k = 0; k < out.length; k++) {
      const low = (start + k) >>> 0;
      if (low === 0) second = this.secondKey(start + k);
      out[k] = mix(mix(low ^ this.key) + second) / 4294967296;
    }
  }

  /** Makes zero the elements of `values`, from element `start` on, whose number is not below `probability`. */
  dropOut(values: Float32Array, start: number, probability: number, vectors: VectorMath): void {
    // numbers are multiples of 2⁻³², so being below p means that the integer is below ⌈p · 2³²⌉
    const limit = Math.ceil(probability * 4294967296);
    if (limit >= 4294967296) return;
    for (let done = 0; done < values.length; ) {
      const low = (start + done) % 4294967296;
      const count = Math.min(values.length - done, 4294967296 - low);
      vectors.dropOut(values.subarray(done, done + count), { start: low, key: this.key, secondKey: this.secondKey(start + done), limit });
      done += count;
    }
  }

  /** Makes zero what is not drawn with a probability from `lowest` to `lowest` + `spread`, by the rank of the magnitude in its row. */
  dropByRank(values: Float32Array, start: number, rowLength: number, lowest: number, spread: number, vectors: VectorMath): void {
    vectors.dropByRank(values, { rowLength, start, key: this.key, secondKeys: [this.secondKey(start), this.secondKey(start + values.length - 1)], lowest, spread });
  }

  private secondKey(element: number): number {
    return mix(this.key ^ mix(Math.floor(element / 4294967296) + 0x9e3779b9));
  }
}
