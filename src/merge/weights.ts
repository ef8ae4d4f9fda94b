import { invalidWeights } from './errors';
import { gradientAt } from './mergekit/layers';

export const simplexTolerance = 1e-6;

export interface WeightRules {
  /** divide by the sum */
  readonly normalize?: boolean;
  /** allow points outside the simplex */
  readonly extrapolate?: boolean;
}

/** A weight, or a list of them over the layers, from the first to the last (mergekit's gradient). */
export type Weight = number | readonly number[];

/** λ by position, or keyed by expert name. */
export type WeightsInput<W extends Weight = Weight> = readonly W[] | Readonly<Record<string, W>>;

/** A weight at a place among the layers, 0 to 1. */
export function weightAt(weight: Weight, t: number): number {
  return typeof weight === 'number' ? weight : gradientAt(weight, t);
}

/** As the command line writes it: 0.3, or 0.3:0.5 over the layers. */
export function weightArgument(weight: Weight): string {
  return typeof weight === 'number' ? String(weight) : weight.join(':');
}

/** λ where none of its weights changes over the layers; null where one does. */
export function constantWeights(weights: readonly Weight[]): readonly number[] | null {
  return weights.every((weight) => typeof weight === 'number') ? weights : null;
}

const decimal = /^[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?$/i;

function parseNumber(text: string): number {
  const value = decimal.test(text.trim()) ? Number(text) : NaN;
  if (!Number.isFinite(value)) throw invalidWeights(`${JSON.stringify(text.trim())} is not a number — write them as 0.3,0.7 or name=0.3,name=0.7`);
  return value;
}

/**
 * Numbers as typed: `0.3,0.7`, or by expert name `risky=0.3,cautious=0.7`.
 * @throws InvalidWeightsError
 */
export function parseNumbers(text: string): WeightsInput<number> {
  return parseEach(text, parseNumber);
}

/**
 * λ as typed: numbers, where a list over the layers has colons, `risky=0.3:0.5:0.9,cautious=0.7:0.5:0.1`.
 * @throws InvalidWeightsError
 */
export function parseWeights(text: string): WeightsInput {
  return parseEach<Weight>(text, (part) => (part.includes(':') ? part.split(':').map(parseNumber) : parseNumber(part)));
}

function parseEach<W extends Weight>(text: string, parse: (text: string) => W): WeightsInput<W> {
  const parts = text.split(',');
  if (!parts.some((part) => part.includes('='))) return parts.map(parse);
  const weights: Record<string, W> = {};
  for (const part of parts) {
    const at = part.lastIndexOf('=');
    const name = part.slice(0, Math.max(at, 0)).trim();
    if (name === '') throw invalidWeights(`${JSON.stringify(part.trim())} has no expert name — write every weight as name=0.3, or none`);
    if (Object.hasOwn(weights, name)) throw invalidWeights(`${name} stands twice — give each expert one weight`);
    weights[name] = parse(part.slice(at + 1));
  }
  return weights;
}

/**
 * λ in the order of `names`, checked: each ≥ 0 and the sum 1 within 1e-6, in every layer, unless the rules allow more.
 * @throws InvalidWeightsError that says the sum, or the weight at fault
 */
export function resolveWeights<W extends Weight>(input: WeightsInput<W>, names: readonly string[], { normalize = false, extrapolate = false }: WeightRules = {}): readonly W[] {
  const weights = byPosition(input, names);
  const constant = constantWeights(weights);
  if (normalize) {
    if (!constant) throw invalidWeights('lists over the layers are not rescaled — write them so that they sum to 1 in every layer');
    const sum = checkedSum(constant, names, extrapolate, '');
    if (Math.abs(sum) < simplexTolerance) throw invalidWeights(`their sum is ${sum}, which cannot be rescaled to 1 — change them`);
    return constant.map((weight) => weight / sum) as W[];
  }
  // between its knots everything is linear: what holds there holds everywhere
  for (const t of knotsOf(weights)) {
    const where = constant ? '' : ` at ${Number((100 * t).toFixed(1))} % of the layers`;
    const here = weights.map((weight) => weightAt(weight, t));
    const sum = checkedSum(here, names, extrapolate, where);
    if (!extrapolate && Math.abs(sum - 1) > simplexTolerance) throw invalidWeights(`their sum is ${Number(sum.toPrecision(12))} (${here.map((weight) => Number(weight.toPrecision(12))).join(' + ')})${where}, expected 1 — pass --normalize to rescale them, or --extrapolate to allow points outside the simplex`);
  }
  return weights;
}

/** The sum of finite weights that are at least 0, or any where that is meant. */
function checkedSum(weights: readonly number[], names: readonly string[], extrapolate: boolean, where: string): number {
  for (const [i, weight] of weights.entries()) {
    if (!Number.isFinite(weight)) throw invalidWeights(`${names[i]} has ${weight}${where} — give every expert a finite number`);
    if (weight < 0 && !extrapolate) throw invalidWeights(`${names[i]} has ${weight}${where}, expected at least 0 — pass --extrapolate to allow points outside the simplex`);
  }
  return weights.reduce((total, weight) => total + weight, 0);
}

/** Places among the layers at which some list has a value. */
function knotsOf(weights: readonly Weight[]): number[] {
  const places = weights.flatMap((weight) => (typeof weight === 'number' || weight.length < 2 ? [0] : weight.map((_, index) => index / (weight.length - 1))));
  return [...new Set(places)].sort((a, b) => a - b);
}

function byPosition<W extends Weight>(input: WeightsInput<W>, names: readonly string[]): W[] {
  if (Array.isArray(input)) {
    if (input.length !== names.length) throw invalidWeights(`${input.length} given for ${names.length} checkpoints (${names.join(', ')}) — give one each, in their order`);
    return [...(input as readonly W[])];
  }
  const keyed = input as Readonly<Record<string, W>>;
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
