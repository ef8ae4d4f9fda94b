import type { Evidence, Finding } from '../diagnosis';
import { holmAdjusted } from '../holm';
import type { ResultPoint } from '../results';
import { vertexOf } from '../simplex';
import { pValueAbove } from '../mean-inference';
import { number, signed } from '../verdict-text';

const level = 0.05;

/** An expert that does not beat the base on its own reward: nothing was learned that a soup could carry over. */
export function expertWithoutGain({ points, ownRewards }: Evidence): Finding[] {
  const init = points.find(({ kind }) => kind === 'init');
  if (!init) return [];
  const rows = points.filter(({ kind }) => kind === 'expert').flatMap((expert) => {
    const name = (expert.weights && vertexOf(expert.weights)) ?? expert.name;
    const reward = ownRewards ? ownRewards[name] : name;
    if (reward === undefined || !expert.rewards[reward]) return [];
    return [{ name, reward, gain: expert.rewards[reward].mean - init.rewards[reward].mean, pValue: pValueOfGain(expert, init, reward) }];
  });
  const adjusted = holmAdjusted(rows.map(({ pValue }) => pValue));
  return rows.flatMap(({ name, reward, gain }, index): Finding[] => {
    const p = adjusted[index];
    if (gain > 0 && (p === null || p <= level)) return [];
    const test = p === null ? '' : `, p ${number(p)}`;
    return [{
      kind: 'expert-without-gain',
      severity: gain > 0 ? 'warning' : 'problem',
      evidence: gain > 0 ? `the expert ${name} beats the base on its own reward ${reward} by ${signed(gain)} only, which may be chance${test}` : `the expert ${name} does not beat the base on its own reward ${reward} (${signed(gain)})`,
      advice: gain > 0 ? 'evaluate on more samples, or train it longer' : 'look at its reward curve: train longer, change the learning rate, or lower the KL that holds it back',
    }];
  });
}

function pValueOfGain(expert: ResultPoint, init: ResultPoint, reward: string): number | null {
  const [after, before] = [expert.rewards[reward].samples, init.rewards[reward].samples];
  return after && before && after.length === before.length && after.length > 1 ? pValueAbove(after.map((value, k) => value - before[k]), 0) : null;
}
