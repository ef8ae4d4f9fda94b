import type { Cache, Decoder, Predictions, Predictor, Step } from './decoder';

/** What each member, and the soup, remember of a sequence. */
export interface EnsembleCache {
  readonly members: readonly Cache[];
  readonly soup: Cache;
}

/**
 * Several models as one: the weighted mean of their logits, Σ λᵢ zᵢ, whose softmax is the normalised geometric mean of
 * their predictions. The soup reads along what they write and is measured against them.
 */
export class EnsembleDecoder implements Predictor<EnsembleCache> {
  private readonly decoders: readonly Decoder[];

  constructor(private readonly members: readonly { readonly decoder: Decoder; readonly weight: number }[], private readonly soup: Decoder) {
    this.decoders = [...members.map(({ decoder }) => decoder), soup];
  }

  async refresh(): Promise<void> {
    for (const decoder of this.decoders) await decoder.refresh();
  }

  scoped<T>(work: () => Promise<T>): Promise<T> {
    return this.decoders.reduce<() => Promise<T>>((inner, decoder) => () => decoder.scoped(inner), work)();
  }

  createCache(capacity: number): EnsembleCache {
    return { members: this.members.map(({ decoder }) => decoder.createCache(capacity)), soup: this.soup.createCache(capacity) };
  }

  copyCache(from: EnsembleCache, to: EnsembleCache): void {
    this.members.forEach(({ decoder }, index) => decoder.copyCache(from.members[index]!, to.members[index]!));
    this.soup.copyCache(from.soup, to.soup);
  }

  run(steps: readonly Step<EnsembleCache>[], wanted: readonly number[]): Predictions {
    const parts = this.members.map(({ decoder, weight }, index) => ({ weight, logits: decoder.run(steps.map(({ cache, token }) => ({ cache: cache.members[index]!, token })), wanted).logits }));
    const logits = new Float32Array(parts[0]!.logits.length);
    for (let i = 0; i < logits.length; i++) logits[i] = parts.reduce((sum, part) => sum + part.weight * part.logits[i]!, 0);
    const soup = this.soup.run(steps.map(({ cache, token }) => ({ cache: cache.soup, token })), wanted).logits;
    return { logits, ...softmaxParts(logits, wanted.length), kl: klOfRows(soup, logits, wanted.length) };
  }
}

/** e to each logit's distance from its row's maximum, the maxima and the sums; `logits` is [rows, vocabulary]. */
function softmaxParts(logits: Float32Array, rows: number): Pick<Predictions, 'exponentials' | 'maxima' | 'sums'> {
  const width = logits.length / rows;
  const [exponentials, maxima, sums] = [new Float32Array(logits.length), new Float32Array(rows).fill(-Infinity), new Float32Array(rows)];
  for (let row = 0; row < rows; row++) {
    for (let i = row * width; i < (row + 1) * width; i++) maxima[row] = Math.max(maxima[row]!, logits[i]!);
    let sum = 0;
    for (let i = row * width; i < (row + 1) * width; i++) sum += exponentials[i] = Math.exp(logits[i]! - maxima[row]!);
    sums[row] = sum;
  }
  return { exponentials, maxima, sums };
}

/**
 * KL(p ‖ q) of each row in nats, from logits [rows, vocabulary]. In double precision throughout: near each other the two
 * differ by less than what single precision makes of their sums.
 */
function klOfRows(p: Float32Array, q: Float32Array, rows: number): Float64Array {
  const width = p.length / rows;
  return Float64Array.from({ length: rows }, (_, row) => {
    const [ofP, ofQ] = [p, q].map((logits) => logSumExp(logits.subarray(row * width, (row + 1) * width))) as [number, number];
    let total = 0;
    for (let i = row * width; i < (row + 1) * width; i++) total += Math.exp(p[i]! - ofP) * (p[i]! - ofP - (q[i]! - ofQ));
    return total;
  });
}

function logSumExp(logits: Float32Array): number {
  const top = logits.reduce((largest, value) => Math.max(largest, value), -Infinity);
  return top + Math.log(logits.reduce((sum, value) => sum + Math.exp(value - top), 0));
}
