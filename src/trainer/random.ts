import { xoroshiro128plus, xoroshiro128plusFromState } from 'pure-rand/generator/xoroshiro128plus';
import type { RandomGenerator } from 'pure-rand/types/RandomGenerator';

const unit = 2 ** -53;

/**
 * A stream of random numbers whose whole state can be saved and restored, so that a resumed training draws
 * what an uninterrupted one would have drawn. Streams of one seed differ by their number.
 */
export class RandomStream {
  private constructor(private readonly generator: RandomGenerator, private spareNormal: number | null) {}

  /** The stream `number` of `seed`; equal arguments give equal streams. */
  static of(seed: number, number: number): RandomStream {
    return new RandomStream(xoroshiro128plus(scramble(scramble(seed | 0) + number)), null);
  }

  /** The stream that `state()` was taken from, at that moment. */
  static from(state: readonly number[]): RandomStream {
    const [spare, ...words] = state;
    return new RandomStream(xoroshiro128plusFromState(words), Number.isNaN(spare) || spare === undefined || spare === null ? null : spare);
  }

  /** Everything the stream will ever draw, as JSON-safe numbers; the first is the cached normal or null. */
  state(): number[] {
    return [this.spareNormal as number, ...this.generator.getState()];
  }

  /** Uniform in [low, high), with 53 random bits. */
  uniform(low = 0, high = 1): number {
    const high26 = this.generator.next() >>> 6;
    const low27 = this.generator.next() >>> 5;
    return low + (high - low) * ((high26 * 2 ** 27 + low27) * unit);
  }

  /** Standard normal, by Marsaglia's polar method. */
  normal(): number {
    if (this.spareNormal !== null) {
      const spare = this.spareNormal;
      this.spareNormal = null;
      return spare;
    }
    for (;;) {
      const x = this.uniform(-1, 1);
      const y = this.uniform(-1, 1);
      const radius = x * x + y * y;
      if (radius >= 1 || radius === 0) continue;
      const scale = Math.sqrt((-2 * Math.log(radius)) / radius);
      this.spareNormal = y * scale;
      return x * scale;
    }
  }

  /** A permutation of 0 … n − 1 (Fisher–Yates). */
  permutation(n: number): Int32Array {
    const order = Int32Array.from({ length: n }, (_, index) => index);
    for (let last = n - 1; last > 0; last--) {
      const other = Math.floor(this.uniform(0, last + 1));
      [order[last], order[other]] = [order[other]!, order[last]!];
    }
    return order;
  }
}

/** Spreads neighbouring seeds over all 32 bits (the finaliser of MurmurHash3 on a golden-ratio step). */
function scramble(value: number): number {
  let hash = (value + 0x9e3779b9) | 0;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}
