import { GaussianPolicy } from './policy';

/**
 * θ_λ = Σ λᵢ θᵢ over every tensor, buffers included: the linear soup in memory. Each product and sum is rounded to
 * float32, as the merge of files does it, so a soup that is evaluated here and one that is written to disk are the
 * same bits; λ = eᵢ gives expert i.
 */
export function blendPolicies(inputs: readonly { readonly policy: GaussianPolicy; readonly weight: number }[]): GaussianPolicy {
  const soup = new GaussianPolicy(inputs[0]!.policy.shape);
  for (const [index, { values }] of soup.tensors.entries()) {
    values.fill(0);
    for (const { policy, weight } of inputs) {
      const scale = Math.fround(weight);
      const theta = policy.tensors[index]!.values;
      for (let i = 0; i < values.length; i++) values[i] = values[i]! + Math.fround(scale * theta[i]!);
    }
  }
  return soup;
}
