import { describeArchitecture } from '../../../src/architecture/architecture';

const llama = { model_type: 'llama', vocab_size: 50, hidden_size: 16, intermediate_size: 24, num_hidden_layers: 2, num_attention_heads: 4, max_position_embeddings: 64 };

test('the older rope_theta and rope_scaling mean what rope_parameters means', () => {
  const scaling = { factor: 8, low_freq_factor: 1, high_freq_factor: 4, original_max_position_embeddings: 16 };
  const older = describeArchitecture('', { ...llama, rope_theta: 500000, rope_scaling: { rope_type: 'llama3', ...scaling } });
  const newer = describeArchitecture('', { ...llama, rope_parameters: { rope_type: 'llama3', rope_theta: 500000, ...scaling } });
  expect(older.rope).toEqual(newer.rope);
  expect(describeArchitecture('', { ...llama, rope_scaling: { type: 'linear', factor: 4 } }).rope!.frequencies[0]).toBe(0.25);
});

test('a sliding window bounds the context, and only where it is used', () => {
  const contextOf = (config: object): number => describeArchitecture('', { ...llama, ...config }).contextLength;
  expect(contextOf({ model_type: 'mistral', num_key_value_heads: 4, sliding_window: 32 })).toBe(32);
  expect(contextOf({ model_type: 'mistral', num_key_value_heads: 4, sliding_window: null })).toBe(64);
  expect(contextOf({ model_type: 'mistral', num_key_value_heads: 4, max_position_embeddings: 32768 })).toBe(4096);
  expect(contextOf({ model_type: 'qwen2', num_key_value_heads: 4, sliding_window: 32, use_sliding_window: false })).toBe(64);
  expect(contextOf({ model_type: 'qwen2', num_key_value_heads: 4, sliding_window: 32, use_sliding_window: true })).toBe(32);
  expect(contextOf({ model_type: 'qwen3', num_key_value_heads: null, sliding_window: 32, use_sliding_window: true, layer_types: ['full_attention', 'full_attention'] })).toBe(64);
});

test.each([
  [{ model_type: 'gemma3' }, 'UnsupportedModelError', /"gemma3".*gpt2, llama, mistral, qwen2, qwen3/],
  [{ model_type: 'toString' }, 'UnsupportedModelError', /"toString"/],
  [{ ...llama, rope_scaling: { rope_type: 'longrope', factor: 2 } }, 'UnsupportedModelError', /rope scaling "longrope".*yarn/],
  [{ ...llama, partial_rotary_factor: 0.5 }, 'UnsupportedModelError', /partial_rotary_factor/],
  [{ ...llama, hidden_act: 'gelu_fast' }, 'UnsupportedModelError', /gelu_fast/],
  [{ ...llama, quantization_config: { bits: 4 } }, 'UnsupportedModelError', /quantised/],
  [{ ...llama, layer_types: ['linear_attention'] }, 'UnsupportedModelError', /linear_attention/],
  [{ ...llama, hidden_size: 'many' }, 'InvalidModelConfigError', /hidden_size has to be a whole number/],
  [{ ...llama, num_key_value_heads: 3 }, 'InvalidModelConfigError', /divisible/],
  [{ ...llama, rope_parameters: { rope_type: 'linear' } }, 'InvalidModelConfigError', /factor/],
])('config %j is refused by name', (config, name, message) => {
  expect(() => describeArchitecture('config.json', config)).toThrow(expect.objectContaining({ name, isInput: true, message: expect.stringMatching(message) as string }) as Error);
});
