import { expertsOf } from './geometry';
import { defineMethod } from './method';

/**
 * NearSwap: the expert's values where they are within t of the base's, and drawn towards the base by t / |θ − θ₀|
 * where they are farther (mergekit's nearswap).
 */
export const nearswap = defineMethod({
  name: 'nearswap',
  description: 'moves each value of the base towards the expert by at most t',
  inputs: { minimum: 1, maximum: 1, base: 'required' },
  parameters: { t: { type: 'number', default: null, minimum: 0, description: 'largest change of a value' } },
  modelParameters: {},
  program(task) {
    const base = task.base ?? 0;
    const [expert] = expertsOf(task);
    const t = Math.fround(task.parameters.t);
    const floor = Math.fround(1e-6);
    return {
      kind: 'passes',
      isElementwise: true,
      merge({ values, vectors }, out) {
        const [a, b] = [values[base], values[expert]];
        if (vectors) return vectors.swapNear(a, b, t, out);
        for (let k = 0; k < out.length; k++) {
          const distance = Math.max(Math.abs(Math.fround(a[k] - b[k])), floor);
          const weight = Math.min(1, Math.fround(t / distance));
          out[k] = weight === 1 ? b[k] : Math.fround(weight * b[k]) + Math.fround(Math.fround(1 - weight) * a[k]);
        }
      },
    };
  },
});
