import { activationOf, type Architecture, type Linear, type Norm } from './architecture';
import type { ConfigReader } from './config-reader';
import { invalidConfig, unsupportedModel } from './errors';
import { describeRope } from './rope';

/** What a config says when it leaves a key out: the defaults of transformers' config classes. */
const defaults: Readonly<Record<string, { readonly slidingWindow: number | null; readonly hasQkvBias: boolean; readonly hasQkNorm: boolean; readonly headSize: number | null; readonly keyValueHeads: number | null; readonly epsilon: number; readonly context: number }>> = {
  llama: { slidingWindow: null, hasQkvBias: false, hasQkNorm: false, headSize: null, keyValueHeads: null, epsilon: 1e-6, context: 2048 },
  mistral: { slidingWindow: 4096, hasQkvBias: false, hasQkNorm: false, headSize: null, keyValueHeads: 8, epsilon: 1e-6, context: 131072 },
  qwen2: { slidingWindow: null, hasQkvBias: true, hasQkNorm: false, headSize: null, keyValueHeads: 32, epsilon: 1e-6, context: 32768 },
  qwen3: { slidingWindow: null, hasQkvBias: false, hasQkNorm: true, headSize: 128, keyValueHeads: 32, epsilon: 1e-6, context: 32768 },
};

/**
 * LLaMA 1–3 (Touvron et al. 2023; Grattafiori et al. 2024) and its kin: Mistral, Qwen 2, 2.5 and 3, with the keys and
 * tensor names of transformers. They differ in a few keys: biases, grouped queries, QK norm, size of a head.
 * A sliding window changes nothing within the window: it bounds the context here.
 */
export function describeLlama(config: ConfigReader): Architecture {
  const modelType = config.text('model_type', 'llama');
  const family = defaults[modelType]!;
  const hiddenSize = config.count('hidden_size');
  const heads = config.count('num_attention_heads');
  // null in the file means ungrouped, a missing key the family's default
  const keyValueHeads = config.count('num_key_value_heads', config.mentions('num_key_value_heads') ? heads : (family.keyValueHeads ?? heads));
  if (heads % keyValueHeads !== 0) throw invalidConfig(config.where, 'num_attention_heads', `divisible by num_key_value_heads (${keyValueHeads})`, heads);
  const headSize = config.count('head_dim', family.headSize ?? Math.floor(hiddenSize / heads));
  if (headSize % 2 !== 0) throw invalidConfig(config.where, 'head_dim', 'even', headSize);
  const intermediate = config.count('intermediate_size');
  const vocabularySize = config.count('vocab_size');
  const epsilon = config.number('rms_norm_eps', family.epsilon);
  const context = config.count('max_position_embeddings', family.context);
  const norm = (name: string, size = hiddenSize): Norm => ({ kind: 'rms', name: `model.${name}`, size, epsilon });
  const linear = (name: string, inputs: number, outputs: number, hasBias: boolean): Linear => ({ name: `model.${name}`, inputs, outputs, hasBias, layout: 'out-in' });
  // Qwen 2 has biases on q, k and v, and no key that says so; where `attention_bias` exists, it covers the output too
  const hasAttentionBias = modelType === 'mistral' || modelType === 'qwen2' ? false : config.boolean('attention_bias', false);
  const hasQkvBias = family.hasQkvBias || hasAttentionBias;
  const hasMlpBias = modelType === 'llama' && config.boolean('mlp_bias', false);
  return {
    modelType,
    vocabularySize,
    hiddenSize,
    heads,
    keyValueHeads,
    headSize,
    contextLength: Math.min(context, slidingWindow(config, family.slidingWindow) ?? context),
    activation: activationOf(config, 'hidden_act', 'silu'),
    embedding: 'model.embed_tokens.weight',
    positions: null,
    rope: describeRope(config, headSize, context),
    layers: Array.from({ length: config.count('num_hidden_layers') }, (_, i) => ({
      attentionNorm: norm(`layers.${i}.input_layernorm`),
      queryKeyValue: [
        linear(`layers.${i}.self_attn.q_proj`, hiddenSize, heads * headSize, hasQkvBias),
        linear(`layers.${i}.self_attn.k_proj`, hiddenSize, keyValueHeads * headSize, hasQkvBias),
        linear(`layers.${i}.self_attn.v_proj`, hiddenSize, keyValueHeads * headSize, hasQkvBias),
      ],
      queryNorm: family.hasQkNorm ? norm(`layers.${i}.self_attn.q_norm`, headSize) : null,
      keyNorm: family.hasQkNorm ? norm(`layers.${i}.self_attn.k_norm`, headSize) : null,
      attentionScale: 1 / Math.sqrt(headSize),
      attentionOutput: linear(`layers.${i}.self_attn.o_proj`, heads * headSize, hiddenSize, hasAttentionBias),
      mlpNorm: norm(`layers.${i}.post_attention_layernorm`),
      gate: linear(`layers.${i}.mlp.gate_proj`, hiddenSize, intermediate, hasMlpBias),
      up: linear(`layers.${i}.mlp.up_proj`, hiddenSize, intermediate, hasMlpBias),
      down: linear(`layers.${i}.mlp.down_proj`, intermediate, hiddenSize, hasMlpBias),
    })),
    finalNorm: norm('norm'),
    head: config.boolean('tie_word_embeddings', false) ? null : { name: 'lm_head', inputs: hiddenSize, outputs: vocabularySize, hasBias: false, layout: 'out-in' },
    initialDeviation: config.number('initializer_range', 0.02),
    defaultTargets: ['q_proj', 'k_proj', 'v_proj', 'o_proj'],
    // old files hold the rotary frequencies of each layer
    canonicalName: (name) => (name.endsWith('.rotary_emb.inv_freq') ? null : name),
  };
}

/** Tokens that a query sees, or null for all. Qwen uses its window only when told to, from layer `max_window_layers` on. */
function slidingWindow(config: ConfigReader, fallback: number | null): number | null {
  const kinds = config.list('layer_types');
  const unknown = kinds.find((kind) => kind !== 'full_attention' && kind !== 'sliding_attention');
  if (unknown !== undefined) throw unsupportedModel(config.where, `attention of type ${JSON.stringify(unknown)}`, 'use a model with full or sliding attention');
  if (kinds.length > 0 && !kinds.includes('sliding_attention')) return null;
  if (config.text('model_type', 'llama').startsWith('qwen') && !config.boolean('use_sliding_window', false)) return null;
  // null in the file means none, a missing key the family's default
  if (config.mentions('sliding_window') && !config.has('sliding_window')) return null;
  return config.has('sliding_window') ? config.count('sliding_window') : fallback;
}
