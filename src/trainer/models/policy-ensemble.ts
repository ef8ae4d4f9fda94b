import type { Actor } from '../evaluation';
import type { GaussianPolicy } from './policy';

/**
 * The ensemble of experts' predictions: mean actions Σ λᵢ μᵢ(s), with the soup's deviation, so that the two differ by
 * their means alone. Observations are scaled as the soup scales them: experts keep the statistics of their base.
 */
export class PolicyEnsemble implements Actor {
  constructor(private readonly members: readonly { readonly policy: GaussianPolicy; readonly weight: number }[], private readonly soup: GaussianPolicy) {}

  normalise(observations: Float64Array, normalised: Float32Array): void {
    this.soup.normalise(observations, normalised);
  }

  actionMeans(normalised: Float32Array): Float32Array {
    const means = new Float32Array((normalised.length / this.soup.shape.observationSize) * this.soup.shape.actionSize);
    for (const { policy, weight } of this.members) {
      if (weight === 0) continue;
      const own = policy.actionMeans(normalised);
      for (let i = 0; i < means.length; i++) means[i]! += weight * own[i]!;
    }
    return means;
  }

  /** KL(soup ‖ ensemble) of each row in nats, exact for Gaussians of one deviation: [n, observationSize] -> [n]. */
  klOfSoup(normalised: Float32Array): Float64Array {
    const { actionSize } = this.soup.shape;
    const [soup, ensemble] = [this.soup.actionMeans(normalised), this.actionMeans(normalised)];
    const kl = new Float64Array(soup.length / actionSize);
    for (let i = 0; i < soup.length; i++) kl[Math.floor(i / actionSize)]! += (soup[i]! - ensemble[i]!) ** 2 / (2 * Math.exp(2 * this.soup.logStd.values[i % actionSize]!));
    return kl;
  }
}
