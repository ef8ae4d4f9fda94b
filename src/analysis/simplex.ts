import { SoupError } from '../errors';

export type Weights = Readonly<Record<string, number>>;

/** How far weights may sum from 1. */
export const simplexTolerance = 1e-6;

/** @throws SoupError `WeightsError` when a weight is negative or the sum is not 1, saying both */
export function checkSimplex(weights: Weights, where: string): void {
  for (const [name, weight] of Object.entries(weights)) if (!Number.isFinite(weight) || weight < 0) throw new SoupError('WeightsError', `${where}: the weight of ${name} is ${weight}; weights are numbers from 0 to 1`);
  const sum = Object.values(weights).reduce((total, weight) => total + weight, 0);
  if (Math.abs(sum - 1) > simplexTolerance) throw new SoupError('WeightsError', `${where}: the weights sum to ${sum}, not 1`);
}

/** λ for reading, experts without weight left out: `risky 0.3, cautious 0.7`. The name comes first, so that nobody takes it for a reward such as `0.3*risky + 0.7*cautious`. */
export function weightsText(weights: Weights | null): string {
  if (weights === null) return '–';
  return Object.entries(weights).filter(([, weight]) => weight !== 0).map(([name, weight]) => `${name} ${weightText(weight)}`).join(', ') || '0';
}

/** One weight of a λ: four decimals, and six where four would say 0 or 1 of an expert that is mixed with others. */
export function weightText(weight: number): string {
  const short = Number(weight.toFixed(4));
  return String(short === 0 || short === 1 ? Number(weight.toFixed(6)) : short).replace('-', '−');
}

/** How a point is called: a soup by its λ, whatever it was named, an expert as λ calls it, and what else was trained by its name. */
export function pointText({ kind, name, weights }: { readonly kind: string; readonly name: string; readonly weights: Weights | null }): string {
  if (weights === null) return name;
  return kind === 'soup' ? weightsText(weights) : kind === 'expert' ? (vertexOf(weights) ?? name) : name;
}

/** The one expert that has all the weight, or null. */
export function vertexOf(weights: Weights): string | null {
  const positive = Object.entries(weights).filter(([, weight]) => weight > simplexTolerance);
  return positive.length === 1 ? positive[0][0] : null;
}

/** Where a λ lies in the simplex of N experts: on a line between two, on a face of fewer than N, or among all. */
export type Region = 'edge' | 'face' | 'interior';

/** @param experts N; with two, everything between them is the edge */
export function regionOf(weights: Weights, experts: number): Region {
  const mixed = Object.values(weights).filter((weight) => weight > simplexTolerance).length;
  return mixed <= 2 ? 'edge' : mixed < experts ? 'face' : 'interior';
}

/** Whether two λ are the same point, whatever the order of the names; a name that is left out has no weight. */
export function sameWeights(a: Weights, b: Weights): boolean {
  return [...new Set([...Object.keys(a), ...Object.keys(b)])].every((name) => Math.abs((a[name] ?? 0) - (b[name] ?? 0)) < simplexTolerance);
}
