import type { VectorMath } from '../kernels/vector-math';
import { expertsOf, taskVectors } from './geometry';
import { keyScratch } from './masks/mask';
import { magnitudeKeys, RankSelection, type Cut } from './masks/rank-selection';
import { defineMethod } from './method';
import type { Chunk, Reduction } from './program';

/**
 * SCE (FuseChat, Wan et al. 2024): select the elements whose task vectors vary most between the experts, calculate a
 * weight for each expert from the mean square of its selected changes, erase what disagrees with the elected sign.
 */
export const sce = defineMethod({
  name: 'sce',
  description: 'the most varying changes, weighted by their mean square, signs elected',
  inputs: { minimum: 0, maximum: Infinity, base: 'required' },
  parameters: {
    select_topk: { type: 'number', default: 1, minimum: 0, maximum: 1, description: 'share of the elements that vary between the experts which is kept' },
    int8_mask: { type: 'boolean', default: false, description: 'has no effect here; mergekit saves memory with it' },
  },
  modelParameters: {},
  program(task) {
    const base = task.base ?? 0;
    const experts = expertsOf(task);
    const share = task.parameters.select_topk;
    if (experts.length === 0 || share <= 0) return { kind: 'copy', input: base };
    const selection = share < 1 ? new VarianceSelection(task.elements, share) : null;
    const deltas = (chunk: Chunk) => {
      const vectors = taskVectors(chunk, base);
      return experts.map((input) => vectors[input]);
    };
    const squares = new Float64Array(experts.length);
    const weights = new Float32Array(experts.length);
    const select = (vectors: readonly Float32Array[], { start, vectors: simd }: Chunk) => {
      if (!selection) return;
      if (simd) return selection.erase(vectors, start, simd);
      const keep = selection.mark(vectors, start);
      for (const vector of vectors) for (let k = 0; k < vector.length; k++) if (keep[k] === 0) vector[k] = 0;
    };
    const weigh: Reduction = {
      add(chunk) {
        const vectors = deltas(chunk);
        select(vectors, chunk);
        if (chunk.vectors) for (const [i, vector] of vectors.entries()) squares[i] += chunk.vectors.squareSum(vector);
        else for (const [i, vector] of vectors.entries()) for (let k = 0; k < vector.length; k++) squares[i] += vector[k] * vector[k];
      },
      finish() {
        const sum = squares.reduce((total, square) => total + square, 0);
        for (const i of weights.keys()) weights[i] = sum > 0 ? squares[i] / sum : 1 / weights.length;
      },
    };
    return {
      kind: 'passes',
      reductions: [...(selection?.reductions(deltas) ?? []), weigh],
      merge(chunk, out) {
        const vectors = deltas(chunk);
        select(vectors, chunk);
        if (chunk.vectors) return chunk.vectors.addElectedMean(vectors, chunk.values[base], [...weights], out);
        for (let k = 0; k < out.length; k++) out[k] = chunk.values[base][k] + fused(vectors, weights, k);
      },
    };
  },
});

/** Weighted mean of the changes with the elected sign, a zero sum counting as positive. */
function fused(vectors: readonly Float32Array[], weights: Float32Array, k: number): number {
  let sum = 0;
  for (const vector of vectors) sum = Math.fround(sum + vector[k]);
  const sign = sum >= 0 ? 1 : -1;
  let merged = 0;
  let divisor = 0;
  for (const [i, vector] of vectors.entries()) {
    if (vector[k] * sign > 0) {
      merged = Math.fround(merged + Math.fround(vector[k] * weights[i]));
      divisor = Math.fround(divisor + weights[i]);
    }
  }
  return Math.fround(merged / Math.max(divisor, Math.fround(1e-6)));
}

/** The share of the elements with the largest variance over the experts, among those that vary; of equal ones the first. */
class VarianceSelection {
  private readonly selection = new RankSelection();
  private readonly scratch = keyScratch();
  private nonZero = 0;
  private cut: (Cut & { readonly taken: number }) | null = null;
  private seen = 0;
  private keep = new Uint8Array(0);
  private variances = new Float32Array(0);
  private means = new Float64Array(0);
  private sums = new Float64Array(0);

  constructor(private readonly elements: number, private readonly share: number) {}

  reductions(deltas: (chunk: Chunk) => readonly Float32Array[]): Reduction[] {
    return [
      {
        add: (chunk) => {
          if (chunk.vectors) return this.addVectors(deltas(chunk), chunk.vectors);
          const keys = this.keys(deltas(chunk));
          for (let k = 0; k < keys.length; k++) if (keys[k] !== 0) this.nonZero++;
          this.selection.addUpper(keys);
        },
        finish: () => this.selection.want(this.kept > 0 ? [this.elements - this.kept] : []),
      },
      {
        add: (chunk) => {
          if (chunk.vectors) this.selection.addLowerMagnitudes(chunk.vectors.variances(deltas(chunk)), chunk.vectors);
          else this.selection.addLower(this.keys(deltas(chunk)));
        },
        finish: () => {
          const [cut] = this.selection.cuts();
          if (cut) this.cut = { ...cut, taken: this.kept - (this.elements - cut.below - cut.equal) };
        },
      },
    ];
  }

  private addVectors(vectors: readonly Float32Array[], simd: VectorMath): void {
    const variances = simd.variances(vectors);
    this.selection.addUpperMagnitudes(variances, simd);
    const small = simd.selectKeys(variances, 0);
    this.nonZero += variances.length - small.length;
    for (let k = 0; k < small.length; k++) if (small[k] !== 0) this.nonZero++;
  }

  /** Makes zero what is not selected. */
  erase(vectors: readonly Float32Array[], start: number, simd: VectorMath): void {
    if (start === 0) this.seen = 0;
    const { cut } = this;
    if (!cut) return vectors.forEach((vector) => vector.fill(0));
    const variances = simd.variances(vectors);
    this.seen += simd.trim(variances, { key: cut.key, equal: { from: 0, to: cut.taken - this.seen } });
    for (const vector of vectors) simd.keepMarked(vector, variances);
  }

  private get kept(): number {
    return Math.floor(this.nonZero * this.share);
  }

  /** 1 for every element that is selected, [n]; the array is reused. */
  mark(vectors: readonly Float32Array[], start: number): Uint8Array {
    if (start === 0) this.seen = 0;
    const { length } = vectors[0];
    if (this.keep.length < length) this.keep = new Uint8Array(length);
    const { cut, keep } = this;
    if (!cut) return keep.fill(0);
    const keys = this.keys(vectors);
    for (let k = 0; k < length; k++) keep[k] = keys[k] > cut.key || (keys[k] === cut.key && this.seen++ < cut.taken) ? 1 : 0;
    return keep;
  }

  private keys(vectors: readonly Float32Array[]): Uint32Array {
    const { length } = vectors[0];
    if (this.variances.length < length) this.variances = new Float32Array(length);
    const variances = this.variances.subarray(0, length);
    const means = this.means.length < length ? (this.means = new Float64Array(length)) : this.means.fill(0, 0, length);
    const sums = this.sums.length < length ? (this.sums = new Float64Array(length)) : this.sums.fill(0, 0, length);
    // one vector after the other: each in the order of its memory
    for (const vector of vectors) for (let k = 0; k < length; k++) means[k] += vector[k] / vectors.length;
    for (const vector of vectors) {
      for (let k = 0; k < length; k++) {
        const deviation = vector[k] - means[k];
        sums[k] += (deviation * deviation) / vectors.length;
      }
    }
    for (let k = 0; k < length; k++) variances[k] = sums[k];
    return magnitudeKeys(variances, this.scratch(length));
  }
}
