import type { MergeMethod } from './method';

/**
 * θ_λ = Σ λᵢ θᵢ (Ramé et al. 2023, equation 3; mergekit's `linear` with `normalize: false`).
 * Experts with λᵢ = 0 are left out, so that an expert's NaN or Inf cannot enter with weight zero.
 */
export const linear: MergeMethod = {
  name: 'linear',
  description: 'weighted average of the weights',
  mergeChunk(kernel, inputs, weights, out) {
    return kernel.blendChunk(inputs, weights, out);
  },
};
