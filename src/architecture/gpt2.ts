import { activationOf, type Architecture, type Linear, type Norm } from './architecture';
import type { ConfigReader } from './config-reader';
import { invalidConfig } from './errors';

/** GPT-2 (Radford et al. 2019), with the keys and tensor names of transformers' `GPT2LMHeadModel`. */
export function describeGpt2(config: ConfigReader): Architecture {
  const hiddenSize = config.count('n_embd', 768);
  const heads = config.count('n_head', 12);
  if (hiddenSize % heads !== 0) throw invalidConfig(config.where, 'n_embd', `divisible by n_head (${heads})`, hiddenSize);
  const layerCount = config.count('n_layer', 12);
  const intermediate = config.count('n_inner', 4 * hiddenSize);
  const initialDeviation = config.number('initializer_range', 0.02);
  const headSize = hiddenSize / heads;
  const norm = (name: string): Norm => ({ kind: 'layer', name: `transformer.${name}`, size: hiddenSize, epsilon: config.number('layer_norm_epsilon', 1e-5) });
  const conv = (name: string, inputs: number, outputs: number, scale = 1): Linear => ({ name: `transformer.${name}`, inputs, outputs, hasBias: true, layout: 'in-out', initialDeviation: initialDeviation * scale });
  // the residual stream sums two projections a layer: GPT-2 starts them smaller by the root of their number
  const residualScale = 1 / Math.sqrt(2 * layerCount);
  const attentionScale = config.boolean('scale_attn_weights', true) ? 1 / Math.sqrt(headSize) : 1;
  const isScaledByLayer = config.boolean('scale_attn_by_inverse_layer_idx', false);
  return {
    modelType: 'gpt2',
    vocabularySize: config.count('vocab_size', 50257),
    hiddenSize,
    heads,
    keyValueHeads: heads,
    headSize,
    contextLength: config.count('n_positions', 1024),
    activation: activationOf(config, 'activation_function', 'gelu_new'),
    embedding: 'transformer.wte.weight',
    positions: 'transformer.wpe.weight',
    rope: null,
    layers: Array.from({ length: layerCount }, (_, i) => ({
      attentionNorm: norm(`h.${i}.ln_1`),
      queryKeyValue: [conv(`h.${i}.attn.c_attn`, hiddenSize, 3 * hiddenSize)],
      queryNorm: null,
      keyNorm: null,
      attentionScale: isScaledByLayer ? attentionScale / (i + 1) : attentionScale,
      attentionOutput: conv(`h.${i}.attn.c_proj`, hiddenSize, hiddenSize, residualScale),
      mlpNorm: norm(`h.${i}.ln_2`),
      gate: null,
      up: conv(`h.${i}.mlp.c_fc`, hiddenSize, intermediate),
      down: conv(`h.${i}.mlp.c_proj`, intermediate, hiddenSize, residualScale),
    })),
    finalNorm: norm('ln_f'),
    head: config.boolean('tie_word_embeddings', true) ? null : { name: 'lm_head', inputs: hiddenSize, outputs: config.count('vocab_size', 50257), hasBias: false, layout: 'out-in' },
    initialDeviation,
    defaultTargets: ['c_attn'],
    canonicalName,
  };
}

/** The checkpoint that OpenAI released has no `transformer.` before its names, and the causal masks as tensors. */
function canonicalName(name: string): string | null {
  if (/(^|\.)h\.\d+\.attn\.(masked_)?bias$/.test(name)) return null;
  return name.startsWith('transformer.') || name.startsWith('lm_head.') ? name : `transformer.${name}`;
}
