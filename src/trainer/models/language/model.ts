import type { Tensor, Tensor1D, Tensor2D, Tensor3D, Variable } from '@tensorflow/tfjs';
import type { Tf } from '../../backend/backend';
import type { Generation, GenerationSettings, LanguageModel, Scores, TokenBatch, WatchTokens, WeightArray } from '../language-model';
import { tensorSpecs, type Architecture } from '../../../architecture/architecture';
import { weightMismatch } from '../../../architecture/errors';
import { sequenceTooLong, unknownToken } from './errors';
import type { GenerationDefaults } from './generation/defaults';
import { Decoder, type Predictor } from './generation/decoder';
import { Generator } from './generation/generator';
import { factorName, type AdapterSet } from './lora';
import { Network, scoredRows, spread, type AdapterWeights, type Weights } from './network';
import { tokenLogProbabilities } from './ops/token-log-probabilities';
import type { LanguageTokenizer } from './tokenizer';
import type { HostWeights } from './weight-files';

/** Everything a model is built from; see `open.ts`. */
export interface ModelParts {
  readonly tf: Tf;
  readonly architecture: Architecture;
  readonly config: Readonly<Record<string, unknown>>;
  readonly tokenizer: LanguageTokenizer;
  readonly generationDefaults: GenerationDefaults;
  readonly weights: HostWeights;
  readonly adapters: AdapterSet;
  readonly trains: 'full' | 'adapter' | 'none';
  readonly hasValueHead: boolean;
  /** keeps of each layer its input alone for the gradient, and computes the layer again then */
  readonly gradientCheckpointing: boolean;
  /** writes what was trained; `values` gives a tensor's current numbers: an adapter's factors, or all of the base */
  save(directory: string, values: ReadonlyMap<string, WeightArray>, metadata: Readonly<Record<string, string>>): Promise<void>;
}

interface VariableAdapter extends AdapterWeights {
  readonly a: Variable & Tensor2D;
  readonly b: Variable & Tensor2D;
}

const valueHeadNames = { weight: 'value_head.weight', bias: 'value_head.bias' } as const;

/** A language model whose weights are tfjs variables. */
export class CausalLanguageModel implements LanguageModel {
  readonly config: Readonly<Record<string, unknown>>;
  readonly tokenizer: LanguageTokenizer;
  readonly contextLength: number;
  readonly trainable: Readonly<Record<string, Variable>>;
  readonly parameterCount: { readonly all: number; readonly trainable: number };
  /** every weight of the base, by name */
  readonly base: ReadonlyMap<string, Variable>;
  private readonly adapters: ReadonlyMap<string, VariableAdapter>;
  private readonly network: Network;
  private readonly reference: Network;
  /** weights as they were opened, which share memory with the trained ones until those move */
  private readonly kept: Tensor[] = [];
  private readonly valueHead: { readonly weight: Variable; readonly bias: Variable } | null;
  private readonly own: Weights;
  private ownDecoder: Decoder | null = null;

  private readonly parts: Omit<ModelParts, 'weights'>;

  constructor({ weights, ...parts }: ModelParts) {
    const { tf, architecture, adapters, trains, hasValueHead } = parts;
    this.parts = parts;
    this.config = parts.config;
    this.tokenizer = parts.tokenizer;
    this.contextLength = architecture.contextLength;
    const variable = (values: Float32Array, shape: readonly number[], isTrained: boolean): Variable => tf.tidy(() => tf.variable(tf.tensor(values, [...shape], 'float32'), isTrained));
    this.base = new Map(tensorSpecs(architecture).map(({ name, shape }) => [name, variable(weights.get(name)!, shape, trains === 'full')]));
    this.adapters = new Map([...adapters].map(([name, { linear, rank, scale, dropout, a, b }]) => [name, {
      a: variable(a, [rank, linear.inputs], trains === 'adapter') as Variable & Tensor2D,
      b: variable(b, [linear.outputs, rank], trains === 'adapter') as Variable & Tensor2D,
      scale,
      dropout,
    }]));
    this.valueHead = hasValueHead ? { weight: variable(new Float32Array(architecture.hiddenSize), [architecture.hiddenSize, 1], true), bias: variable(new Float32Array(1), [1], true) } : null;
    this.trainable = this.collectTrainable();
    const count = (tensors: Iterable<Tensor>): number => [...tensors].reduce((sum, { size }) => sum + size, 0);
    const adapterTensors = [...this.adapters.values()].flatMap(({ a, b }) => [a, b]);
    this.parameterCount = { all: count(this.base.values()) + count(adapterTensors), trainable: count(Object.values(this.trainable)) };
    this.own = { tensor: (name) => this.base.get(name)!, adapter: (name) => this.adapters.get(name) ?? null };
    this.network = new Network(tf, architecture, this.own, parts.gradientCheckpointing && trains !== 'none');
    this.reference = trains === 'none' ? this.network : new Network(tf, architecture, this.keepReference());
  }

  private collectTrainable(): Record<string, Variable> {
    const { trains } = this.parts;
    const named: [string, Variable][] = trains === 'full' ? [...this.base] : [];
    if (trains === 'adapter') for (const [name, { a, b }] of this.adapters) named.push([factorName(name, 'A'), a], [factorName(name, 'B'), b]);
    if (this.valueHead) named.push([valueHeadNames.weight, this.valueHead.weight], [valueHeadNames.bias, this.valueHead.bias]);
    return Object.fromEntries(named);
  }

