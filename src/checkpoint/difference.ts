import type { Checkpoint } from './checkpoint';
import { compareCheckpoints, type CompareOptions } from './compare';
import { floatChunks } from './float-chunks';

/** Two sets of weights against each other, or two task vectors θ − base. */
export interface Difference {
  /** ‖θ − reference‖₂; of two task vectors the norm of the first */
  readonly norm: number;
  /** the norm over that of the reference, of two task vectors over that of the base; null above zeros */
  readonly relative: number | null;
  /** null where one of the two is zero */
  readonly cosine: number | null;
  /** share of opposite signs among entries non-zero in both; null where there are none */
  readonly signConflict: number | null;
}

export interface DifferenceByTensor {
  readonly total: Difference;
  readonly tensors: readonly ({ readonly name: string } & Difference)[];
  /** null where every value is finite; absent of task vectors */
  readonly notFinite?: NotFinite | null;
}

/** The first tensor in which a value is NaN or infinite, and on which sides. */
export interface NotFinite {
  readonly tensor: string;
  readonly isOfCheckpoint: boolean;
  readonly isOfReference: boolean;
}

class Sums {
  private difference = 0;
  private own = 0;
  private origin = 0;
  private dot = 0;
  private both = 0;
  private opposite = 0;

  add(theta: Float32Array | Float64Array, reference: Float32Array | Float64Array): void {
    for (let k = 0; k < theta.length; k++) {
      const [x, y] = [theta[k]!, reference[k]!];
      this.difference += (x - y) ** 2;
      this.own += x * x;
      this.origin += y * y;
      this.dot += x * y;
      if (x !== 0 && y !== 0) {
        this.both++;
        if (x > 0 !== y > 0) this.opposite++;
      }
    }
  }

  join(other: Sums): void {
    for (const key of ['difference', 'own', 'origin', 'dot', 'both', 'opposite'] as const) this[key] += other[key];
  }

  /** null where every value is finite */
  notFinite(tensor: string): NotFinite | null {
    const [isOfCheckpoint, isOfReference] = [!Number.isFinite(this.own), !Number.isFinite(this.origin)];
    return isOfCheckpoint || isOfReference ? { tensor, isOfCheckpoint, isOfReference } : null;
  }

  result(): Difference {
    const norm = Math.sqrt(this.difference);
    const scale = Math.sqrt(this.own) * Math.sqrt(this.origin);
    return {
      norm,
      relative: this.origin > 0 ? norm / Math.sqrt(this.origin) : null,
      cosine: scale > 0 ? Math.min(1, Math.max(-1, this.dot / scale)) : null,
      signConflict: this.both > 0 ? this.opposite / this.both : null,
    };
  }
}

/**
 * A checkpoint against a reference with the same tensors, in all and by tensor, over the float tensors. Streamed, all
 * sums in float64.
 * @throws CheckpointMismatchError, InterruptedError when `signal` is aborted
 */
export async function differenceByTensor(checkpoint: Checkpoint, reference: Checkpoint, { signal, onProgress }: CompareOptions = {}): Promise<DifferenceByTensor> {
  const perTensor = new Map<string, Sums>();
  for await (const { name, values: [theta, other], doneElements, totalElements } of floatChunks([checkpoint, reference], signal)) {
    const sums = perTensor.get(name) ?? new Sums();
    perTensor.set(name, sums);
    sums.add(theta!, other!);
    onProgress?.(doneElements / totalElements);
  }
  const total = new Sums();
  for (const sums of perTensor.values()) total.join(sums);
  const broken = [...perTensor].map(([name, sums]) => sums.notFinite(name)).find((found) => found !== null) ?? null;
  return { total: total.result(), tensors: [...perTensor].map(([name, sums]) => ({ name, ...sums.result() })), notFinite: broken };
}

/**
 * The task vectors of two checkpoints with a known base against each other, in all and by tensor: cosine and sign
 * conflict as in Yadav et al. 2023 (TIES), section 3.
 * @throws as `differenceByTensor`
 */
export async function taskVectorsByTensor(checkpoint: Checkpoint, other: Checkpoint, base: Checkpoint, options: CompareOptions = {}): Promise<DifferenceByTensor> {
  const report = await compareCheckpoints([checkpoint, other], base, options);
  const own = report.checkpoints[0]!.name;
  const differenceOf = ({ norms, relativeNorms, pairs: [pair] }: Pick<typeof report, 'norms' | 'relativeNorms' | 'pairs'>): Difference => ({
    norm: norms[own]!,
    relative: relativeNorms?.[own] ?? null,
    cosine: pair!.cosine,
    signConflict: pair!.signConflict,
  });
  return { total: differenceOf(report), tensors: report.tensors.map((tensor) => ({ name: tensor.name, ...differenceOf(tensor) })) };
}
