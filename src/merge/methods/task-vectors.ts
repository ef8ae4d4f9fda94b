import type { VectorMath } from '../kernels/vector-math';
import { invalidParameter } from '../errors';
import { bernoulli, magnitudePruned } from './masks/random';
import { Draws } from './masks/draws';
import { largestMagnitudes, withoutOutliers } from './masks/magnitude';
import { keepAll, type Mask } from './masks/mask';
import { defineMethod, type MergeMethod, type TensorTask } from './method';
import type { Parameter, ParameterTable, ParameterValues } from './parameter';
import type { Chunk, PassesProgram, Reduction, TensorProgram } from './program';

/** How a method prunes the task vectors before it adds them. */
export type Pruning = 'none' | 'magnitude' | 'random' | 'outliers' | 'magnitude-random';

interface Recipe {
  readonly name: string;
  readonly description: string;
  readonly pruning: Pruning;
  /** per element, keep what agrees with the sign of Σ wᵢτᵢ (TIES) */
  readonly electsSigns: boolean;
  readonly normalize: boolean;
  readonly rescale: boolean;
}

export interface TaskVectorSettings {
  readonly normalize: boolean;
  readonly rescale: boolean;
  readonly lambda: number;
}

const boolean = (value: boolean, description: string) => ({ type: 'boolean', default: value, description }) as const;

const density: Parameter = { type: 'number', default: 1, minimum: 0, maximum: 1, description: 'share of this task vector that is kept' };
const pruningParameters: Readonly<Record<Pruning, ParameterTable>> = {
  none: {},
  magnitude: {},
  random: {},
  outliers: { gamma: { type: 'number', default: 0.01, minimum: 0, maximum: 1, description: 'share of the largest changes that is dropped' } },
  'magnitude-random': { epsilon: { type: 'number', default: 0.15, minimum: 0, description: 'the probability to keep an element lies within density ± epsilon, by its rank in its row' } },
};

/**
 * A method that adds pruned task vectors τᵢ = θᵢ − θ₀ to the base: θ₀ + λ Σ wᵢ·prune(τᵢ), with or without the election
 * of signs. The parameters and their defaults are mergekit's.
 */
export function taskVectorMethod({ name, description, pruning, electsSigns, normalize, rescale }: Recipe): MergeMethod {
  return defineMethod({
    name,
    description,
    isRandom: pruning === 'random' || pruning === 'magnitude-random',
    inputs: { minimum: 0, maximum: Infinity, base: 'required' },
    parameters: {
      normalize: boolean(normalize, `divide by the sum of the weights${electsSigns ? ' that agree' : ''}`),
      rescale: boolean(rescale, 'scale each pruned task vector back to its L1 norm'),
      lambda: { type: 'number', default: 1, description: 'factor of the merged task vector' },
      int8_mask: boolean(false, 'has no effect here; mergekit saves memory with it'),
    },
    modelParameters: {
      weight: { type: 'number', default: null, description: 'weight of this task vector' },
      density,
      ...pruningParameters[pruning],
    },
    program(task) {
      const masks = task.inputs.map((parameters, input) => (input === task.base ? keepAll : maskOf(pruning, task, input, parameters)));
      return taskVectorProgram(task, task.parameters, electsSigns, masks);
    },
  });
}

function maskOf(pruning: Pruning, { name, elements, rowLength, seed, names }: Omit<TensorTask, 'parameters' | 'inputs'>, input: number, parameters: ParameterValues): Mask {
  const { density: share, gamma, epsilon } = parameters as Readonly<Record<string, number>>;
  switch (pruning) {
    case 'none': return keepAll;
    case 'magnitude': return largestMagnitudes(elements, share);
    case 'outliers': return withoutOutliers(elements, share, gamma);
    case 'random': return bernoulli(share, new Draws(seed, names[input]));
    case 'magnitude-random':
      if (share > 0 && share < 1 && (share + epsilon >= 1 || share - epsilon <= 0)) throw invalidParameter(names[input], 'epsilon', `is ${epsilon} where density is ${share} (${name}) — density ± epsilon must lie between 0 and 1`);
      return magnitudePruned(rowLength, share, epsilon, new Draws(seed, names[input]));
  }
}

interface WeightedInput {
  readonly input: number;
  readonly weight: number;
  readonly mask: Mask;
}

/**
 * The arithmetic of the task-vector methods, in float32 and in mergekit's order, for any masks (one an input; the
 * base's is not used). Inputs of weight 0 take no part.
 */
export function taskVectorProgram(task: Pick<TensorTask<unknown, { readonly weight: number }>, 'inputs' | 'base'>, settings: TaskVectorSettings, electsSigns: boolean, masks: readonly Mask[]): TensorProgram {
  const { base } = task;
  if (base === null) throw new Error('planned without a base');
  const used = task.inputs.map(({ weight }, input): WeightedInput => ({ input, weight, mask: masks[input] })).filter(({ input, weight }) => input !== base && weight !== 0);
  if (used.length === 0) return { kind: 'copy', input: base };
  const [first] = used;
  const scale = settings.lambda * (settings.normalize ? 1 : first.weight);
  if (used.length === 1 && scale === 1 && first.mask === keepAll) return { kind: 'copy', input: first.input };
  return new TaskVectorSum(used, base, settings, electsSigns).program();
}

class TaskVectorSum {
  /** factor of each pruned task vector, by which its L1 norm becomes what it was */
  private readonly factors: number[];
  private keep = new Uint8Array(0);
  private sum = new Float32Array(0);
  private divisor = new Float32Array(0);

  constructor(private readonly used: readonly WeightedInput[], private readonly base: number, private readonly settings: TaskVectorSettings, private readonly electsSigns: boolean) {
    this.factors = used.map(() => 1);
  }