  /** An adapter whose B is zero is none: the reference of a new one is the base alone. */
  private keepReference(): Weights {
    const { tf, trains, adapters } = this.parts;
    const keep = <T extends Tensor>(tensor: T): T => {
      const clone = tf.tidy(() => tf.keep(tensor.clone()));
      this.kept.push(clone);
      return clone as T;
    };
    const base = trains === 'full' ? new Map([...this.base].map(([name, weight]) => [name, keep(weight as Tensor)])) : this.base;
    const active = [...this.adapters].filter(([name]) => adapters.get(name)!.b.some((value) => value !== 0));
    const reference = new Map(active.map(([name, { a, b, scale }]) => [name, { a: keep(a as Tensor2D), b: keep(b as Tensor2D), scale, dropout: 0 }]));
    return { tensor: (name) => base.get(name)!, adapter: (name) => reference.get(name) ?? null };
  }

  forward(batch: TokenBatch): Tensor3D {
    this.check(batch);
    const { tf } = this.parts;
    return tf.tidy(() => {
      const { states, rowOf } = this.network.hidden(batch, null);
      return tf.reshape(this.network.logits(tf.gather(states, tf.tensor1d(rowOf, 'int32')) as Tensor2D), [batch.batch, batch.time, -1]) as Tensor3D;
    });
  }

  score(batch: TokenBatch, scored: ArrayLike<number> = batch.attention, dropoutSeed: number | null = null): Scores {
    return this.scoreWith(this.network, batch, scored, dropoutSeed, this.valueHead);
  }

  referenceLogProbabilities(batch: TokenBatch, scored: ArrayLike<number> = batch.attention): Tensor2D {
    return this.scoreWith(this.reference, batch, scored, null, null).logProbabilities;
  }

  private scoreWith(network: Network, batch: TokenBatch, scored: ArrayLike<number>, dropoutSeed: number | null, valueHead: { readonly weight: Variable; readonly bias: Variable } | null): Scores {
    this.check(batch);
    const { tf } = this.parts;
    const size = batch.batch * batch.time;
    const shape: [number, number] = [batch.batch, batch.time];
    const rows = scoredRows(batch, scored);
    if (rows.tokens.length === 0) return { logProbabilities: tf.zeros(shape), values: valueHead ? tf.zeros(shape) : null };
    const { logProbabilities, values } = tf.tidy(() => {
      const hidden = network.hidden(batch, dropoutSeed);
      const states = tf.gather(hidden.states, tf.tensor1d(rows.states.map((at) => hidden.rowOf[at]!), 'int32')) as Tensor2D;
      const tokens = tf.tensor1d(rows.tokens.map((at) => batch.tokens[at]!), 'int32');
      const place = (results: Tensor1D): Tensor2D => tf.reshape(spread(tf, results, rows.tokens, size), shape);
      const value = valueHead && place(tf.reshape(tf.add(tf.matMul(states, valueHead.weight as Tensor2D), valueHead.bias), [-1]));
      return { logProbabilities: place(tokenLogProbabilities(tf, network.logits(states), tokens)), ...(value ? { values: value } : {}) };
    }) as { logProbabilities: Tensor2D; values?: Tensor2D };
    return { logProbabilities, values: values ?? null };
  }

  /** @throws SequenceTooLongError, UnknownTokenError */
  private check({ tokens, time }: TokenBatch): void {
    if (time > this.contextLength) throw sequenceTooLong(time, this.contextLength);
    const { vocabularySize } = this.parts.architecture;
    const outside = tokens.find((token) => !(token >= 0 && token < vocabularySize));
    if (outside !== undefined) throw unknownToken(outside, vocabularySize);
  }

  generate(prompts: readonly (string | ArrayLike<number>)[], settings: GenerationSettings, watch?: WatchTokens): Promise<Generation[]> {
    return this.generateBy(this.decoder, prompts, settings, watch);
  }

  /** Continues prompts as another predictor of this vocabulary says. */
  generateBy<C>(predictor: Predictor<C>, prompts: readonly (string | ArrayLike<number>)[], settings: GenerationSettings, watch?: WatchTokens): Promise<Generation[]> {
    return new Generator(this.parts.architecture, predictor, this.parts.generationDefaults, this.tokenizer).generate(prompts, settings, watch);
  }

  /** Computes logits outside of tfjs; copies the weights when it is first used. */
  get decoder(): Decoder {
    return (this.ownDecoder ??= new Decoder(this.parts.architecture, this.own));
  }

  async snapshot(): Promise<WeightArray[]> {
    return download(Object.entries(this.trainable));
  }

  restore(snapshot: readonly WeightArray[]): void {
    const { tf } = this.parts;
    const byName = new Map(snapshot.map((array) => [array.name, array.values]));
    for (const [name, { size }] of Object.entries(this.trainable)) {
      const length = byName.get(name)?.length;
      if (length !== size) throw weightMismatch('snapshot', `${name} ${length === undefined ? 'is missing' : `has ${length} values, expected ${size}`}`);
    }
    tf.tidy(() => {
      for (const [name, variable] of Object.entries(this.trainable)) variable.assign(tf.tensor(byName.get(name)!, variable.shape));
    });
  }

  async save(directory: string, metadata: Readonly<Record<string, string>> = {}): Promise<void> {
    const arrays = this.parts.trains === 'adapter' ? await this.snapshot() : await download(this.base);
    await this.parts.save(directory, new Map(arrays.map((array) => [array.name, array])), metadata);
  }

  dispose(): void {
    const { tf } = this.parts;
    for (const { a, b } of this.adapters.values()) tf.dispose([a, b]);
    for (const variable of this.base.values()) variable.dispose();
    if (this.valueHead) tf.dispose([this.valueHead.weight, this.valueHead.bias]);
    tf.dispose(this.kept);
    this.ownDecoder = null;
  }
}

function download(variables: Iterable<readonly [string, Variable]>): Promise<WeightArray[]> {
  return Promise.all(Array.from(variables, async ([name, variable]) => ({ name, shape: variable.shape, values: Float32Array.from(await variable.data()) })));
}
