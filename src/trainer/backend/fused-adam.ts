import type { NamedTensorMap, Scalar, Tensor, TensorInfo, Variable } from '@tensorflow/tfjs';
import type { Tf } from './backend';
import { SoupError } from '../../errors';

/** The kernel that backends with a fused step register; inputs and attributes are `AdamStep`'s. */
export const adamKernelName = 'SoupAdamStep';
/** Σ x² of a float32 tensor, a scalar; registered beside the fused step. */
export const squareSumKernelName = 'SoupSquareSum';

export interface AdamOptions {
  readonly learningRate: number;
  readonly beta1?: number;
  readonly beta2?: number;
  /** added to √v̂; tfjs's own default is 1e-7 */
  readonly epsilon?: number;
  /** upper bound of the L2 norm of all gradients together; null never clips */
  readonly maxGradientNorm?: number | null;
}

/** One named array of the optimiser's state, ready for a checkpoint. */
export interface OptimizerArray {
  readonly name: string;
  readonly values: Float32Array;
}

/** Attributes of one step of the fused kernel. */
export interface AdamStep {
  readonly learningRate: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  /** 1 − β₁ᵗ and 1 − β₂ᵗ */
  readonly biasCorrection1: number;
  readonly biasCorrection2: number;
  /** what every gradient is multiplied by first: the clipping factor */
  readonly gradientScale: number;
}

interface Slot {
  readonly parameter: Variable;
  readonly firstMoment: Variable;
  readonly secondMoment: Variable;
}

/**
 * Adam (Kingma & Ba 2015, algorithm 1) with the arithmetic of `tf.train.adam`, clipping by global norm as PyTorch's
 * `clip_grad_norm_`, and a state that can be saved and put back exactly. On the wasm backend a step of one parameter
 * is a single kernel; elsewhere it is composed of ops, so it works on every backend.
 *
 *     const optimizer = new FusedAdam(tf, { 'policy.0.weight': weight }, { learningRate: 3e-4, maxGradientNorm: 0.5 });
 *     const loss = optimizer.minimize(() => lossOf(batch), true);
 *     const state = await optimizer.getState();   // later, in another process: optimizer.setState(state)
 */
export class FusedAdam {
  /** May be changed between steps (annealing). */
  learningRate: number;
  private readonly beta1: number;
  private readonly beta2: number;
  private readonly epsilon: number;
  private readonly maxGradientNorm: number | null;
  private readonly slots: ReadonlyMap<string, Slot>;
  private steps = 0;

  /**
   * @param tf the namespace that `openBackend` gave
   * @param parameters what is trained, under the names that gradients and state go by; they stay the caller's to dispose
   */
  constructor(
    private readonly tf: Tf,
    parameters: Readonly<Record<string, Variable>>,
    options: AdamOptions,
  ) {
    this.learningRate = options.learningRate;
    this.beta1 = options.beta1 ?? 0.9;
    this.beta2 = options.beta2 ?? 0.999;
    this.epsilon = options.epsilon ?? 1e-7;
    this.maxGradientNorm = options.maxGradientNorm ?? null;
    const zeros = (shape: number[]): Variable => tf.tidy(() => tf.variable(tf.zeros(shape), false));
    this.slots = new Map(Object.entries(parameters).map(([name, parameter]) => [name, { parameter, firstMoment: zeros(parameter.shape), secondMoment: zeros(parameter.shape) }]));
  }

  /** Steps taken so far: the t of the bias correction. */
  get step(): number {
    return this.steps;
  }

  /**
   * One step down the gradient of `loss`, like `tf.train.Optimizer.minimize`.
   * @param returnCost whether to hand the loss back; the caller disposes it
   */
  minimize(loss: () => Scalar, returnCost?: false): null;
  minimize(loss: () => Scalar, returnCost: true): Scalar;
  minimize(loss: () => Scalar, returnCost = false): Scalar | null {
    const { value, gradients } = this.computeGradients(loss);
    this.applyGradients(gradients);
    this.tf.dispose(gradients);
    if (returnCost) return value;
    value.dispose();
    return null;
  }

  /** The loss and its gradient by each parameter's name; the caller disposes both. */
  computeGradients(loss: () => Scalar): { value: Scalar; gradients: NamedTensorMap } {
    const slots = [...this.slots];
    const { value, grads } = this.tf.variableGrads(
      loss,
      slots.map(([, { parameter }]) => parameter),
    );
    return { value, gradients: Object.fromEntries(slots.map(([name, { parameter }]) => [name, grads[parameter.name]])) };
  }

  /**
   * One step with given gradients, by parameter name; a parameter without one stays as it is.
   * The gradients are clipped together and stay the caller's to dispose.
   */
  applyGradients(gradients: Readonly<Record<string, Tensor | null>>): void {
    this.steps++;
    const present = [...this.slots].flatMap(([name, slot]) => (gradients[name] ? [{ slot, gradient: gradients[name] }] : []));
    const isFused = this.tf.getKernel(adamKernelName, this.tf.getBackend()) !== undefined;
    this.tf.tidy(() => {
      if (isFused) this.applyFused(present);
      else this.applyComposed(present);
    });
  }

