import type { Tensor, Tensor1D, Tensor2D } from '@tensorflow/tfjs';
import type { Tf } from '../../backend/backend';
import type { TokenBatch } from '../language-model';
import { biasName, linearsOf, weightName, type Architecture, type Layer, type Linear, type Norm } from '../../../architecture/architecture';
import { distinctRows } from './distinct-rows';
import { activate, activateGated } from './ops/activation';
import { attend } from './ops/attention';
import { dropout } from './ops/dropout';
import { layerNorm, rmsNorm } from './ops/norm';
import { recomputed } from './ops/recompute';
import { rotate, rotationTables, type Rotation } from './ops/rotate';

/** One adapter on the device: ΔW = scale · B A. */
export interface AdapterWeights {
  /** [rank, inputs] */
  readonly a: Tensor2D;
  /** [outputs, rank] */
  readonly b: Tensor2D;
  readonly scale: number;
  readonly dropout: number;
}

/** Where a network takes its weights from: the trained ones, or a reference's. */
export interface Weights {
  tensor(name: string): Tensor;
  /** null where a linear layer has no adapter */
  adapter(linear: string): AdapterWeights | null;
}

/** What every layer of a pass uses. */
interface Context {
  readonly batch: TokenBatch;
  readonly tensors: ContextTensors;
  readonly dropoutSeed: number | null;
}

interface ContextTensors {
  readonly mask: Tensor2D;
  /** where the rows stand in [batch · time], and back; absent where they are the same */
  readonly rowOf?: Tensor1D;
  readonly first?: Tensor1D;
  /** of a rotation, [rows, headSize / 2] each; absent where positions are learned */
  readonly cos?: Tensor2D;
  readonly sin?: Tensor2D;
}

/** Hidden states of the distinct rows of a batch, and the row of each token, [batch · time]. */
export interface HiddenStates {
  readonly states: Tensor2D;
  readonly rowOf: Int32Array;
}

/** The decoder as tfjs ops, differentiable in its weights; tensors between layers are [rows, …], see `distinctRows`. */
export class Network {
  /** @param recomputesLayers gradient checkpointing: of each layer only its input is kept for the gradient */
  constructor(private readonly tf: Tf, readonly architecture: Architecture, private readonly weights: Weights, private readonly recomputesLayers = false) {}

  /** Hidden states after the final norm. */
  hidden(batch: TokenBatch, dropoutSeed: number | null): HiddenStates {
    const { tf, architecture, weights } = this;
    const { first, positions, rowOf } = distinctRows(batch, dropoutSeed === null || !this.hasDropout);
    const isWhole = first.length === rowOf.length;
    let x = tf.gather(weights.tensor(architecture.embedding), tf.tensor1d(first.map((at) => batch.tokens[at]!), 'int32')) as Tensor;
    if (architecture.positions) x = tf.add(x, tf.gather(weights.tensor(architecture.positions), tf.tensor1d(positions, 'int32')));
    const context: Context = {
      batch,
      tensors: {
        mask: tf.tensor2d(batch.attention, [batch.batch, batch.time], 'int32'),
        ...(isWhole ? {} : { rowOf: tf.tensor1d(rowOf, 'int32'), first: tf.tensor1d(first, 'int32') }),
        ...this.rotation(positions),
      },
      dropoutSeed,
    };
    for (const layer of architecture.layers) x = this.recomputesLayers ? this.recomputedLayer(layer, x, context) : this.layer(layer, x, context);
    return { states: this.norm(architecture.finalNorm, x) as Tensor2D, rowOf };
  }

  private layer(layer: Layer, input: Tensor, context: Context): Tensor {
    const { tf } = this;
    const x = tf.add(input, this.attention(layer, this.norm(layer.attentionNorm, input), context));
    return tf.add(x, this.mlp(layer, this.norm(layer.mlpNorm, x), context));
  }

  private recomputedLayer(layer: Layer, x: Tensor, { tensors, ...context }: Context): Tensor {
    const names = Object.keys(tensors);
    const again = (kept: readonly Tensor[]) => Object.fromEntries(names.map((name, i) => [name, kept[i]])) as unknown as ContextTensors;
    return recomputed(this.tf, x, this.trainedIn(layer), Object.values(tensors), (input, kept) => this.layer(layer, input, { ...context, tensors: again(kept) }));
  }

  /** Variables of a layer that an optimiser changes. */
  private trainedIn(layer: Layer): Tensor[] {
    const { weights } = this;
    const norms = [layer.attentionNorm, layer.mlpNorm, layer.queryNorm, layer.keyNorm].filter((norm) => norm !== null);
    const names = [...linearsOf(layer).flatMap((linear) => [weightName(linear), ...(linear.hasBias ? [biasName(linear)] : [])]), ...norms.flatMap((norm) => [weightName(norm), ...(norm.kind === 'layer' ? [biasName(norm)] : [])])];
    const adapters = linearsOf(layer).map(({ name }) => weights.adapter(name)).filter((adapter) => adapter !== null);
    const all = [...names.map((name) => weights.tensor(name)), ...adapters.flatMap(({ a, b }) => [a, b])];
    return all.filter((tensor) => (tensor as Tensor & { readonly trainable?: boolean }).trainable === true);
  }

