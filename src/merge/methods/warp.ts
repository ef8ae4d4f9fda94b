import { aroundBase, clampCosine, dotWith, expertsOf, normOf, slerpFactors } from './geometry';
import { defineMethod } from './method';
import type { Gram } from './program';

/**
 * WARP (Ramé et al. 2024): spherical interpolation of the task vectors, tensor by tensor, then a step back towards the
 * initialisation: θ₀ + η · slerp(τ₁, τ₂; λ). More than two are folded in their order, each by its share of the weight so
 * far. Task vectors with |cos Ω| above 0.9995 are interpolated in a straight line.
 */
export const warp = defineMethod({
  name: 'warp',
  description: 'spherical interpolation of task vectors, then eta of the way from the base to it',
  inputs: { minimum: 1, maximum: Infinity, base: 'required' },
  parameters: { eta: { type: 'number', default: 1, description: 'how far from the base (0) to the merged model (1)' } },
  modelParameters: { weight: { type: 'number', default: 1, minimum: 0, description: 'share of this expert, over the sum of all' } },
  program(task) {
    const { parameters: { eta }, inputs, base } = task;
    const used = expertsOf(task).filter((input) => inputs[input].weight !== 0);
    if (used.length === 0 || eta === 0) return { kind: 'copy', input: base ?? 0 };
    if (used.length === 1 && eta === 1) return { kind: 'copy', input: used[0] };
    return aroundBase(base ?? 0, (gram) => fold(gram, used.map((input) => ({ input, weight: inputs[input].weight }))).map((coefficient) => eta * coefficient));
  },
});

function fold(gram: Gram, [first, ...others]: readonly { readonly input: number; readonly weight: number }[]): number[] {
  let merged: number[] = gram.map((_, input) => (input === first.input ? 1 : 0));
  let sum = first.weight;
  for (const { input, weight } of others) {
    sum += weight;
    const norms = normOf(gram, merged) * Math.sqrt(gram[input][input]);
    const cosine = norms > 0 ? clampCosine(dotWith(gram, merged, input) / norms) : 1;
    const [before, now] = slerpFactors(cosine, weight / sum, (value) => Math.abs(value) > 0.9995);
    merged = merged.map((coefficient, i) => before * coefficient + (i === input ? now : 0));
  }
  return merged;
}
