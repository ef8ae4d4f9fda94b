import type { Interval } from './bootstrap';
import type { Selection } from './selection';
import { weightsText } from './simplex';
import { number, signed } from './verdict-text';

const percent = (share: number): string => `${Math.round(100 * share)} %`;
const interval = (ci: Interval | null, show: (value: number) => string): string => (ci ? `, interval ${show(ci[0])} to ${show(ci[1])}` : '');

/** The chosen λ, its value, what it gains over the best expert and how sure the choice is, a line each. */
export function selectionText({ preference, appliesTo, weights, value, regret, stability, validation, samplesToTrust }: Selection): string[] {
  const how = validation === null ? 'by the means alone' : appliesTo === 'samples' ? 'applied to each sample, then averaged' : 'applied to the mean rewards';
  const [most, ...others] = stability;
  const gain = regret && { expert: regret.expert, estimate: -regret.estimate, ci: regret.ci && ([-regret.ci[1], -regret.ci[0]] as const) };
  return [
    `λ = ${weightsText(weights)} for ${preference} (${how})`,
    validation === null
      ? `  value ${number(value.estimate)}. The results hold no samples: λ was chosen and valued by the same means, so the value may be optimistic and has no interval.`
      : `  value ${number(value.estimate)}${interval(value.ci, number)}: cross-validated over ${validation.samples} samples, ${validation.folds} folds, ${validation.repeats} times; on the samples that chose it, ${number(value.apparent)}`,
    gain ? `  ${signed(gain.estimate)} against the best expert, ${gain.expert}${interval(gain.ci, signed)} (regret ${signed(-gain.estimate)})` : '  no expert was evaluated to compare with',
    ...(most ? [`  chosen in ${percent(stability.find((row) => row.weights === weights)?.share ?? 0)} of the folds${others.length > 0 ? `; the folds chose among ${stability.length} λ, ${weightsText(most.weights)} most often (${percent(most.share)})` : ''}`] : []),
    ...(samplesToTrust === null ? [] : [`  few samples, or skewed ones: the intervals may err more often than they say; ${samplesToTrust} samples a point would do`]),
  ];
}
