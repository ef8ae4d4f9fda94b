import { simplexGridSize } from '../experiment/simplex-grid';
import type { SearchAnswer } from './preference-search';
import { vertexOf, weightsText } from './simplex';
import { number, signed } from './verdict-text';

const gridEdge = 11;

/** The λ that a search found, what it is worth and what it gains over the best expert, a line each. */
export function searchText({ preference, appliesTo, weights, value, regret, samples, samplesToTrust, evaluations }: SearchAnswer): string[] {
  const experts = Object.keys(evaluations[0].weights).length;
  const how = appliesTo === 'samples' ? 'applied to each sample, then averaged' : 'applied to the mean rewards';
  return [
    `Search for ${preference} (${how}): λ = ${weightsText(weights)}, after ${evaluations.length} λ; a grid of ${gridEdge} values an edge has ${simplexGridSize(experts, gridEdge)}`,
    `  value ${number(value.estimate)}, interval ${number(value.ci[0])} to ${number(value.ci[1])}, on the ${samples.held} samples that the search did not see`,
    regret && vertexOf(weights) === regret.expert
      ? '  that is the best expert itself: no soup was found that is better'
      : regret
        ? `  ${signed(-regret.estimate)} against the best expert, ${regret.expert}, interval ${signed(-regret.ci[1])} to ${signed(-regret.ci[0])} (regret ${signed(regret.estimate)})`
        : '  no expert was evaluated to compare with',
    ...(samplesToTrust === null ? [] : [`  few samples, or skewed ones: the intervals may err more often than they say; ${2 * samplesToTrust} samples a point would do`]),
  ];
}
