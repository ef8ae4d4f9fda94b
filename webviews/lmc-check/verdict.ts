import * as l10n from '@vscode/l10n';
import type { LmcPoint, RewardLmc, Verdict } from '../../src/analysis/results';
import { weightsText } from '../../src/analysis/simplex';
import type { SnapshotOf } from '../../src/protocol/panels';
import { badge } from '../kit/controls';
import { counts } from '../kit/counts';
import { formatConfidence, formatSigned } from '../kit/format';

const headlines: Readonly<Record<Verdict, string>> = {
  holds: l10n.t('Linear mode connectivity holds'),
  violated: l10n.t('Linear mode connectivity is violated'),
  inconclusive: l10n.t('Undecided: these samples cannot tell'),
};

/** The verdict as a headline, over all rewards. */
export function headline({ report, evaluated, planned }: SnapshotOf['lmc-check']): string {
  if (report === null) return evaluated === 0 ? l10n.t('Nothing is evaluated yet') : l10n.t('The sweep has not measured a soup and every expert yet');
  const isPartial = planned !== null && evaluated < planned;
  return isPartial ? l10n.t('{0} so far', headlines[report.verdict]) : headlines[report.verdict];
}

/** The headline in the colour of its verdict. */
export function badgeOf(snapshot: SnapshotOf['lmc-check']): HTMLElement {
  const tones = { holds: 'good', violated: 'bad', inconclusive: 'neutral' } as const;
  return badge(headline(snapshot), snapshot.report === null ? 'neutral' : tones[snapshot.report.verdict]);
}

/** What the headline rests on: how many λ were tried, on how many samples, and how sure the intervals are. */
export function basis({ report, samplesPerPoint, alpha }: SnapshotOf['lmc-check']): string {
  if (report === null) return l10n.t('Run the sweep of the experiment to evaluate soups between the experts.');
  const points = Object.values(report.rewards).flatMap((reward) => reward.points);
  const soups = Math.max(0, ...Object.values(report.rewards).map((reward) => reward.points.length));
  const intervals = points.some(({ ci }) => ci !== null)
    ? l10n.t('Intervals are {0}, of paired differences.', formatConfidence(alpha))
    : l10n.t('Without samples there are no intervals: the verdict compares means only.');
  const compared = samplesPerPoint === null
    ? l10n.t('{0} compared with the chord between the experts.', counts.soups(soups))
    : l10n.t('{0} compared with the chord between the experts on {1} each.', counts.soups(soups), counts.pairedSamples(samplesPerPoint));
  return `${compared} ${intervals}`;
}

/** Why one reward has its verdict: the worst λ by the experts' names, its margin and interval, what would decide it. */
export function reason(name: string, reward: RewardLmc, alpha?: number): string {
  if (reward.points.length === 0) return l10n.t('{0}: no soup is evaluated yet.', name);
  const at = `λ\u00a0=\u00a0${weightsText(reward.worst.weights)}`;
  const margin = formatSigned(reward.worst.margin);
  const ci = worstPoint(reward)?.ci ?? null;
  const estimate = ci === null ? margin : l10n.t('{0} ({1} interval {2} to {3})', margin, formatConfidence(alpha), formatSigned(ci[0]), formatSigned(ci[1]));
  const samples = reward.samplesToDecide === null ? l10n.t('More samples a point would narrow the interval.') : l10n.t('About {0} a point would decide it.', counts.samples(reward.samplesToDecide));
  const sentences: Readonly<Record<Verdict, string>> = {
    holds: reward.worst.margin >= 0
      ? l10n.t('{0} holds: no soup lies below the chord; the smallest margin is {1} at {2}.', name, estimate, at)
      : l10n.t('{0} holds: no soup lies significantly below the chord; the worst margin is {1} at {2}.', name, estimate, at),
    violated: l10n.t('{0} is violated: the soup at {1} lies below the chord, margin {2}.', name, at, estimate),
    inconclusive: `${l10n.t('{0} is undecided: the worst margin is {1} at {2}.', name, estimate, at)} ${samples}`,
  };
  if (reward.samplesToTrust === null) return sentences[reward.verdict];
  return `${sentences[reward.verdict]} ${l10n.t('The samples are few, or skewed: interval and test may err more often than they say below {0} a point.', counts.samples(reward.samplesToTrust))}`;
}

/** How far the sweep is, in words; null once it is done. */
export function progressText({ evaluated, planned }: SnapshotOf['lmc-check']): string | null {
  if (planned === null || evaluated >= planned) return null;
  return l10n.t('{0} of {1} evaluated', evaluated, counts.points(planned));
}

function worstPoint({ points, worst }: RewardLmc): LmcPoint | undefined {
  const key = JSON.stringify(worst.weights);
  return points.find((point) => JSON.stringify(point.weights) === key) ?? points.find((point) => point.margin === worst.margin);
}
