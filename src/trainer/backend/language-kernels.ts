/**
 * Kernels of a transformer that a backend may offer; where it does not, models compose them of ops.
 * Inputs and attributes are those of the functions in `models/language/ops`.
 */
export const languageKernels = {
  norm: 'SoupNorm',
  normGradient: 'SoupNormGradient',
  normParametersGradient: 'SoupNormParametersGradient',
  gelu: 'SoupGelu',
  geluGradient: 'SoupGeluGradient',
  gatedSilu: 'SoupGatedSilu',
  gatedSiluGradient: 'SoupGatedSiluGradient',
  rotate: 'SoupRotate',
  attention: 'SoupAttention',
  attentionGradient: 'SoupAttentionGradient',
  tokenLogProbabilities: 'SoupTokenLogProbabilities',
  tokenLogProbabilitiesGradient: 'SoupTokenLogProbabilitiesGradient',
} as const;
