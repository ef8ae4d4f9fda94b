import type { LmcPoint, RewardLmc, Verdict } from '../../src/analysis/results';
import type { SnapshotOf } from '../../src/protocol/panels';
import { badge } from '../kit/controls';
import { formatCount, formatSigned, formatWeights } from '../kit/format';

const headlines: Readonly<Record<Verdict, string>> = {
  holds: 'Linear mode connectivity holds',
  violated: 'Linear mode connectivity is violated',
  inconclusive: 'Undecided: these samples cannot tell',
};

/** The verdict as a headline, over all rewards. */
export function headline({ report, evaluated, planned }: SnapshotOf['lmc-check']): string {
  if (report === null) return evaluated === 0 ? 'Nothing is evaluated yet' : 'The sweep has not measured a soup and every expert yet';
  const isPartial = planned !== null && evaluated < planned;
  return headlines[report.verdict] + (isPartial ? ' so far' : '');
}

/** The headline in the colour of its verdict. */
export function badgeOf(snapshot: SnapshotOf['lmc-check']): HTMLElement {
  const tones = { holds: 'good', violated: 'bad', inconclusive: 'neutral' } as const;
  return badge(headline(snapshot), snapshot.report === null ? 'neutral' : tones[snapshot.report.verdict]);
}

/** What the headline rests on: how many λ were tried, on how many samples, and how sure the intervals are. */
export function basis({ report, samplesPerPoint, alpha }: SnapshotOf['lmc-check']): string {
  if (report === null) return 'Run the sweep of the experiment to evaluate soups between the experts.';
  const points = Object.values(report.rewards).flatMap((reward) => reward.points);
  const soups = Math.max(0, ...Object.values(report.rewards).map((reward) => reward.points.length));
  const samples = samplesPerPoint === null ? '' : ` on ${formatCount(samplesPerPoint, 'paired sample')} each`;
  const intervals = points.some(({ ci }) => ci !== null)
    ? `Intervals are ${confidence(alpha)}, of paired differences.`
    : 'Without samples there are no intervals: the verdict compares means only.';
  return `${formatCount(soups, 'soup')} compared with the chord between the experts${samples}. ${intervals}`;
}

/** Why one reward has its verdict: the worst λ by the experts' names, its margin and interval, what would decide it. */
export function reason(name: string, reward: RewardLmc, alpha?: number): string {
  if (reward.points.length === 0) return `${name}: no soup is evaluated yet.`;
  const at = `λ = ${formatWeights(reward.worst.weights)}`;
  const margin = formatSigned(reward.worst.margin);
  const ci = worstPoint(reward)?.ci ?? null;
  const interval = ci === null ? '' : ` (${confidence(alpha)} interval ${formatSigned(ci[0])} to ${formatSigned(ci[1])})`;
  const samples = reward.samplesToDecide === null ? 'More samples a point would narrow the interval.' : `About ${formatCount(reward.samplesToDecide, 'sample')} a point would decide it.`;
  const sentences: Readonly<Record<Verdict, string>> = {
    holds: reward.worst.margin >= 0
      ? `no soup lies below the chord; the smallest margin is ${margin}${interval} at ${at}.`
      : `no soup lies significantly below the chord; the worst margin is ${margin}${interval} at ${at}.`,
    violated: `the soup at ${at} lies below the chord, margin ${margin}${interval}.`,
    inconclusive: `the worst margin is ${margin}${interval} at ${at}. ${samples}`,
  };
  const caution = reward.samplesToTrust === null ? '' : ` The samples are few, or skewed: interval and test may err more often than they say below ${formatCount(reward.samplesToTrust, 'sample')} a point.`;
  return `${name} ${verdictWords[reward.verdict]}: ${sentences[reward.verdict]}${caution}`;
}

export const verdictWords: Readonly<Record<Verdict, string>> = { holds: 'holds', violated: 'is violated', inconclusive: 'is undecided' };

/** How far the sweep is, in words; null once it is done. */
export function progressText({ evaluated, planned }: SnapshotOf['lmc-check']): string | null {
  if (planned === null || evaluated >= planned) return null;
  return `${evaluated} of ${formatCount(planned, 'point')} evaluated`;
}

function worstPoint({ points, worst }: RewardLmc): LmcPoint | undefined {
  const key = JSON.stringify(worst.weights);
  return points.find((point) => JSON.stringify(point.weights) === key) ?? points.find((point) => point.margin === worst.margin);
}

function confidence(alpha = 0.05): string {
  return `${Number(((1 - alpha) * 100).toFixed(2))} %`;
}
