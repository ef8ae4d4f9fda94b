import type { Parameter } from '../models/policy';

const beta1 = 0.9;
const beta2 = 0.999;

/**
 * Adam (Kingma & Ba 2015) on plain typed arrays, ε = 1e-5 as CleanRL's PPO. A policy has some ten thousand
 * parameters, which acting needs as typed arrays anyway: here the whole update takes microseconds, and its state is
 * saved as it is.
 */
export class Adam {
  readonly firstMoments: readonly Float32Array[];
  readonly secondMoments: readonly Float32Array[];
  updates = 0;

  constructor(private readonly parameters: readonly Parameter[], private readonly epsilon = 1e-5) {
    this.firstMoments = parameters.map(({ values }) => new Float32Array(values.length));
    this.secondMoments = parameters.map(({ values }) => new Float32Array(values.length));
  }

  /** θ ← θ − α m̂ / (√v̂ + ε); gradients in the order of the parameters. */
  apply(gradients: readonly Float32Array[], learningRate: number): void {
    this.updates += 1;
    const stepSize = learningRate / (1 - beta1 ** this.updates);
    const secondCorrection = 1 - beta2 ** this.updates;
    for (const [index, { values }] of this.parameters.entries()) {
      const gradient = gradients[index]!;
      const first = this.firstMoments[index]!;
      const second = this.secondMoments[index]!;
      for (let i = 0; i < values.length; i++) {
        const g = gradient[i]!;
        const m = beta1 * first[i]! + (1 - beta1) * g;
        const v = beta2 * second[i]! + (1 - beta2) * g * g;
        first[i] = m;
        second[i] = v;
        values[i] = values[i]! - (stepSize * m) / (Math.sqrt(v / secondCorrection) + this.epsilon);
      }
    }
  }
}

/** Scales gradients in place so that their joint norm is at most `maximum`; returns the norm before. */
export function clipByGlobalNorm(gradients: readonly Float32Array[], maximum: number): number {
  let squares = 0;
  for (const gradient of gradients) for (const value of gradient) squares += value * value;
  const norm = Math.sqrt(squares);
  if (norm > maximum) for (const gradient of gradients) for (let i = 0; i < gradient.length; i++) gradient[i]! *= maximum / norm;
  return norm;
}
