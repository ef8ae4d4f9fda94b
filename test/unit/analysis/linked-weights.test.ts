import fc from 'fast-check';
import { flatCurves, lambdaAt, lambdaAtPoint, normalisedLambda, resampledCurves, trianglePoint, uniformLambda, vertexLambda, withLinkedWeight, withPoint } from '../../../src/analysis/linked-weights';
import { resolveWeights } from '../../../src/merge/weights';

const sum = (lambda: readonly number[]) => lambda.reduce((total, weight) => total + weight, 0);
const onSimplex = fc.array(fc.double({ min: 0.001, max: 1, noNaN: true }), { minLength: 2, maxLength: 8 }).map((parts) => parts.map((part) => part / sum(parts)));

test('a linked weight is what was set, and λ is what the command line takes', () => {
  fc.assert(fc.property(onSimplex, fc.nat(), fc.double({ min: 0, max: 1, noNaN: true }), (lambda, at, value) => {
    const index = at % lambda.length;
    const next = withLinkedWeight(lambda, index, value);
    expect(next[index]).toBeCloseTo(value, 6);
    expect(() => resolveWeights(next, next.map((_, i) => `e${i}`))).not.toThrow();
    expect(Math.abs(sum(next) - 1)).toBeLessThan(1e-12);
  }));
});

test('the others keep their proportions', () => {
  fc.assert(fc.property(onSimplex.filter((lambda) => lambda.length > 2), fc.double({ min: 0, max: 0.9, noNaN: true }), (lambda, value) => {
    const next = withLinkedWeight(lambda, 0, value);
    const rest = sum(lambda.slice(1));
    for (const [i, weight] of lambda.slice(1).entries()) expect(Math.abs(next[i + 1]! - ((1 - next[0]!) * weight) / rest)).toBeLessThan(lambda.length * 1e-6);
  }));
});

test('numbers that a hand types come out short', () => {
  expect(withLinkedWeight([0.5, 0.5], 0, 0.9)).toEqual([0.9, 0.1]);
  expect(withLinkedWeight([1, 0, 0], 0, 0.4)).toEqual([0.4, 0.3, 0.3]);
  expect(withLinkedWeight([0.2, 0.3, 0.5], 2, 1)).toEqual([0, 0, 1]);
  expect(withLinkedWeight([0.2, 0.3, 0.5], 0, -3)).toEqual([0, 0.375, 0.625]);
  expect(withLinkedWeight([1], 0, 0.2)).toEqual([1]);
});

test('presets', () => {
  expect(uniformLambda(4)).toEqual([0.25, 0.25, 0.25, 0.25]);
  expect(vertexLambda(3, 1)).toEqual([0, 1, 0]);
  expect(normalisedLambda([2, -1, 6])).toEqual([0.25, 0, 0.75]);
  expect(normalisedLambda([0, -1])).toEqual([0.5, 0.5]);
});

test('the triangle: corners, middle, and back', () => {
  expect(trianglePoint([1, 0, 0])).toEqual({ x: 0, y: 0 });
  expect(trianglePoint([0, 1, 0])).toEqual({ x: 1, y: 0 });
  expect(trianglePoint([0, 0, 1])).toEqual({ x: 0.5, y: Math.sqrt(3) / 2 });
  fc.assert(fc.property(onSimplex.filter((lambda) => lambda.length === 3), (lambda) => {
    for (const [i, weight] of lambdaAt(trianglePoint(lambda)).entries()) expect(weight).toBeCloseTo(lambda[i]!, 5);
  }));
});

test('a place outside the triangle is the nearest one inside it', () => {
  expect(lambdaAt({ x: 0.5, y: 9 })).toEqual([0, 0, 1]);
  expect(lambdaAt({ x: 0.25, y: -1 })).toEqual([0.75, 0.25, 0]);
  const at = (lambda: readonly number[]) => trianglePoint(lambda);
  fc.assert(fc.property(fc.double({ min: -2, max: 3, noNaN: true }), fc.double({ min: -2, max: 3, noNaN: true }), onSimplex.filter((lambda) => lambda.length === 3), (x, y, other) => {
    const distance = (lambda: readonly number[]) => Math.hypot(at(lambda).x - x, at(lambda).y - y);
    expect(distance(lambdaAt({ x, y }))).toBeLessThan(distance(other) + 1e-5);
  }));
});

test('curves: flat ones, one point changed, and more points on the lines between the old ones', () => {
  const flat = flatCurves([0.25, 0.75], 3);
  expect(flat).toEqual([[0.25, 0.25, 0.25], [0.75, 0.75, 0.75]]);
  const bent = withPoint(flat, 2, [1, 0]);
  expect(bent).toEqual([[0.25, 0.25, 1], [0.75, 0.75, 0]]);
  expect(lambdaAtPoint(bent, 2)).toEqual([1, 0]);
  expect(resampledCurves(bent, 5)).toEqual([[0.25, 0.25, 0.25, 0.625, 1], [0.75, 0.75, 0.75, 0.375, 0]]);
  expect(resampledCurves(resampledCurves(bent, 5), 3)).toEqual(bent);
});

test('resampled curves still hold to the simplex, as the command line has it', () => {
  fc.assert(fc.property(fc.array(onSimplex.filter((lambda) => lambda.length === 3), { minLength: 2, maxLength: 6 }), fc.integer({ min: 2, max: 12 }), (knots, points) => {
    const curves = [0, 1, 2].map((expert) => knots.map((lambda) => lambda[expert]!));
    expect(() => resolveWeights(resampledCurves(curves, points), ['a', 'b', 'c'])).not.toThrow();
  }));
});
