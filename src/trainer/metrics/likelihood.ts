import { perSample } from './metric';

const sum = (values: ArrayLike<number>): number => {
  let total = 0;
  for (let i = 0; i < values.length; i++) total += values[i]!;
  return total;
};

/** exp(mean −log π_ref) of the generated tokens under the shared initialisation; 1 where there are none. */
export const perplexity = perSample(({ referenceLogProbabilities: reference }) => Math.exp(-sum(reference) / Math.max(1, reference.length)));

/** Σ log π − log π_ref over the generated tokens, in nats: one sample of the KL divergence from the shared initialisation. */
export const kl = perSample(({ logProbabilities, referenceLogProbabilities }) => sum(logProbabilities) - sum(referenceLogProbabilities));
