import type { LmcReport, RewardLmc } from './results';
import { weightsText } from './simplex';

/** A number to three digits. */
export const number = (value: number): string => (Number.isFinite(value) ? Number(value.toPrecision(3)).toString() : String(value));
/** A number to three digits, with its sign. */
export const signed = (value: number): string => `${value >= 0 ? '+' : '−'}${number(Math.abs(value))}`;

/** One sentence a reward: the verdict, the worst λ with its margin, interval and p-value, and what would decide it. */
export function rewardVerdictText(reward: string, { verdict, worst, points, samplesToDecide, established }: RewardLmc): string {
  const point = points.find(({ weights }) => weights === worst.weights) ?? points[0];
  const interval = point.ci ? `, interval ${signed(point.ci[0])} to ${signed(point.ci[1])}` : '';
  const test = point.pAdjusted === null || point.margin >= 0 ? '' : `, p ${number(point.pAdjusted)} after Holm`;
  const decide = samplesToDecide === null ? '' : `; about ${samplesToDecide} samples a point would decide`;
  const shown = established === null ? '' : `; significantly above the chord at ${established} of ${points.length} λ`;
  return `${reward}: ${verdict}; lowest margin ${signed(worst.margin)} at ${weightsText(worst.weights)}${interval}${test}${decide}${shown}`;
}

/** With three experts or more: edges, faces and interior of the simplex told apart, in one line; null with two. */
export function regionsText({ regions }: RewardLmc): string | null {
  const rows = Object.entries(regions);
  const names: Readonly<Record<string, string>> = { edge: 'edges', face: 'faces', interior: 'interior' };
  if (rows.length === 1 && regions.edge) return null;
  return rows.map(([region, { points, below, worst }]) => `${names[region]}: ${below} of ${points} λ below the chord, lowest ${signed(worst.margin)}`).join('; ');
}

/** The curvature, in words that keep it apart from the verdict; null where there is none. */
export function curvatureText({ secondDifferences: bends }: RewardLmc): string | null {
  return bends && `${bends.positive} of ${bends.total} second differences are positive (curvature; not a test of connectivity)`;
}

/** Where the samples are too few for their skewness; null where they are not. */
export function cautionText({ samplesToTrust }: RewardLmc): string | null {
  return samplesToTrust === null ? null : `few samples, or skewed ones: interval and test may err more often than they say; ${samplesToTrust} samples a point would do`;
}

/** The whole check in words, a line each. */
export function verdictText(report: LmcReport): string[] {
  const rows = Object.entries(report.rewards);
  const hasIntervals = rows.some(([, { points }]) => points.some(({ ci }) => ci !== null));
  const below = (lines: readonly (string | null)[]) => lines.flatMap((line) => (line === null ? [] : [`    ${line}`]));
  return [
    `Linear mode connectivity: ${report.verdict}`,
    ...rows.flatMap(([reward, row]) => [`  ${rewardVerdictText(reward, row)}`, ...below([cautionText(row), regionsText(row), curvatureText(row)])]),
    ...(hasIntervals ? [] : ['  The results hold no paired samples: the verdict rests on the means alone, without intervals or tests.']),
  ];
}
