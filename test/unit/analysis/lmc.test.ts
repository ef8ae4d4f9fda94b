import fc from 'fast-check';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { checkLmc, marginSamples } from '../../../src/analysis/lmc';
import { readResults } from '../../../src/analysis/read-results';
import type { ResultPoint } from '../../../src/analysis/results';

const paper = path.resolve(__dirname, '../../../../shared/paper');
/** The authors' released results; the tests that need them say so where they are absent. */
const withPaper = existsSync(paper) ? test : test.skip;

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
const point = (kind: ResultPoint['kind'], weights: Record<string, number>, samples: number[]): ResultPoint => ({ kind, name: JSON.stringify(weights), weights, rewards: { r: { mean: mean(samples), samples, n: samples.length } } });

/** Experts at 0 and `gap`, a soup in the middle `margin` away from their chord, with noise that all share (paired) and some of its own that averages to 0. */
function twoExperts(margin: number, noise: number, n = 64): ResultPoint[] {
  const wave = (k: number) => Math.sin(12.9898 * (k + 1));
  const shared = Array.from({ length: n }, (_, k) => 10 * wave(k));
  return [point('expert', { a: 1, b: 0 }, shared), point('expert', { a: 0, b: 1 }, shared.map((value) => value + 2)), point('soup', { a: 0.5, b: 0.5 }, shared.map((value, k) => value + 1 + margin + (k % 2 === 0 ? noise : -noise)))];
}

describe('margins', () => {
  test('are paired: noise that all points share cancels', () => {
    const { rewards } = checkLmc(twoExperts(0.25, 0));
    expect(rewards.r.points[0].margin).toBeCloseTo(0.25, 12);
    expect(rewards.r.points[0].ci![0]).toBeCloseTo(0.25, 9);
    expect(rewards.r.points[0].ci![1]).toBeCloseTo(0.25, 9);
  });

  test('do not depend on the order of the experts', () => {
    const samples = fc.array(fc.double({ min: -100, max: 100, noNaN: true }), { minLength: 3, maxLength: 3 });
    fc.assert(
      fc.property(samples, fc.tuple(samples, samples, samples), fc.tuple(fc.nat(100), fc.nat(100), fc.nat(100)), (soup, experts, parts) => {
        const total = parts[0] + parts[1] + parts[2] || 1;
        const weights = parts.map((part) => part / total);
        const turned = marginSamples(soup, [experts[2], experts[0], experts[1]], [weights[2], weights[0], weights[1]]);
        marginSamples(soup, experts, weights).forEach((value, k) => expect(turned[k]).toBeCloseTo(value, 9));
      }),
    );
  });

  test('of samples that do not pair are refused', () => expect(() => marginSamples([1, 2], [[1]], [1])).toThrow(/sample k of every point/));
});

describe('verdict', () => {
  test('holds above the chord', () => expect(checkLmc(twoExperts(0.3, 0.5)).verdict).toBe('holds'));
  test('is violated where a margin is significantly below', () => expect(checkLmc(twoExperts(-0.6, 0.5)).verdict).toBe('violated'));
  test('is inconclusive where the samples do not decide, and says how many would', () => {
    const { r } = checkLmc(twoExperts(-0.05, 3)).rewards;
    expect(r.verdict).toBe('inconclusive');
    expect(r.samplesToDecide).toBeGreaterThan(64);
  });
  test('allows a tolerance', () => expect(checkLmc(twoExperts(-0.6, 0.5), { tolerance: 1 }).verdict).toBe('holds'));
  test('finds nothing significant in rounding: with all samples alike, 0.15 is not below 0.3 · 0.15 + 0.7 · 0.15', () => {
    const alike = (kind: ResultPoint['kind'], a: number) => point(kind, { a, b: 1 - a }, Array.from({ length: 8 }, () => 0.15));
    const { r } = checkLmc([alike('expert', 1), alike('expert', 0), ...[0.1, 0.3, 0.6, 0.7, 0.9].map((a) => alike('soup', a))]).rewards;
    expect(r).toMatchObject({ verdict: 'holds', established: 0 });
    for (const { margin, ci, pValue } of r.points) expect({ margin, ci, pValue }).toEqual({ margin: 0, ci: [0, 0], pValue: 1 });
  });
  test('needs every expert that a soup mixes', () => expect(() => checkLmc(twoExperts(0, 1).slice(1))).toThrow(/expert a was not evaluated/));
});

