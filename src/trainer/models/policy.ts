import type { RandomStream } from '../random';

export interface Parameter {
  readonly name: string;
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

export interface PolicyShape {
  readonly observationSize: number;
  readonly actionSize: number;
  readonly hidden: readonly number[];
}

const observationClip = 10;
const varianceFloor = 1e-8;
/** e^-0.5 of full torque: enough to find a gait, without the saturated actions that a deviation of 1 gives */
const initialLogStd = -0.5;

interface Layer {
  readonly weight: Parameter;
  readonly bias: Parameter;
}

/**
 * Gaussian policy and value function, two tanh MLPs, in plain typed arrays: acting on a few observations at a time
 * is faster here than in any tensor backend. Names and layouts are PyTorch's for
 * `nn.Sequential(Linear, Tanh, …, Linear)`: `policy.0.weight` [out, in], `policy.0.bias`, `policy.2.weight`, …,
 * `value.*` likewise, and a state-independent `policy.log_std` [actionSize].
 *
 * `observation.mean` and `observation.variance` are buffers, not parameters. They are learned while the base
 * trains and frozen in every expert: experts whose inputs were scaled differently would compute different
 * functions of the same weights, and an average of those weights would mean nothing.
 */
export class GaussianPolicy {
  readonly parameters: readonly Parameter[];
  readonly observationMean: Parameter;
  readonly observationVariance: Parameter;
  readonly logStd: Parameter;
  private readonly policyLayers: readonly Layer[];
  private readonly valueLayers: readonly Layer[];

  constructor(readonly shape: PolicyShape) {
    const { observationSize, actionSize, hidden } = shape;
    this.policyLayers = layers('policy', [observationSize, ...hidden, actionSize]);
    this.valueLayers = layers('value', [observationSize, ...hidden, 1]);
    this.logStd = zeros('policy.log_std', [actionSize]);
    this.observationMean = zeros('observation.mean', [observationSize]);
    this.observationVariance = zeros('observation.variance', [observationSize]);
    this.observationVariance.values.fill(1);
    const flat = (list: readonly Layer[]) => list.flatMap(({ weight, bias }) => [weight, bias]);
    this.parameters = [...flat(this.policyLayers), this.logStd, ...flat(this.valueLayers)];
  }

  /** Every tensor of a checkpoint: the parameters and the two buffers. */
  get tensors(): readonly Parameter[] {
    return [...this.parameters, this.observationMean, this.observationVariance];
  }

  /** Orthogonal initialisation with CleanRL's gains: √2 inside, 0.01 for the action means, 1 for the value. */
  initialise(random: RandomStream): void {
    for (const [list, lastGain] of [[this.policyLayers, 0.01], [this.valueLayers, 1]] as const) {
      for (const [index, { weight }] of list.entries()) orthogonal(weight, index === list.length - 1 ? lastGain : Math.SQRT2, random);
    }
    this.logStd.values.fill(initialLogStd);
  }

  copyFrom(other: GaussianPolicy): void {
    for (const [index, tensor] of this.tensors.entries()) tensor.values.set(other.tensors[index]!.values);
  }

  /** (x − mean) / √variance, clipped to ± 10: [n, observationSize] into `normalised` from row `row` on. */
  normalise(observations: Float64Array, normalised: Float32Array, row = 0): void {
    const size = this.shape.observationSize;
    const mean = this.observationMean.values;
    const variance = this.observationVariance.values;
    for (let i = 0; i < observations.length; i++) {
      const feature = i % size;
      const value = (observations[i]! - mean[feature]!) / Math.sqrt(variance[feature]! + varianceFloor);
      normalised[row * size + i] = Math.min(observationClip, Math.max(-observationClip, value));
    }
  }

  /** Mean actions of normalised observations, [n, observationSize] -> [n, actionSize]. */
  actionMeans(normalised: Float32Array): Float32Array {
    return forward(this.policyLayers, normalised, this.shape.observationSize);
  }

  /** Values of normalised observations, [n, observationSize] -> [n]. */
  values(normalised: Float32Array): Float32Array {
    return forward(this.valueLayers, normalised, this.shape.observationSize);
  }

