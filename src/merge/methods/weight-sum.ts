/** Σ wᵢ; 0 where weights cancel but for rounding (0.1 + 0.2 − 0.3), because nothing may be divided by what that leaves. */
export function weightSum(weights: readonly number[]): number {
  const sum = weights.reduce((total, weight) => total + weight, 0);
  const size = weights.reduce((total, weight) => total + Math.abs(weight), 0);
  return Math.abs(sum) <= 1e-9 * size ? 0 : sum;
}
