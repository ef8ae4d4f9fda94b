import { invalidParameter } from '../errors';
import { defineMethod } from './method';
import { weightSum } from './weight-sum';

/**
 * θ_λ = Σ λᵢ θᵢ (Ramé et al. 2023, equation 3), over Σ λᵢ with `normalize`, as mergekit's `linear` has it.
 * Experts with λᵢ = 0 are left out, so that an expert's NaN or Inf cannot enter with weight zero.
 */
export const linear = defineMethod({
  name: 'linear',
  description: 'weighted average Σ λᵢθᵢ (model soups, rewarded soups)',
  inputs: { minimum: 1, maximum: Infinity, base: 'none' },
  parameters: { normalize: { type: 'boolean', default: true, description: 'divide the weights by their sum' } },
  modelParameters: { weight: { type: 'number', default: null, description: 'λ of this expert' } },
  program({ parameters, inputs, name }) {
    const sum = parameters.normalize ? weightSum(inputs.map(({ weight }) => weight)) : 1;
    if (sum === 0) throw invalidParameter(name, 'weight', 'sums to 0 over the experts, which cannot be normalized — change the weights, or set normalize to false');
    const weights = inputs.map(({ weight }) => weight / sum);
    const only = weights.indexOf(1);
    const isEndpoint = only >= 0 && weights.every((weight, i) => i === only || weight === 0);
    return isEndpoint ? { kind: 'copy', input: only } : { kind: 'combine', weights };
  },
});
