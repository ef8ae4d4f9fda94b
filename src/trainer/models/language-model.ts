import type { Tensor2D, Tensor3D, Variable } from '@tensorflow/tfjs';
import type { LanguageTokenizer } from './language/tokenizer';

/** Sequences padded to one length, left or right, row by row. */
export interface TokenBatch {
  readonly batch: number;
  readonly time: number;
  /** token ids, [batch, time]; padding holds any valid id */
  readonly tokens: Int32Array;
  /** 1 where a token is real, 0 where it is padding, [batch, time] */
  readonly attention: Int32Array;
}

/** LoRA (Hu et al. 2021, arXiv 2106.09685) as PEFT does it: ΔW = scale · B A, scale = α / r, or α / √r with rsLoRA. */
export interface LoraSettings {
  readonly rank: number;
  readonly alpha: number;
  /** of the adapter's input, while training; default 0 */
  readonly dropout?: number;
  /** last part of the names of the linear layers that get an adapter; default: those of the attention */
  readonly targets?: readonly string[];
  readonly rankStabilised?: boolean;
}

/** Which weights an optimiser may change: all, those of a new adapter, those of the adapter that was opened, or none. */
export type Trainable = 'full' | 'adapter' | 'none' | LoraSettings;

export interface GenerationSettings {
  readonly maxNewTokens: number;
  /** no end of text before so many tokens; default 0 */
  readonly minNewTokens?: number;
  /** 0 always takes the most likely token; default 1 */
  readonly temperature?: number;
  /** samples among the k most likely tokens; 0, the default, among all */
  readonly topK?: number;
  /** samples among the most likely tokens that together reach this probability (Holtzman et al. 2019); default 1 */
  readonly topP?: number;
  /** divides positive and multiplies negative logits of tokens that the sequence holds (Keskar et al. 2019); default 1 */
  readonly repetitionPenalty?: number;
  /** text that ends a generation; it is cut off */
  readonly stop?: readonly string[];
  /** continuations of each prompt, one after the other in the result; default 1 */
  readonly samples?: number;
  /** generation i draws from stream i of this seed, whatever runs beside it; default 0 */
  readonly seed?: number;
  /** sequences that are computed side by side; default 32 */
  readonly batch?: number;
}

/** Hears the tokens that each sequence of a batch has so far, before the next ones are computed; throws to end the generation. */
export type WatchTokens = (tokens: readonly (readonly number[])[]) => Promise<void>;

export interface Generation {
  readonly prompt: Int32Array;
  /** what followed, with the end-of-text token when it ended so, [n] */
  readonly tokens: Int32Array;
  /** without special tokens, and cut before the stop string */
  readonly text: string;
  /** log π(token) in nats at temperature 1, before top-k, top-p and the repetition penalty, [n] */
  readonly logProbabilities: Float32Array;
  /** of an ensemble: KL(soup ‖ ensemble) in nats before each token, over the whole vocabulary, [n] */
  readonly kl?: Float64Array;
  readonly ended: 'end of text' | 'stop' | 'length';
}

/** What a policy says about the tokens of a batch; entry t belongs to the state before token t. */
export interface Scores {
  /** log π(token t | tokens before t) in nats, [batch, time]; 0 where not scored */
  readonly logProbabilities: Tensor2D;
  /** value of the state in which token t was chosen, [batch, time]; 0 where not scored; null without a value head */
  readonly values: Tensor2D | null;
}

/** One named array of weights, ready for a file. */
export interface WeightArray {
  readonly name: string;
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

/** A causal language model on the active backend. Weights are float32. Names are those of transformers and PEFT. */
export interface LanguageModel {
  /** config.json, as it was read */
  readonly config: Readonly<Record<string, unknown>>;
  readonly tokenizer: LanguageTokenizer;
  /** longest sequence, in tokens */
  readonly contextLength: number;
  /** what an optimiser trains, by name (fits `FusedAdam`); the value head's two tensors are `value_head.weight` and `value_head.bias` */
  readonly trainable: Readonly<Record<string, Variable>>;
  /** numbers in all weights, and in those that are trained */
  readonly parameterCount: { readonly all: number; readonly trainable: number };

  /** Logits of every position, [batch, time, vocabulary]; differentiable. Rows of padding hold nothing of meaning. */
  forward(batch: TokenBatch): Tensor3D;
  /**
   * Log-probabilities (and values) of the tokens that `scored` marks, differentiable; the vocabulary's logits are
   * computed for those alone. The first token of a row has no state before it and scores 0.
   * @param scored 1 where a token is of interest, [batch, time]; default every real token
   * @param dropoutSeed given while training: the adapter's dropout draws from it; without it there is no dropout
   */
  score(batch: TokenBatch, scored?: ArrayLike<number>, dropoutSeed?: number): Scores;
  /** log π_ref of the scored tokens under the weights that this model was opened with, no gradient, [batch, time]. */
  referenceLogProbabilities(batch: TokenBatch, scored?: ArrayLike<number>): Tensor2D;

  /** Continues prompts (text or token ids) with a key-value cache, outside of tfjs. */
  generate(prompts: readonly (string | ArrayLike<number>)[], settings: GenerationSettings, watch?: WatchTokens): Promise<Generation[]>;

  /** Values of `trainable`, for a checkpoint to resume from. */
  snapshot(): Promise<WeightArray[]>;
  /**
   * Puts a snapshot back, bit for bit; nothing is changed when it does not fit.
   * @throws WeightMismatchError
   */
  restore(snapshot: readonly WeightArray[]): void;
  /**
   * Writes what transformers (all weights were trained) or PEFT (an adapter was trained) opens: config, safetensors and
   * tokenizer files, each atomically. The value head is left out.
   */
  save(directory: string, metadata?: Readonly<Record<string, string>>): Promise<void>;
  dispose(): void;
}

/** Base and experts in memory: forms any soup in place, without touching the disk. */
export interface LanguageSoup {
  /** holds θ_λ of the last `blend`; the base before the first. Not trainable. */
  readonly model: LanguageModel;
  /**
   * θ_λ = Σ λᵢ θᵢ. Adapters are blended in delta space (W₀ + Σ λᵢ ΔWᵢ, exact) or factor space (Σ λᵢ Aᵢ and Σ λᵢ Bᵢ).
   * @param weights λ, in the order of the experts
   */
  blend(weights: readonly number[]): void;
  dispose(): void;
}

/** The experts of a soup as one policy: their predictions are averaged instead of their weights. */
export interface LanguageEnsemble {
  /**
   * Continues prompts by Σ λᵢ zᵢ, the weighted mean of the experts' logits at each token, and says how far the soup of
   * the last `blend` is from that (`Generation.kl`).
   * @param weights λ, in the order of the experts; the soup has to be blended with the same
   */
  generate(weights: readonly number[], prompts: readonly (string | ArrayLike<number>)[], settings: GenerationSettings): Promise<Generation[]>;
  dispose(): void;
}
