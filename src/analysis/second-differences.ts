import type { ResultPoint } from './results';

export interface SecondDifferences {
  readonly positive: number;
  readonly total: number;
}

/**
 * How many second differences of a reward along lines of evaluated λ are positive. "Convexity" in the paper means above
 * the chord; a front can lie above its chord everywhere and still have positive second differences, so this is shown
 * beside the verdict and never instead of it. A line is every set of three or more evaluated λ that differ in the weights
 * of the same two experts only; spacing may be uneven (divided differences). Null where there is no such line.
 */
export function secondDifferences(points: readonly ResultPoint[], reward: string): SecondDifferences | null {
  const evaluated = points.filter(({ kind, weights }) => (kind === 'soup' || kind === 'expert') && weights !== null);
  const experts = [...new Set(evaluated.flatMap(({ weights }) => Object.keys(weights!)))];
  const signs = pairsOf(experts).flatMap((pair) => linesAlong(pair, experts, evaluated, reward).flatMap(bends));
  return signs.length === 0 ? null : { positive: signs.filter((bend) => bend > 0).length, total: signs.length };
}

type Line = readonly (readonly [weight: number, value: number])[];

function linesAlong([first, second]: readonly [string, string], experts: readonly string[], points: readonly ResultPoint[], reward: string): Line[] {
  const lines = new Map<string, Map<string, [number, number]>>();
  for (const { weights, rewards } of points) {
    const key = experts.filter((name) => name !== first && name !== second).map((name) => (weights![name] ?? 0).toFixed(6)).join(' ');
    const along = weights![first] ?? 0;
    const line = lines.get(key) ?? new Map<string, [number, number]>();
    lines.set(key, line.set(along.toFixed(6), [along, rewards[reward]!.mean]));
  }
  return [...lines.values()].map((line) => [...line.values()].sort((a, b) => a[0] - b[0]));
}

/** Differences of neighbouring slopes. */
function bends(line: Line): number[] {
  const slopes = line.slice(1).map(([x, y], index) => (y - line[index]![1]) / (x - line[index]![0]));
  return slopes.slice(1).map((slope, index) => slope - slopes[index]!);
}

function pairsOf(names: readonly string[]): (readonly [string, string])[] {
  return names.flatMap((first, index) => names.slice(index + 1).map((second) => [first, second] as const));
}
