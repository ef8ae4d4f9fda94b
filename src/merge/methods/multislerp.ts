import { invalidParameter, oppositeExperts } from '../errors';
import { aroundBase, expertsOf, normOf } from './geometry';
import { defineMethod } from './method';
import type { Gram } from './program';
import { weightSum } from './weight-sum';

/**
 * Mean direction on the sphere times the mean norm: with unit vectors uᵢ, Σwᵢuᵢ / ‖Σwᵢuᵢ‖ · Σwᵢ‖θᵢ‖, of the task vectors
 * where there is a base (mergekit's multislerp: its step in the tangent space at that mean is zero by construction).
 */
export const multislerp = defineMethod({
  name: 'multislerp',
  description: 'mean direction of the experts times their mean norm; of task vectors with a base',
  inputs: { minimum: 1, maximum: Infinity, base: 'optional' },
  parameters: {
    normalize_weights: { type: 'boolean', default: true, description: 'divide the weights by their sum' },
    eps: { type: 'number', default: 1e-8, minimum: 0, description: 'norms below it count as zero' },
  },
  modelParameters: { weight: { type: 'number', default: null, description: 'share of this expert' } },
  program(task) {
    const { parameters: { normalize_weights: isNormalized, eps }, inputs, base, name } = task;
    const experts = expertsOf(task);
    const sum = isNormalized ? weightSum(experts.map((input) => inputs[input].weight)) : 1;
    if (sum === 0) throw invalidParameter(name, 'weight', 'sums to 0 over the experts, which cannot be normalized — change the weights, or set normalize_weights to false');
    const weights = inputs.map(({ weight }, input) => (input === base ? 0 : weight / sum));
    const used = experts.filter((input) => weights[input] !== 0);
    if (experts.length === 1) return { kind: 'copy', input: experts[0] };
    if (used.length === 1 && weights[used[0]] === 1) return { kind: 'copy', input: used[0] };
    const combination = (gram: Gram) => {
      const norms = inputs.map((_, input) => Math.sqrt(gram[input][input]));
      const directions = inputs.map((_, input) => (used.includes(input) ? weights[input] / (norms[input] + eps) : 0));
      const length = normOf(gram, directions);
      if (length < eps) {
        if (experts.length === 2) return weights;
        throw oppositeExperts(name);
      }
      const meanNorm = used.reduce((total, input) => total + weights[input] * norms[input], 0);
      return directions.map((direction) => (direction / length) * meanNorm);
    };
    return base === null ? { kind: 'gram', origin: null, weights: combination } : aroundBase(base, combination);
  },
});
