import { ConfigReader } from './config-reader';
import { unsupportedModel } from './errors';
import { describeGpt2 } from './gpt2';
import { describeLlama } from './llama';

/** A dense layer by the path of its module; `in-out` is GPT-2's Conv1D, whose weight is stored transposed. */
export interface Linear {
  readonly name: string;
  readonly inputs: number;
  readonly outputs: number;
  readonly hasBias: boolean;
  readonly layout: 'out-in' | 'in-out';
  /** deviation of a new weight; default the architecture's */
  readonly initialDeviation?: number;
}

export interface Norm {
  readonly kind: 'layer' | 'rms';
  readonly name: string;
  readonly size: number;
  readonly epsilon: number;
}

export type Activation = 'gelu-tanh' | 'gelu' | 'silu' | 'relu';

export interface Layer {
  readonly attentionNorm: Norm;
  /** one layer that gives query, key and value side by side, or three */
  readonly queryKeyValue: readonly Linear[];
  /** RMSNorm of each head's query and key (Qwen 3); null elsewhere */
  readonly queryNorm: Norm | null;
  readonly keyNorm: Norm | null;
  readonly attentionScale: number;
  readonly attentionOutput: Linear;
  readonly mlpNorm: Norm;
  /** down(activation(gate x) · up x), or down(activation(up x)) without a gate */
  readonly gate: Linear | null;
  readonly up: Linear;
  readonly down: Linear;
}

/** Rotary position embedding (Su et al. 2021): component i of a head's half turns by position · frequencies[i]. */
export interface Rope {
  /** [headSize / 2] */
  readonly frequencies: Float64Array;
  /** factor of cosine and sine (YaRN); 1 elsewhere */
  readonly magnitude: number;
}

/** A causal decoder: everything that computing, naming and storing it takes. */
export interface Architecture {
  readonly modelType: string;
  readonly vocabularySize: number;
  readonly hiddenSize: number;
  readonly heads: number;
  readonly keyValueHeads: number;
  readonly headSize: number;
  readonly contextLength: number;
  readonly activation: Activation;
  readonly embedding: string;
  /** learned positions, or null with rotary ones */
  readonly positions: string | null;
  readonly rope: Rope | null;
  readonly layers: readonly Layer[];
  readonly finalNorm: Norm;
  /** null where the embedding serves as the head (tied) */
  readonly head: Linear | null;
  readonly initialDeviation: number;
  /** linear layers that get an adapter when none are named: last parts of names */
  readonly defaultTargets: readonly string[];
  /** the file's name of a tensor as ours; null for a buffer that holds nothing trained */
  canonicalName(name: string): string | null;
}

/** One entry a model_type of transformers. */
const families: Readonly<Record<string, (config: ConfigReader) => Architecture>> = {
  gpt2: describeGpt2,
  llama: describeLlama,
  mistral: describeLlama,
  qwen2: describeLlama,
  qwen3: describeLlama,
};

/**
 * The architecture that a config.json describes.
 * @param where what errors begin with: the file
 * @throws UnsupportedModelError, InvalidModelConfigError
 */
export function describeArchitecture(where: string, config: Readonly<Record<string, unknown>>): Architecture {
  const modelType = String(config.model_type);
  if (!Object.hasOwn(families, modelType)) throw unsupportedModel(where, `model_type "${modelType}"`, `use one of ${Object.keys(families).join(', ')}`);
  if (config.quantization_config) throw unsupportedModel(where, 'a quantised model (quantization_config)', 'use the original weights');
  return families[modelType]!(new ConfigReader(where, config));
}

const activations: Readonly<Record<string, Activation>> = { gelu_new: 'gelu-tanh', gelu_pytorch_tanh: 'gelu-tanh', gelu: 'gelu', silu: 'silu', swish: 'silu', relu: 'relu' };

/** @throws UnsupportedModelError */
export function activationOf(config: ConfigReader, key: string, fallback: string): Activation {
  const name = config.text(key, fallback);
  if (!Object.hasOwn(activations, name)) throw unsupportedModel(config.where, `${key} "${name}"`, `known are ${Object.keys(activations).join(', ')}`);
  return activations[name]!;
}

export interface TensorSpec {
  readonly name: string;
  readonly shape: readonly number[];
  /** how a new model starts: normal of this deviation, or a constant */
  readonly initial: { readonly deviation: number } | { readonly constant: number };
}

export function linearsOf(layer: Layer): Linear[] {
  return [...layer.queryKeyValue, layer.attentionOutput, ...(layer.gate ? [layer.gate] : []), layer.up, layer.down];
}

export function weightName({ name }: Linear | Norm): string {
  return `${name}.weight`;
}

export function biasName({ name }: Linear | Norm): string {
  return `${name}.bias`;
}

/** Every tensor of a model, in the order of its layers. */
export function tensorSpecs(architecture: Architecture): TensorSpec[] {
  const { initialDeviation: deviation, vocabularySize, hiddenSize, contextLength } = architecture;
  const linear = (layer: Linear): TensorSpec[] => [
    { name: weightName(layer), shape: layer.layout === 'out-in' ? [layer.outputs, layer.inputs] : [layer.inputs, layer.outputs], initial: { deviation: layer.initialDeviation ?? deviation } },
    ...(layer.hasBias ? [{ name: biasName(layer), shape: [layer.outputs], initial: { constant: 0 } }] : []),
  ];
  const norm = (layer: Norm | null): TensorSpec[] => {
    if (!layer) return [];
    const weight = { name: weightName(layer), shape: [layer.size], initial: { constant: 1 } };
    return layer.kind === 'rms' ? [weight] : [weight, { name: biasName(layer), shape: [layer.size], initial: { constant: 0 } }];
  };
  return [
    { name: architecture.embedding, shape: [vocabularySize, hiddenSize], initial: { deviation } },
    ...(architecture.positions ? [{ name: architecture.positions, shape: [contextLength, hiddenSize], initial: { deviation } }] : []),
    ...architecture.layers.flatMap((layer) => [...norm(layer.attentionNorm), ...norm(layer.queryNorm), ...norm(layer.keyNorm), ...norm(layer.mlpNorm), ...linearsOf(layer).flatMap(linear)]),
    ...norm(architecture.finalNorm),
    ...(architecture.head ? linear(architecture.head) : []),
  ];
}
