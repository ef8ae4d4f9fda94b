import type { LmcReport, ResultPoint, RewardLmc } from './results';
import { weightsText } from './simplex';

const number = (value: number) => (Number.isFinite(value) ? Number(value.toPrecision(3)).toString() : String(value));
const signed = (value: number) => `${value >= 0 ? '+' : '−'}${number(Math.abs(value))}`;

/** One sentence a reward: the verdict, the worst λ with its margin and interval, and what would decide it. */
export function rewardVerdictText(reward: string, { verdict, worst, points, samplesToDecide }: RewardLmc): string {
  const point = points.find(({ weights }) => weights === worst.weights) ?? points[0];
  const interval = point.ci ? `, interval ${signed(point.ci[0])} to ${signed(point.ci[1])}` : '';
  const decide = samplesToDecide === null ? '' : `; about ${samplesToDecide} samples a point would decide`;
  return `${reward}: ${verdict}; lowest margin ${signed(worst.margin)} at ${weightsText(worst.weights)}${interval}${decide}`;
}

/** The whole check in words, a line each. */
export function verdictText(report: LmcReport): string[] {
  const rows = Object.entries(report.rewards);
  const hasIntervals = rows.some(([, { points }]) => points.some(({ ci }) => ci !== null));
  return [
    `Linear mode connectivity: ${report.verdict}`,
    ...rows.map(([reward, row]) => `  ${rewardVerdictText(reward, row)}`),
    ...(hasIntervals ? [] : ['  The results hold no paired samples: the verdict rests on the means alone, without intervals or tests.']),
  ];
}

/**
 * How many second differences along an evenly spaced λ line are positive. "Convexity" in the paper means above the
 * chord; a front can be above its chord everywhere and still have positive second differences, so this is shown beside
 * the verdict and never instead of it. Null where the points are no evenly spaced line between two experts.
 */
export function positiveSecondDifferences(points: readonly ResultPoint[], reward: string): { readonly positive: number; readonly total: number } | null {
  const line = points.filter(({ kind, weights }) => (kind === 'soup' || kind === 'expert') && weights !== null);
  const names = Object.keys(line[0]?.weights ?? {});
  if (names.length !== 2 || line.length < 3) return null;
  const rows = line.map(({ weights, rewards }) => [weights![names[0]], rewards[reward].mean]).sort((a, b) => a[0] - b[0]);
  const step = rows[1][0] - rows[0][0];
  if (!rows.every(([weight], index) => index === 0 || Math.abs(weight - rows[index - 1][0] - step) < 1e-6)) return null;
  const differences = rows.slice(1, -1).map(([, value], index) => rows[index][1] - 2 * value + rows[index + 2][1]);
  return { positive: differences.filter((difference) => difference > 0).length, total: differences.length };
}