describe("the authors' results", () => {
  withPaper('captioning holds for all eight metrics, with the margins computed by hand', async () => {
    const { rewards, verdict } = checkLmc(await readResults(path.join(paper, 'captioning-bleu1-rouge.csv')));
    expect(verdict).toBe('holds');
    expect(Object.values(rewards).map((row) => row.verdict)).toEqual(Array(8).fill('holds'));
    // CIDEr at bleu1 0.5: 1.3868 − (0.5·1.3707 + 0.5·1.3701) = 0.0164
    expect(rewards.CIDEr.points.find(({ weights }) => weights.bleu1 === 0.5)!.margin).toBeCloseTo(0.0164, 10);
    expect(rewards.CIDEr.points[0]).toMatchObject({ ci: null, pValue: null });
  });

  withPaper('news summarisation holds for both rewards', async () => {
    const { rewards, verdict } = checkLmc(await readResults(path.join(paper, 'news-summarization.csv')));
    expect(verdict).toBe('holds');
    // R1 at R1 0.5: 1.459285619 − (1.781414744 + 0.9837322938)/2 = 0.0767121001
    expect(rewards.R1.points.find(({ weights }) => weights.R1 === 0.5)!.margin).toBeCloseTo(0.0767121001, 9);
  });
});

describe('the simplex of three experts', () => {
  const corner = (name: string, value: number) => point('expert', { a: 0, b: 0, c: 0, [name]: 1 }, [value, value + 1, value - 1, value]);
  const soup = (a: number, b: number, c: number, value: number) => point('soup', { a, b, c }, [value, value + 1, value - 1, value]);
  const points = [corner('a', 0), corner('b', 0), corner('c', 0), soup(0.5, 0.5, 0, -1), soup(0.25, 0.75, 0, -2), soup(0, 0.5, 0.5, 1), soup(0.2, 0.3, 0.5, 3)];
  const { r } = checkLmc(points).rewards;

  test('edges and interior are told apart', () => {
    expect(r.regions).toEqual({ edge: { points: 3, below: 2, worst: { weights: { a: 0.25, b: 0.75, c: 0 }, margin: -2 } }, interior: { points: 1, below: 0, worst: { weights: { a: 0.2, b: 0.3, c: 0.5 }, margin: 3 } } });
    expect(r.points.map(({ region }) => region)).toEqual(['edge', 'edge', 'edge', 'interior']);
    expect(checkLmc([...points, point('expert', { a: 0, b: 0, c: 0, d: 1 }, [0, 0, 0, 0])]).rewards.r.regions).toHaveProperty('face');
  });

  test('second differences along every line between two experts, at any spacing', () => {
    // along a–b at a = 0, 0.25, 0.5, 1: 0, −2, −1, 0: slopes −8, 4, 2; along b–c: 0, 1, 0
    expect(r.secondDifferences).toEqual({ positive: 1, total: 3 });
  });
});

test('a violation is found among many λ and rewards: the p-value has no lowest step', () => {
  const noise = (k: number, j: number) => Math.sin(12.9898 * (k + 1) + 78.233 * j);
  const line = (j: number, level: number) => Array.from({ length: 64 }, (_, k) => level + noise(k, j));
  const points = [point('expert', { a: 1, b: 0 }, line(0, 0)), point('expert', { a: 0, b: 1 }, line(0, 0)), ...Array.from({ length: 400 }, (_, j) => point('soup', { a: (j + 1) / 402, b: (401 - j) / 402 }, line(j, j === 200 ? -2 : 1)))];
  const { r } = checkLmc(points, { resamples: 100 }).rewards;
  expect(r.verdict).toBe('violated');
  expect(r.worst.weights).toEqual(points[202].weights);
  expect(r.established).toBe(399);
});
