import type { Rope } from './architecture';
import type { ConfigReader } from './config-reader';
import { invalidConfig, unsupportedModel } from './errors';

type Scaling = (rope: { readonly parameters: ConfigReader; readonly theta: number; readonly size: number; readonly context: number }) => Rope;

/** Scalings by `rope_type`, with the formulas of transformers' `modeling_rope_utils`. */
const scalings: Readonly<Record<string, Scaling>> = {
  default: ({ theta, size }) => ({ frequencies: plain(theta, size), magnitude: 1 }),
  linear: ({ parameters, theta, size }) => ({ frequencies: plain(theta, size).map((frequency) => frequency / parameters.number('factor')), magnitude: 1 }),
  // dynamic NTK changes nothing up to max_position_embeddings, where the context ends here
  dynamic: ({ theta, size }) => ({ frequencies: plain(theta, size), magnitude: 1 }),
  llama3,
  yarn,
};

/**
 * Rotary embedding of a config: `rope_parameters`, or the older `rope_theta` and `rope_scaling`.
 * @throws UnsupportedModelError for other scalings and partial rotation
 */
export function describeRope(config: ConfigReader, headSize: number, context: number): Rope {
  const parameters = config.object('rope_parameters') ?? config.object('rope_scaling');
  const theta = parameters?.has('rope_theta') ? parameters.number('rope_theta') : config.number('rope_theta', 10000);
  for (const source of [config, parameters]) {
    if (source?.has('partial_rotary_factor') && source.number('partial_rotary_factor') !== 1) throw unsupportedModel(config.where, 'a partial_rotary_factor other than 1', 'use a model that rotates whole heads');
  }
  const kind = parameters?.text('rope_type', parameters.text('type', 'default')) ?? 'default';
  if (!parameters || kind === 'default') return scalings.default!({ parameters: config, theta, size: headSize, context });
  if (!Object.hasOwn(scalings, kind)) throw unsupportedModel(config.where, `rope scaling "${kind}"`, `known are ${Object.keys(scalings).join(', ')}`);
  return scalings[kind]!({ parameters, theta, size: headSize, context });
}

/** θ^(−2i/d) for i < d/2. */
function plain(theta: number, size: number): Float64Array {
  return Float64Array.from({ length: size / 2 }, (_, i) => theta ** ((-2 * i) / size));
}

/** LLaMA 3.1: wavelengths beyond the original context are stretched by `factor`, short ones kept, between them a blend. */
function llama3({ parameters, theta, size }: Parameters<Scaling>[0]): Rope {
  const factor = parameters.number('factor');
  const low = parameters.number('low_freq_factor');
  const high = parameters.number('high_freq_factor');
  const original = parameters.count('original_max_position_embeddings');
  if (high <= low) throw invalidConfig(parameters.where, 'high_freq_factor', `above low_freq_factor (${low})`, high);
  const frequencies = plain(theta, size).map((frequency) => {
    const wavelength = (2 * Math.PI) / frequency;
    if (wavelength < original / high) return frequency;
    if (wavelength > original / low) return frequency / factor;
    const smooth = (original / wavelength - low) / (high - low);
    return ((1 - smooth) * frequency) / factor + smooth * frequency;
  });
  return { frequencies, magnitude: 1 };
}

/** YaRN (Peng et al. 2023, arXiv 2309.00071): a ramp over dimensions from extrapolation to interpolation. */
function yarn({ parameters, theta, size, context }: Parameters<Scaling>[0]): Rope {
  const original = parameters.count('original_max_position_embeddings', context);
  const factor = parameters.has('factor') ? parameters.number('factor') : context / original;
  const dimensionOf = (rotations: number): number => (size * Math.log(original / (rotations * 2 * Math.PI))) / (2 * Math.log(theta));
  const isTruncated = parameters.boolean('truncate', true);
  const first = dimensionOf(parameters.number('beta_fast', 32));
  const last = dimensionOf(parameters.number('beta_slow', 1));
  const from = Math.max(isTruncated ? Math.floor(first) : first, 0);
  const end = Math.min(isTruncated ? Math.ceil(last) : last, size - 1);
  const to = end === from ? end + 0.001 : end;
  const frequencies = plain(theta, size).map((frequency, i) => {
    const interpolation = Math.min(1, Math.max(0, (i - from) / (to - from)));
    return (frequency / factor) * interpolation + frequency * (1 - interpolation);
  });
  return { frequencies, magnitude: yarnMagnitude(parameters, factor) };
}

function yarnMagnitude(parameters: ConfigReader, factor: number): number {
  if (parameters.has('attention_factor')) return parameters.number('attention_factor');
  const magnitude = (scale: number): number => (factor <= 1 ? 1 : 0.1 * scale * Math.log(factor) + 1);
  const [above, below] = [parameters.number('mscale', 0), parameters.number('mscale_all_dim', 0)];
  return above && below ? magnitude(above) / magnitude(below) : magnitude(1);
}
