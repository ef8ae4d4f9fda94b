import { invalidWeights } from './errors';

export const simplexTolerance = 1e-6;

export interface WeightRules {
  /** divide by the sum */
  readonly normalize?: boolean;
  /** allow points outside the simplex */
  readonly extrapolate?: boolean;
}

/** λ by position, or keyed by expert name. */
export type WeightsInput = readonly number[] | Readonly<Record<string, number>>;

const decimal = /^[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?$/i;

function parseNumber(text: string): number {
  const value = decimal.test(text.trim()) ? Number(text) : NaN;
  if (!Number.isFinite(value)) throw invalidWeights(`${JSON.stringify(text.trim())} is not a number — write them as 0.3,0.7 or name=0.3,name=0.7`);
  return value;
}

/**
 * λ as typed: `0.3,0.7`, or by expert name `risky=0.3,cautious=0.7`.
 * @throws InvalidWeightsError
 */
export function parseWeights(text: string): WeightsInput {
  const parts = text.split(',');
  if (!parts.some((part) => part.includes('='))) return parts.map(parseNumber);
  const weights: Record<string, number> = {};
  for (const part of parts) {
    const at = part.lastIndexOf('=');
    const name = part.slice(0, Math.max(at, 0)).trim();
    if (name === '') throw invalidWeights(`${JSON.stringify(part.trim())} has no expert name — write every weight as name=0.3, or none`);
    if (Object.hasOwn(weights, name)) throw invalidWeights(`${name} stands twice — give each expert one weight`);
    weights[name] = parseNumber(part.slice(at + 1));
  }
  return weights;
}

/**
 * λ in the order of `names`, checked: each ≥ 0 and the sum 1 within 1e-6, unless the rules allow more.
 * @throws InvalidWeightsError that says the sum, or the weight at fault
 */
export function resolveWeights(input: WeightsInput, names: readonly string[], { normalize = false, extrapolate = false }: WeightRules = {}): number[] {
  const weights = byPosition(input, names);
  for (const [i, weight] of weights.entries()) {
    if (!Number.isFinite(weight)) throw invalidWeights(`${names[i]} has ${weight} — give every expert a finite number`);
    if (weight < 0 && !extrapolate) throw invalidWeights(`${names[i]} has ${weight}, expected at least 0 — pass --extrapolate to allow points outside the simplex`);
  }
  const sum = weights.reduce((total, weight) => total + weight, 0);
  if (normalize) {
    if (Math.abs(sum) < simplexTolerance) throw invalidWeights(`their sum is ${sum}, which cannot be rescaled to 1 — change them`);
    return weights.map((weight) => weight / sum);
  }
  if (!extrapolate && Math.abs(sum - 1) > simplexTolerance) throw invalidWeights(`their sum is ${Number(sum.toPrecision(12))} (${weights.join(' + ')}), expected 1 — pass --normalize to rescale them, or --extrapolate to allow points outside the simplex`);
  return weights;
}

function byPosition(input: WeightsInput, names: readonly string[]): number[] {
  if (Array.isArray(input)) {
    if (input.length !== names.length) throw invalidWeights(`${input.length} given for ${names.length} checkpoints (${names.join(', ')}) — give one each, in their order`);
    return [...(input as readonly number[])];
  }
  const keyed = input as Readonly<Record<string, number>>;
  const unknown = Object.keys(keyed).find((name) => !names.includes(name));
  if (unknown !== undefined) throw invalidWeights(`${unknown} is no expert — the experts are ${names.join(', ')}`);
  const missing = names.find((name) => !Object.hasOwn(keyed, name));
  if (missing !== undefined) throw invalidWeights(`${missing} has none — give every expert one, 0 to leave it out`);
  return names.map((name) => keyed[name]);
}

/** Index of the expert that λ is exactly, bit for bit; null inside the simplex and outside. */
export function endpointOf(weights: readonly number[]): number | null {
  const index = weights.indexOf(1);
  return index >= 0 && weights.every((weight, i) => i === index || weight === 0) ? index : null;
}
