/** λ by position. */
export type Lambda = readonly number[];

/** Digits that a weight keeps when a hand moves it: far finer than any sweep, and short to read and copy. */
const digits = 6;

const rounded = (value: number): number => Number(value.toFixed(digits));

/** Equal weights. */
export function uniformLambda(count: number): number[] {
  return Array.from({ length: count }, () => 1 / count);
}

/** All weight on one expert. */
export function vertexLambda(count: number, index: number): number[] {
  return Array.from({ length: count }, (_, other) => (other === index ? 1 : 0));
}

/**
 * λ with one weight set and the others sharing the rest as they did before (equally where they had none), so that it
 * stays on the simplex; weights are rounded to a millionth, and the largest of the others takes what that leaves.
 * @param value cut to 0…1
 */
export function withLinkedWeight(lambda: Lambda, index: number, value: number): number[] {
  const own = rounded(Math.min(1, Math.max(0, value)));
  if (lambda.length === 1) return [1];
  const others = lambda.map((weight, other) => (other === index ? 0 : Math.max(0, weight)));
  const sum = others.reduce((total, weight) => total + weight, 0);
  const shares = others.map((weight, other) => (other === index ? own : rounded((1 - own) * (sum > 0 ? weight / sum : 1 / (lambda.length - 1)))));
  const excess = shares.reduce((total, weight) => total + weight, 0) - 1;
  const taker = shares.reduce((best, weight, other) => (other !== index && (best === index || weight > shares[best]) ? other : best), index);
  return shares.map((weight, other) => (other === taker ? Math.max(0, rounded(weight - excess)) : weight));
}

/** The nearest thing to λ on the simplex by rescaling; uniform where nothing positive is left. */
export function normalisedLambda(lambda: Lambda): number[] {
  const positive = lambda.map((weight) => Math.max(0, weight));
  const sum = positive.reduce((total, weight) => total + weight, 0);
  if (!(sum > 0)) return uniformLambda(lambda.length);
  return withLinkedWeight(positive.map((weight) => weight / sum), 0, positive[0] / sum);
}

/** A place in the triangle of three experts with unit sides: the first at (0, 0), the second at (1, 0), the third on top. */
export interface TrianglePoint {
  readonly x: number;
  readonly y: number;
}

const height = Math.sqrt(3) / 2;

/** Where λ of three experts lies in the triangle; outside it for weights off the simplex. */
export function trianglePoint([, second, third]: Lambda): TrianglePoint {
  return { x: second + third / 2, y: height * third };
}

/** λ of the place in the triangle, of its nearest point for places outside; rounded as linked weights are. */
export function lambdaAt({ x, y }: TrianglePoint): number[] {
  const third = y / height;
  return roundedLambda(onSimplex([1 - x - third / 2, x - third / 2, third]));
}

/** Euclidean projection onto the simplex (Held et al. 1974): all weights less one number, cut at 0. */
function onSimplex(lambda: Lambda): number[] {
  const sorted = [...lambda].sort((a, b) => b - a);
  let sum = 0;
  let shift = 0;
  for (const [index, weight] of sorted.entries()) {
    sum += weight;
    if (weight > (sum - 1) / (index + 1)) shift = (sum - 1) / (index + 1);
  }
  return lambda.map((weight) => Math.max(0, weight - shift));
}

/** Weights that sum to 1, rounded to a millionth: the largest takes what that leaves, so that they still do. */
export function roundedLambda(lambda: Lambda): number[] {
  const largest = lambda.indexOf(Math.max(...lambda));
  const others = lambda.map(rounded);
  const rest = others.reduce((total, weight, index) => (index === largest ? total : total + weight), 0);
  return others.map((weight, index) => (index === largest ? rounded(1 - rest) : weight));
}

/** Weights over the layers: [experts][points], the points spread evenly from the first layer to the last. */
export type Curves = readonly Lambda[];

/** The same λ in all layers, as curves. */
export function flatCurves(lambda: Lambda, points: number): number[][] {
  return lambda.map((weight) => Array.from({ length: points }, () => weight));
}

/** λ at one point of the curves. */
export function lambdaAtPoint(curves: Curves, point: number): number[] {
  return curves.map((curve) => curve[point]);
}

/** One point's λ replaced. */
export function withPoint(curves: Curves, point: number, lambda: Lambda): number[][] {
  return curves.map((curve, expert) => curve.map((weight, at) => (at === point ? lambda[expert] : weight)));
}

/** The curves with another number of points, which lie on the lines between the old ones; each λ keeps its sum. */
export function resampledCurves(curves: Curves, points: number): number[][] {
  return curves.map((curve) => Array.from({ length: points }, (_, at) => {
    const place = points === 1 ? 0 : (at / (points - 1)) * (curve.length - 1);
    const before = Math.floor(place);
    // finer than a hand moves them, so that sums stay
    return Number(((1 - (place - before)) * curve[before] + (place - before) * curve[Math.min(curve.length - 1, before + 1)]).toFixed(12));
  }));
}
