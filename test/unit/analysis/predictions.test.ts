import { squaredDistance, weightsVersusPredictions } from '../../../src/analysis/predictions';
import { predictionsText } from '../../../src/analysis/predictions-text';
import type { ResultPoint } from '../../../src/analysis/results';
import { predictionsSpec } from '../../../src/charts/predictions';
import { lightTheme } from '../../../src/charts/theme';
import { renderSvg } from '../../../src/report/render-svg';

const vectors: Record<string, number[]> = { a: [1, 2, 0], b: [-1, 0.5, 2], c: [0, 1, 1] };
const dot = (x: readonly number[], y: readonly number[]) => x.reduce((sum, value, i) => sum + value * y[i], 0);
const norms = Object.fromEntries(Object.entries(vectors).map(([name, vector]) => [name, Math.sqrt(dot(vector, vector))]));
const pair = (a: string, b: string) => ({ a, b, cosine: dot(vectors[a], vectors[b]) / (norms[a] * norms[b]), signConflict: null });
const comparison = { norms, relativeNorms: null, pairs: [pair('a', 'b'), pair('a', 'c'), pair('b', 'c')], tensors: [] };

/** Straight from the definition, on the vectors themselves. */
function byDefinition(weights: Record<string, number>): number {
  const names = Object.keys(weights);
  const soup = [0, 1, 2].map((axis) => names.reduce((sum, name) => sum + weights[name] * vectors[name][axis], 0));
  return names.reduce((sum, name) => sum + weights[name] * vectors[name].reduce((square, value, axis) => square + (value - soup[axis]) ** 2, 0), 0);
}

const soup = (weights: Record<string, number>, kl: number, gap: number): ResultPoint => {
  const samples = [1, 2, 3, 4];
  return { kind: 'soup', name: '', weights, rewards: { r: { mean: 2.5, samples } }, ensemble: { rewards: { r: { mean: 2.5 - gap, samples: samples.map((value) => value - gap) } }, kl: { mean: kl } } };
};

test.each([[{ a: 0.5, b: 0.5 }], [{ a: 0.2, b: 0.3, c: 0.5 }], [{ a: 1, b: 0 }]])('the squared distance of %p, from norms and cosines', (weights) => {
  expect(squaredDistance(weights, comparison)).toBeCloseTo(byDefinition(weights as Record<string, number>), 12);
});

describe('weights against predictions', () => {
  const lambdas = [0.1, 0.2, 0.3, 0.5];
  const points = lambdas.map((b) => soup({ a: 1 - b, b }, 7 * byDefinition({ a: 1 - b, b }) ** 2, b));
  const result = weightsVersusPredictions([...points, { kind: 'expert', name: 'a', weights: { a: 1, b: 0 }, rewards: { r: { mean: 1 } } }], { comparison })!;

  test('gaps are paired, and a KL of the fourth power of the distance has exponent 4', () => {
    expect(result.points.map(({ gaps }) => gaps.r.estimate)).toEqual(lambdas.map((b) => expect.closeTo(b, 12)));
    result.points.forEach(({ gaps }, index) => gaps.r.ci!.forEach((end) => expect(end).toBeCloseTo(lambdas[index], 12)));
    expect(result.klExponent).toBeCloseTo(4, 9);
    expect(predictionsText(result)).toMatch(/^Soups differ most from the ensemble of the same experts in r by \+0\.5 \(interval \+0\.5 to \+0\.5\) at a 0\.5, b 0\.5\..* to the power 4, /);
  });

  test('without distances there is no exponent; without ensembles nothing', () => {
    expect(weightsVersusPredictions(points)).toMatchObject({ klExponent: null, points: [{ squaredDistance: null }, {}, {}, {}] });
    expect(weightsVersusPredictions(points.map(({ ensemble: _, ...rest }) => rest))).toBeNull();
  });

  test.each([['over the distance', result], ['over the number of λ', weightsVersusPredictions(points)!]])('are drawn %s', async (_, drawn) => {
    const svg = await renderSvg(predictionsSpec(drawn, { theme: lightTheme }));
    expect(svg).toContain('Weights against predictions');
    expect(svg.match(/aria-roledescription="point"/g)).toHaveLength(4);
  });
});
