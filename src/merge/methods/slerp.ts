import { clampCosine, slerpFactors } from './geometry';
import { defineMethod } from './method';

const parallel = 0.9995;

/**
 * Spherical interpolation of whole tensors (Shoemake 1985), the base at t = 0 and the expert at t = 1, flattened, as in
 * mergekit: the norms stay in, and tensors with |cos Ω| above 0.9995 are interpolated in a straight line.
 */
export const slerp = defineMethod({
  name: 'slerp',
  description: 'spherical interpolation from the base (t = 0) to the expert (t = 1)',
  inputs: { minimum: 1, maximum: 1, base: 'required' },
  parameters: { t: { type: 'number', default: null, description: 'share of the expert' } },
  modelParameters: {},
  program({ parameters: { t }, base }) {
    const from = base ?? 0;
    const to = 1 - from;
    if (t === 0 || t === 1) return { kind: 'copy', input: t === 0 ? from : to };
    return {
      kind: 'gram',
      origin: null,
      weights(gram) {
        const [a, b] = [from, to].map((input) => (gram[input][input] > 1e-16 ? Math.sqrt(gram[input][input]) : 1));
        const factors = slerpFactors(clampCosine(gram[0][1] / a / b), t, (cosine) => Math.abs(cosine) > parallel);
        return from === 0 ? factors : factors.reverse();
      },
    };
  },
});