  /** log π(action | mean) of one row. */
  logProbability(actions: Float32Array, means: Float32Array, row: number): number {
    const size = this.shape.actionSize;
    let sum = -0.5 * size * Math.log(2 * Math.PI);
    for (let i = 0; i < size; i++) {
      const logStd = this.logStd.values[i]!;
      const z = (actions[row * size + i]! - means[row * size + i]!) / Math.exp(logStd);
      sum -= 0.5 * z * z + logStd;
    }
    return sum;
  }

  /** Mean KL(this ‖ reference) over normalised observations, in nats: exact for Gaussians. */
  klTo(reference: GaussianPolicy, normalised: Float32Array): number {
    const size = this.shape.actionSize;
    const means = this.actionMeans(normalised);
    const others = reference.actionMeans(normalised);
    let sum = 0;
    for (let i = 0; i < means.length; i++) {
      const logStd = this.logStd.values[i % size]!;
      const otherLogStd = reference.logStd.values[i % size]!;
      const difference = means[i]! - others[i]!;
      sum += otherLogStd - logStd + (Math.exp(2 * logStd) + difference * difference) / (2 * Math.exp(2 * otherLogStd)) - 0.5;
    }
    return (sum * size) / means.length;
  }
}

function zeros(name: string, shape: readonly number[]): Parameter {
  return { name, shape, values: new Float32Array(shape.reduce((product, length) => product * length, 1)) };
}

function layers(prefix: string, sizes: readonly number[]): Layer[] {
  return sizes.slice(1).map((size, index) => ({
    weight: zeros(`${prefix}.${2 * index}.weight`, [size, sizes[index]!]),
    bias: zeros(`${prefix}.${2 * index}.bias`, [size]),
  }));
}

function forward(list: readonly Layer[], input: Float32Array, inputSize: number): Float32Array {
  const count = input.length / inputSize;
  let activations = input;
  for (const [index, { weight, bias }] of list.entries()) {
    activations = linear(activations, count, weight, bias);
    if (index < list.length - 1) for (let i = 0; i < activations.length; i++) activations[i] = Math.tanh(activations[i]!);
  }
  return activations;
}

/** x Wᵀ + b, four products at a time: [count, in] -> [count, out]. */
function linear(input: Float32Array, count: number, { shape: [outputs, inputs], values: weight }: Parameter, bias: Parameter): Float32Array {
  const rows = outputs!;
  const columns = inputs!;
  const output = new Float32Array(count * rows);
  for (let sample = 0; sample < count; sample++) {
    const from = sample * columns;
    for (let row = 0; row < rows; row++) {
      const at = row * columns;
      let a = bias.values[row]!;
      let b = 0;
      let c = 0;
      let d = 0;
      let i = 0;
      for (; i + 3 < columns; i += 4) {
        a += input[from + i]! * weight[at + i]!;
        b += input[from + i + 1]! * weight[at + i + 1]!;
        c += input[from + i + 2]! * weight[at + i + 2]!;
        d += input[from + i + 3]! * weight[at + i + 3]!;
      }
      for (; i < columns; i++) a += input[from + i]! * weight[at + i]!;
      output[sample * rows + row] = a + b + (c + d);
    }
  }
  return output;
}

/** A matrix with orthonormal rows or columns, whichever are fewer, times `gain` (Gram–Schmidt on normals). */
function orthogonal({ shape, values }: Parameter, gain: number, random: RandomStream): void {
  const [rows, columns] = shape as readonly [number, number];
  const count = Math.min(rows, columns);
  const length = Math.max(rows, columns);
  const basis: Float64Array[] = [];
  while (basis.length < count) {
    const vector = Float64Array.from({ length }, () => random.normal());
    for (const other of basis) {
      const projection = vector.reduce((sum, value, i) => sum + value * other[i]!, 0);
      for (let i = 0; i < length; i++) vector[i]! -= projection * other[i]!;
    }
    const norm = Math.hypot(...vector);
    basis.push(vector.map((value) => value / norm));
  }
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      values[row * columns + column] = gain * (rows <= columns ? basis[row]![column]! : basis[column]![row]!);
    }
  }
}
