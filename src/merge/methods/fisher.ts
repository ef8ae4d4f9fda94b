import { defineMethod } from './method';

/**
 * Fisher-weighted averaging (Matena & Raffel 2022): Σ λᵢFᵢθᵢ / Σ λᵢFᵢ in every element, with the diagonal of expert i's
 * Fisher information Fᵢ. The inputs are the experts and then their Fishers in the same order; where no
 * Fisher exceeds `floor` the λ alone decide.
 */
export const fisher = defineMethod({
  name: 'fisher',
  description: 'average weighted by λ and the diagonal Fisher information of each expert',
  inputs: { minimum: 1, maximum: Infinity, base: 'none' },
  takesFishers: true,
  parameters: { floor: { type: 'number', default: 1e-6, minimum: 0, description: 'Fisher values below it count as it' } },
  modelParameters: { weight: { type: 'number', default: 1, minimum: 0, description: 'λ of this expert' } },
  program({ parameters: { floor }, inputs }) {
    const count = inputs.length / 2;
    const used = [...Array(count).keys()].filter((i) => inputs[i].weight !== 0);
    if (used.length === 1) return { kind: 'copy', input: used[0] };
    return {
      kind: 'passes',
      isElementwise: true,
      merge({ values }, out) {
        for (let k = 0; k < out.length; k++) {
          let [sum, divisor, plainSum, plainDivisor] = [0, 0, 0, 0];
          for (const i of used) {
            const { weight } = inputs[i];
            const information = weight * Math.max(floor, values[count + i][k]);
            sum += information * values[i][k];
            divisor += information;
            plainSum += weight * values[i][k];
            plainDivisor += weight;
          }
          out[k] = divisor === 0 ? plainSum / plainDivisor : sum / divisor;
        }
      },
    };
  },
});
