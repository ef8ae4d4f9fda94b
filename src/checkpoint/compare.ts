import type { Checkpoint } from './checkpoint';
import { floatChunks } from './float-chunks';
import { nameCheckpoints } from './names';

export interface CompareOptions {
  readonly signal?: AbortSignal;
  readonly onProgress?: (fraction: number) => void;
}

/** Two checkpoints' task vectors. `signConflict` is the share of opposite signs among entries non-zero in both; null where there are none. */
export interface PairComparison {
  readonly a: string;
  readonly b: string;
  readonly cosine: number | null;
  readonly signConflict: number | null;
}

export interface Comparison {
  /** norms of the task vectors (of the weights themselves without a base), by checkpoint name */
  readonly norms: Readonly<Record<string, number>>;
  /** norms over the base's; null without a base or above a base of zeros */
  readonly relativeNorms: Readonly<Record<string, number>> | null;
  readonly pairs: readonly PairComparison[];
  /** share of entries at which any two task vectors have opposite signs, among those at which any is non-zero */
  readonly signConflict: number | null;
}

/** `soup compare --json` */
export interface CompareReport extends Comparison {
  readonly base: string | null;
  readonly checkpoints: readonly { readonly name: string; readonly path: string }[];
  readonly tensors: readonly ({ readonly name: string } & Comparison)[];
}

/** Sums over entries, all in float64; of one tensor or of many. */
class Sums {
  readonly dots: Float64Array;
  readonly bothNonZero: Float64Array;
  readonly opposite: Float64Array;
  baseSquares = 0;
  anyNonZero = 0;
  anyConflict = 0;

  constructor(readonly count: number) {
    this.dots = new Float64Array(count * count);
    this.bothNonZero = new Float64Array(count * count);
    this.opposite = new Float64Array(count * count);
  }

  add(values: readonly (Float32Array | Float64Array)[], base: Float32Array | Float64Array | null): void {
    const { count, dots, bothNonZero, opposite } = this;
    const entry = new Float64Array(count);
    for (let k = 0; k < values[0].length; k++) {
      const origin = base ? base[k] : 0;
      this.baseSquares += origin * origin;
      let positive = false;
      let negative = false;
      for (let i = 0; i < count; i++) {
        const value = values[i][k] - origin;
        entry[i] = value;
        positive ||= value > 0;
        negative ||= value < 0;
        for (let j = 0; j <= i; j++) {
          const product = value * entry[j];
          dots[i * count + j] += product;
          if (value !== 0 && entry[j] !== 0) bothNonZero[i * count + j]++;
          // by sign, because a product of tiny entries may vanish
          if ((value > 0 && entry[j] < 0) || (value < 0 && entry[j] > 0)) opposite[i * count + j]++;
        }
      }
      if (positive || negative) this.anyNonZero++;
      if (positive && negative) this.anyConflict++;
    }
  }

  join(other: Sums): void {
    for (const key of ['dots', 'bothNonZero', 'opposite'] as const) for (let i = 0; i < this[key].length; i++) this[key][i] += other[key][i];
    this.baseSquares += other.baseSquares;
    this.anyNonZero += other.anyNonZero;
    this.anyConflict += other.anyConflict;
  }

  comparison(names: readonly string[], hasBase: boolean): Comparison {
    const { count, dots } = this;
    const norms = names.map((_, i) => Math.sqrt(dots[i * count + i]));
    const baseNorm = Math.sqrt(this.baseSquares);
    const pairs = names.flatMap((b, i) => names.slice(0, i).map((a, j): PairComparison => {
      const both = this.bothNonZero[i * count + j];
      const scale = norms[i] * norms[j];
      return { a, b, cosine: scale > 0 ? clampCosine(dots[i * count + j] / scale) : null, signConflict: both > 0 ? this.opposite[i * count + j] / both : null };
    }));
    return {
      norms: keyed(names, norms),
      relativeNorms: hasBase && baseNorm > 0 ? keyed(names, norms.map((norm) => norm / baseNorm)) : null,
      pairs,
      signConflict: this.anyNonZero > 0 ? this.anyConflict / this.anyNonZero : null,
    };
  }
}

function clampCosine(value: number): number {
  return Math.min(1, Math.max(-1, value));
}

function keyed(names: readonly string[], values: readonly number[]): Record<string, number> {
  return Object.fromEntries(names.map((name, i) => [name, values[i]]));
}

/**
 * How checkpoints differ, over their float tensors: norms and cosines of their task vectors θ − base, and how often
 * the signs disagree (Yadav et al. 2023, TIES, section 3). Streamed; without a base the weights themselves are compared.
 * @throws CheckpointMismatchError, InterruptedError when `signal` is aborted
 */
export async function compareCheckpoints(checkpoints: readonly Checkpoint[], base: Checkpoint | null = null, options: CompareOptions = {}): Promise<CompareReport> {
  const named = nameCheckpoints(checkpoints);
  const names = named.map(({ name }) => name);
  const perTensor = new Map<string, Sums>();
  for await (const chunk of floatChunks(base ? [...checkpoints, base] : checkpoints, options.signal)) {
    const sums = perTensor.get(chunk.name) ?? new Sums(checkpoints.length);
    perTensor.set(chunk.name, sums);
    sums.add(chunk.values.slice(0, checkpoints.length), base ? chunk.values[checkpoints.length] : null);
    options.onProgress?.(chunk.doneElements / chunk.totalElements);
  }
  const total = new Sums(checkpoints.length);
  for (const sums of perTensor.values()) total.join(sums);
  return {
    base: base?.path ?? null,
    checkpoints: named.map(({ name, checkpoint }) => ({ name, path: checkpoint.path })),
    ...total.comparison(names, base !== null),
    tensors: [...perTensor].map(([name, sums]) => ({ name, ...sums.comparison(names, base !== null) })),
  };
}