  private get hasDropout(): boolean {
    return this.architecture.layers.flatMap(linearsOf).some(({ name }) => (this.weights.adapter(name)?.dropout ?? 0) > 0);
  }

  /** Logits of hidden states, [rows, hidden] -> [rows, vocabulary]. */
  logits(hidden: Tensor2D): Tensor2D {
    const { head, embedding } = this.architecture;
    if (head) return this.linear(head, hidden, null);
    return this.tf.matMul(hidden, this.weights.tensor(embedding) as Tensor2D, false, true);
  }

  private rotation(positions: Int32Array): Rotation | null {
    const { rope } = this.architecture;
    if (!rope) return null;
    const { cos, sin } = rotationTables(rope, positions);
    const shape: [number, number] = [positions.length, rope.frequencies.length];
    return { cos: this.tf.tensor2d(cos, shape), sin: this.tf.tensor2d(sin, shape) };
  }

  private attention(layer: Layer, x: Tensor, context: Context): Tensor {
    const { tf } = this;
    const { heads, keyValueHeads, headSize } = this.architecture;
    const projected = layer.queryKeyValue.map((linear) => this.linear(linear, x as Tensor2D, context.dropoutSeed));
    const [queries, keys, value] = (projected.length === 1 ? tf.split(projected[0]!, [heads, keyValueHeads, keyValueHeads].map((count) => count * headSize), 1) : projected) as [Tensor2D, Tensor2D, Tensor2D];
    const query = this.turn(layer.queryNorm, queries, heads, context);
    const key = this.turn(layer.keyNorm, keys, keyValueHeads, context);
    const { batch: { batch, time }, tensors: { mask, rowOf, first } } = context;
    const [q, k, v] = [query, key, value].map((rows) => (rowOf ? (tf.gather(rows, rowOf) as Tensor2D) : rows)) as [Tensor2D, Tensor2D, Tensor2D];
    const mixed = attend(tf, q, k, v, mask, { batch, time, heads, keyValueHeads, headSize, scale: layer.attentionScale });
    return this.linear(layer.attentionOutput, first ? (tf.gather(mixed, first) as Tensor2D) : mixed, context.dropoutSeed);
  }

  private mlp(layer: Layer, x: Tensor, { dropoutSeed }: Context): Tensor {
    const { tf, architecture: { activation } } = this;
    const up = this.linear(layer.up, x as Tensor2D, dropoutSeed);
    const active = layer.gate ? activateGated(tf, activation, this.linear(layer.gate, x as Tensor2D, dropoutSeed), up) : activate(tf, activation, up);
    return this.linear(layer.down, active as Tensor2D, dropoutSeed);
  }

  private norm(norm: Norm, x: Tensor): Tensor {
    const weight = this.weights.tensor(weightName(norm));
    return norm.kind === 'rms' ? rmsNorm(this.tf, x, weight, norm.epsilon) : layerNorm(this.tf, x, weight, this.weights.tensor(biasName(norm)), norm.epsilon);
  }

  /** QK norm and rotation of every head, where the model has them. */
  private turn(norm: Norm | null, x: Tensor2D, heads: number, { tensors: { cos, sin } }: Context): Tensor2D {
    const { tf } = this;
    const normal: Tensor2D = norm ? tf.reshape(this.norm(norm, tf.reshape(x, [-1, norm.size])), x.shape) : x;
    return cos && sin ? rotate(tf, normal, heads, { cos, sin }) : normal;
  }

  /** x Wᵀ + b, and + scale · (dropout(x) Aᵀ) Bᵀ where there is an adapter. */
  private linear(linear: Linear, x: Tensor2D, dropoutSeed: number | null): Tensor2D {
    const { tf, weights } = this;
    let y: Tensor = tf.matMul(x, weights.tensor(weightName(linear)) as Tensor2D, false, linear.layout === 'out-in');
    if (linear.hasBias) y = tf.add(y, weights.tensor(biasName(linear)));
    const adapter = weights.adapter(linear.name);
    if (!adapter) return y as Tensor2D;
    const input = dropoutSeed === null ? x : dropout(tf, x, adapter.dropout, dropoutSeed, linear.name);
    const low = tf.mul(tf.matMul(input, adapter.a, false, true), adapter.scale);
    return tf.add(y, tf.matMul(low as Tensor2D, adapter.b, false, true));
  }
}

/** Every token's row of states before it, and how results go back to [batch · time]; see `LanguageModel.score`. */
export function scoredRows({ batch, time, attention }: TokenBatch, scored: ArrayLike<number>): { readonly states: Int32Array; readonly tokens: Int32Array } {
  const tokens: number[] = [];
  for (let row = 0; row < batch; row++) {
    for (let t = row * time + 1; t < (row + 1) * time; t++) if (scored[t] && attention[t] && attention[t - 1]) tokens.push(t);
  }
  return { states: Int32Array.from(tokens, (t) => t - 1), tokens: Int32Array.from(tokens) };
}

/** Puts values, [rows], at `tokens` of a zero vector [size], differentiably. */
export function spread(tf: Tf, values: Tensor1D, tokens: Int32Array, size: number): Tensor1D {
  const from = new Int32Array(size).fill(tokens.length);
  tokens.forEach((at, row) => (from[at] = row));
  return tf.gather(tf.concat([values, tf.zeros([1])]), tf.tensor1d(from, 'int32')) as Tensor1D;
}