  program(): PassesProgram {
    const masks = this.used.map(({ mask }) => mask);
    const isPruned = masks.some((mask) => mask !== keepAll);
    const reductions: Reduction[] = [];
    for (let pass = 0; pass < Math.max(...masks.map(({ passes }) => passes.length)); pass++) {
      reductions.push({
        add: (chunk) => this.each(chunk, (delta, { mask }) => mask.passes[pass]?.add(delta, chunk.start, chunk.vectors ?? null)),
        finish: () => masks.forEach(({ passes }) => passes[pass]?.finish?.()),
      });
    }
    if (this.settings.rescale && isPruned) reductions.push(this.norms());
    return {
      kind: 'passes',
      needsWholeRows: masks.some(({ needsWholeRows }) => needsWholeRows),
      isElementwise: !isPruned,
      reductions,
      merge: (chunk, out) => this.merge(chunk, out),
    };
  }

  /** Turns every used input of a chunk into its task vector, in place. */
  private each({ values, vectors }: Chunk, use: (delta: Float32Array, of: WeightedInput, index: number) => void): void {
    const base = values[this.base];
    for (const [index, of] of this.used.entries()) {
      const delta = values[of.input];
      if (vectors) vectors.subtract(delta, base);
      else for (let k = 0; k < delta.length; k++) delta[k] -= base[k];
      use(delta, of, index);
    }
  }

  private marked(delta: Float32Array, start: number, mask: Mask): Uint8Array {
    if (this.keep.length < delta.length) this.keep = new Uint8Array(delta.length);
    const keep = this.keep.subarray(0, delta.length);
    mask.mark(delta, start, keep);
    return keep;
  }

  /** L1 norms before and after the pruning; without effect on a task vector of norm below 1e-7, as in mergekit. */
  private norms(): Reduction {
    const before = new Float64Array(this.used.length);
    const after = new Float64Array(this.used.length);
    return {
      add: (chunk) => this.each(chunk, (delta, { mask }, index) => {
        if (mask === keepAll) return;
        const { vectors } = chunk;
        if (vectors && mask.prune) {
          before[index] += vectors.absoluteSum(delta);
          mask.prune(delta, chunk.start, vectors);
          after[index] += vectors.absoluteSum(delta);
          return;
        }
        const keep = this.marked(delta, chunk.start, mask);
        for (let k = 0; k < delta.length; k++) {
          const magnitude = Math.abs(delta[k]);
          before[index] += magnitude;
          if (keep[k]) after[index] += magnitude;
        }
      }),
      finish: () => {
        for (const index of this.factors.keys()) if (before[index] >= 1e-7 && after[index] >= 1e-7) this.factors[index] = Math.fround(before[index] / after[index]);
      },
    };
  }

  private merge(chunk: Chunk, out: Float32Array): void {
    if (chunk.vectors && this.used.every(({ mask }) => mask.prune)) this.mergeVectors(chunk, chunk.vectors, out);
    else this.mergePlainly(chunk, out);
  }

  private mergeVectors(chunk: Chunk, vectors: VectorMath, out: Float32Array): void {
    const { electsSigns, settings: { lambda, normalize }, factors, used } = this;
    const weights = used.map(({ weight }) => weight);
    this.each(chunk, (delta, { mask }) => mask.prune?.(delta, chunk.start, vectors));
    vectors.addTaskVectors(used.map(({ input }) => chunk.values[input]), chunk.values[this.base], { factors, weights, lambda, divisor: normalize ? this.weightSum() : null, electsSigns }, out);
  }

  private weightSum(): number {
    return nonZero(this.used.reduce((total, { weight }) => Math.fround(total + Math.fround(weight)), 0), 1e-8);
  }

  private mergePlainly(chunk: Chunk, out: Float32Array): void {
    const { length } = out;
    if (this.sum.length < length) [this.sum, this.divisor] = [new Float32Array(length), new Float32Array(length)];
    const { sum, divisor, settings } = this;
    sum.fill(0, 0, length);
    this.each(chunk, (delta, { weight, mask }, index) => {
      const [w, factor] = [Math.fround(weight), this.factors[index]];
      const keep = mask === keepAll ? null : this.marked(delta, chunk.start, mask);
      for (let k = 0; k < length; k++) {
        const kept = keep === null || keep[k] ? delta[k] : 0;
        delta[k] = Math.fround(kept * factor) * w;
        sum[k] += delta[k];
      }
    });
    if (this.electsSigns) this.keepElected(chunk, length);
    else divisor.fill(this.weightSum(), 0, length);
    const base = chunk.values[this.base];
    const lambda = Math.fround(settings.lambda);
    for (let k = 0; k < length; k++) {
      const merged = settings.normalize ? Math.fround(sum[k] / divisor[k]) : sum[k];
      out[k] = base[k] + Math.fround(merged * lambda);
    }
  }

  /** Leaves in `sum` what has the sign of the sum, a zero sum counting as positive, and in `divisor` the weights of it. */
  private keepElected({ values }: Chunk, length: number): void {
    const { sum, divisor } = this;
    divisor.fill(0, 0, length);
    for (let k = 0; k < length; k++) {
      const sign = sum[k] >= 0 ? 1 : -1;
      let merged = 0;
      let weights = 0;
      for (const { input, weight } of this.used) {
        const value = values[input][k];
        if (value * sign > 0) {
          merged = Math.fround(merged + value);
          weights = Math.fround(weights + Math.fround(weight));
        }
      }
      sum[k] = merged;
      divisor[k] = weights === 0 ? 1 : weights;
    }
  }
}

function nonZero(value: number, limit: number): number {
  return Math.abs(value) < limit ? 1 : value;
}