  /** Step count and both moments, under stable names: `adam.step`, `adam.m.<parameter>`, `adam.v.<parameter>`. */
  async getState(): Promise<OptimizerArray[]> {
    const arrays: OptimizerArray[] = [{ name: 'adam.step', values: Float32Array.of(this.steps) }];
    for (const [name, { firstMoment, secondMoment }] of this.slots) {
      arrays.push({ name: `adam.m.${name}`, values: Float32Array.from(await firstMoment.data()) });
      arrays.push({ name: `adam.v.${name}`, values: Float32Array.from(await secondMoment.data()) });
    }
    return arrays;
  }

  /**
   * Puts a saved state back, bit for bit; nothing is changed when it does not fit.
   * @throws SoupError OptimizerStateError when an array is missing or has the wrong length
   */
  setState(state: readonly OptimizerArray[]): void {
    const byName = new Map(state.map(({ name, values }) => [name, values]));
    const take = (name: string, length: number): Float32Array => {
      const values = byName.get(name);
      if (values?.length !== length) throw optimizerStateMismatch(name, length, values?.length ?? null);
      return values;
    };
    const [steps] = take('adam.step', 1);
    const moments = [...this.slots].map(([name, slot]) => ({ slot, m: take(`adam.m.${name}`, slot.parameter.size), v: take(`adam.v.${name}`, slot.parameter.size) }));
    this.steps = steps;
    this.tf.tidy(() => {
      for (const { slot, m, v } of moments) {
        slot.firstMoment.assign(this.tf.tensor(m, slot.parameter.shape));
        slot.secondMoment.assign(this.tf.tensor(v, slot.parameter.shape));
      }
    });
  }

  /** Frees the moments; the parameters live on. */
  dispose(): void {
    for (const { firstMoment, secondMoment } of this.slots.values()) this.tf.dispose([firstMoment, secondMoment]);
  }

  private get biasCorrections(): { biasCorrection1: number; biasCorrection2: number } {
    return { biasCorrection1: 1 - this.beta1 ** this.steps, biasCorrection2: 1 - this.beta2 ** this.steps };
  }

  private applyFused(present: readonly { slot: Slot; gradient: Tensor }[]): void {
    const { tf, learningRate, beta1, beta2, epsilon } = this;
    let gradientScale = 1;
    if (this.maxGradientNorm !== null) {
      let squares = 0;
      for (const { gradient } of present) squares += (tf.engine().runKernel(squareSumKernelName, { x: gradient }) as Tensor).dataSync()[0];
      gradientScale = Math.min(1, this.maxGradientNorm / (Math.sqrt(squares) + 1e-6));
    }
    const step: AdamStep = { learningRate, beta1, beta2, epsilon, gradientScale, ...this.biasCorrections };
    for (const { slot, gradient } of present) {
      const inputs = { parameter: slot.parameter, gradient, firstMoment: slot.firstMoment, secondMoment: slot.secondMoment };
      const [parameter, firstMoment, secondMoment] = tf.engine().runKernel(adamKernelName, inputs as unknown as Record<string, TensorInfo> as never, { ...step }) as Tensor[];
      assign(slot, parameter, firstMoment, secondMoment);
    }
  }

  private applyComposed(present: readonly { slot: Slot; gradient: Tensor }[]): void {
    const { tf, learningRate, beta1, beta2, epsilon } = this;
    const { biasCorrection1, biasCorrection2 } = this.biasCorrections;
    const scale = this.clippingFactor(present.map(({ gradient }) => gradient));
    for (const { slot, gradient } of present) {
      const g = scale ? tf.mul(gradient, scale) : gradient;
      const m = tf.add(tf.mul(slot.firstMoment, beta1), tf.mul(g, 1 - beta1));
      const v = tf.add(tf.mul(slot.secondMoment, beta2), tf.mul(tf.square(g), 1 - beta2));
      const change = tf.mul(tf.div(tf.div(m, biasCorrection1), tf.add(tf.sqrt(tf.div(v, biasCorrection2)), epsilon)), learningRate);
      assign(slot, tf.sub(slot.parameter, change), m, v);
    }
  }

  /** min(1, max / (‖g‖ + 1e-6)), left on the device: reading it back would stall a GPU, and WebGPU cannot at all. */
  private clippingFactor(gradients: readonly Tensor[]): Tensor | null {
    const { tf } = this;
    if (this.maxGradientNorm === null || gradients.length === 0) return null;
    // added in turn: one addN of more tensors than a shader may bind fails on WebGPU
    const squares = gradients.map((gradient) => tf.sum(tf.square(gradient))).reduce((total, square) => tf.add(total, square));
    const norm = tf.sqrt(squares);
    return tf.minimum(tf.div(this.maxGradientNorm, tf.add(norm, 1e-6)), 1);
  }
}

function assign(slot: Slot, parameter: Tensor, firstMoment: Tensor, secondMoment: Tensor): void {
  slot.parameter.assign(parameter);
  slot.firstMoment.assign(firstMoment);
  slot.secondMoment.assign(secondMoment);
}

function optimizerStateMismatch(name: string, expected: number, found: number | null): SoupError {
  const state = found === null ? 'is missing' : `has ${found} values, expected ${expected}`;
  return new SoupError('OptimizerStateError', `optimiser state: ${name} ${state} — the checkpoint belongs to another network; start this run afresh or restore its settings`);
}
