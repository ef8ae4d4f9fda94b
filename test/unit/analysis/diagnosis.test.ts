import { diagnose, findingLine, type Evidence } from '../../../src/analysis/diagnosis';
import type { WeightComparison } from '../../../src/analysis/findings/divergence';
import type { TrainingHistory } from '../../../src/analysis/findings/reward-hacking';
import { paretoFront } from '../../../src/analysis/front';
import { checkLmc } from '../../../src/analysis/lmc';
import type { ResultPoint } from '../../../src/analysis/results';

const wave = (k: number) => Math.sin(12.9898 * (k + 1));
const measured = (level: number, noise: number) => {
  const samples = Array.from({ length: 16 }, (_, k) => level + noise * (k % 2 === 0 ? 1 : -1));
  return { mean: level, n: 16, samples };
};
const point = (kind: ResultPoint['kind'], name: string, weights: Record<string, number> | null, a: number, b: number, noise = 0.01): ResultPoint => ({ kind, name, weights, rewards: { a: measured(a, noise), b: measured(b, noise) } });
const init = point('init', 'base', null, 0, 0, 0);
const experts = [point('expert', 'a', { a: 1, b: 0 }, 4, 1), point('expert', 'b', { a: 0, b: 1 }, 1, 4)];
const soup = (b: number, valueA: number, valueB: number) => point('soup', `b ${b}`, { a: 1 - b, b }, valueA, valueB);
const healthy = [init, ...experts, soup(0.25, 3.7, 2.2), soup(0.5, 3, 3), soup(0.75, 2.2, 3.7)];

function findings(points: readonly ResultPoint[], more: Partial<Evidence> = {}) {
  return diagnose({ points, lmc: points.some(({ kind }) => kind === 'soup') ? checkLmc(points, { resamples: 200 }) : null, front: paretoFront(points, { resamples: 0 }), ...more });
}
const lines = (...from: Parameters<typeof findings>) => findings(...from).map(findingLine).join('\n');

test('a healthy experiment has no findings', () => expect(findings(healthy)).toEqual([]));

test('convexity violated: which reward, how far, where', () => {
  const text = lines([init, ...experts, soup(0.5, 0.5, 3)]);
  expect(text).toMatch(/^problem: a falls below the chord between the experts at 1 of 1 λ, worst −2 \(interval .*\) at a 0\.5, b 0\.5\. Try: keep the experts nearer/);
});

describe('identical points', () => {
  test('all λ alike: nothing was loaded', () => {
    const same = [init, point('expert', 'a', { a: 1, b: 0 }, 0, 0, 0), point('expert', 'b', { a: 0, b: 1 }, 0, 0, 0), point('soup', 's', { a: 0.5, b: 0.5 }, 0, 0, 0)];
    expect(lines(same)).toContain('all 3 soups and experts have the same values, those of the base');
    expect(lines(same.slice(1))).toContain("the experts' weights were not loaded");
  });
  test('one expert alike to the base', () => expect(lines([init, experts[0], point('expert', 'b', { a: 0, b: 1 }, 0, 0, 0)])).toContain('the expert b has exactly the values of the base'));
});

describe('an expert without gain', () => {
  test('below the base on its own reward', () => expect(lines([point('init', 'base', null, 5, 0), ...experts])).toContain('the expert a does not beat the base on its own reward a (−1)'));
  test('above it by what may be chance', () => expect(lines([point('init', 'base', null, 3.9, 0, 3), ...experts])).toContain('the expert a beats the base on its own reward a by +0.1 only, which may be chance'));
  test('own rewards by the experiment, where names differ', () => {
    const points = [point('init', 'base', null, 5, 0), ...experts];
    expect(lines(points, { ownRewards: { a: 'b', b: 'b' } })).not.toContain('its own reward a');
    expect(lines(points, { ownRewards: {} })).toBe('');
  });
});

describe('divergence', () => {
  const distances = (norms: Record<string, number>, cosine: number, base = 10) => ({ norms, relativeNorms: Object.fromEntries(Object.entries(norms).map(([name, norm]) => [name, norm / base])), pairs: [{ a: 'a', b: 'b', cosine, signConflict: 0.5 - cosine / 2 }] });
  const weights = (norms: Record<string, number>, cosine: number): WeightComparison => ({ ...distances(norms, cosine), tensors: [{ name: 'layer.0', ...distances(norms, cosine / 2) }, { name: 'layer.1', ...distances(norms, cosine * 1.5) }] });
  test('near the base and beside each other: nothing', () => expect(findings(healthy, { weights: weights({ a: 1, b: 2 }, 0.2) })).toEqual([]));
  test('against each other, and in which layers', () => expect(lines(healthy, { weights: weights({ a: 1, b: 1 }, -0.3) })).toContain('a and b moved against each other: cosine -0.3, 65 % of the signs conflict; most in layer.1 (-0.45), layer.0 (-0.15)'));
  test('far from the base', () => expect(lines(healthy, { weights: weights({ a: 14, b: 13 }, 0.2) })).toContain('the weights of a moved by 1.4 times the norm of the base; most in layer.0 (1.4), layer.1 (1.4)'));
  test('one much further than the other', () => expect(lines(healthy, { weights: weights({ a: 8, b: 1 }, 0.2) })).toContain('the task vector of a is 8 times as long as that of b'));
});

describe('the front', () => {
  test('a jump between neighbouring λ', () => {
    const jump = [...experts, soup(0.2, 3.95, 1.2), soup(0.4, 3.9, 1.5), soup(0.6, 2, 3.6), soup(0.8, 1.5, 3.8)];
    expect(lines(jump)).toMatch(/the front has a gap: between a 0\.6, b 0\.4 and a 0\.4, b 0\.6/);
  });
  test('a wide step between λ that lie far apart, as those of a search do, is no jump', () => {
    const uneven = [...experts, ...[0.8, 0.82, 0.84, 0.86].map((b) => soup(b, 4 - 3 * b, 1 + 3 * b))];
    expect(lines(uneven)).not.toContain('gap');
  });
  // the soup at (3, 3) comes nearest: 0.8 of a range of 4
  test('a MORL run beyond every soup', () => expect(lines([...healthy, point('morl', 'm', { a: 0.5, b: 0.5 }, 3.8, 3.8)])).toContain('1 MORL run lies beyond every soup: m by 0.2 of'));
  test('a dent that no linear preference chooses', () => {
    const dent = [...experts, soup(0.25, 3.5, 1.2), soup(0.5, 2.3, 2.3), soup(0.75, 1.2, 3.5)];
    expect(lines(dent)).toMatch(/the front is not convex: no linear preference chooses 1 of its 5 points/);
    // scaled, the experts are (1, 0) and (0, 1) and the middle (0.433, 0.433): 0.0667 short of 0.5; the others are 0.05 short
    expect(lines(dent)).toContain('deepest a 0.5, b 0.5, 0.0667 of the range below');
  });
});

describe('reward hacking', () => {
  const history = (of: (t: number) => { reward?: Record<string, number>; metric?: Record<string, number> }): TrainingHistory => ({
    name: 'fast', objective: 'velocity', rewards: { fast: 'velocity', calm: 'velocity - energy' },
    rows: Array.from({ length: 50 }, (_, k) => ({ step: k * 100, ...of(k / 49) })),
  });
  const noise = (t: number) => 0.02 * wave(Math.round(t * 49));
  test('a metric that nobody asked for falls while the reward rises', () => {
    const hacked = history((t) => ({ metric: { velocity: 2 * t + noise(t), energy: 1, alive: 1 - 0.5 * t + noise(t) }, reward: {} }));
    expect(lines(healthy, { histories: [hacked] })).toMatch(/^warning: fast: what it maximises \(velocity\) rose from 0\.1\d* to 1\.8\d* while the metric alive fell from 0\.9\d* to 0\.5\d*\. Try: /);
  });
  test('a metric that is better when it is lower counts where it rises, and not where it falls', () => {
    const drift = (perplexity: (t: number) => number, better?: 'higher' | 'lower') => ({ ...history((t) => ({ metric: { velocity: 2 * t + noise(t), perplexity: perplexity(t) + noise(t) } })), ...(better ? { better: { perplexity: better } } : {}) });
    expect(lines(healthy, { histories: [drift((t) => 1 + t, 'lower')] })).toMatch(/while the metric perplexity rose from 1\.\d* to 1\.\d*\. Try: put it into the reward/);
    expect(findings(healthy, { histories: [drift((t) => 2 - t, 'lower')] })).toEqual([]);
    expect(findings(healthy, { histories: [drift((t) => 1 + t, 'higher')] })).toEqual([]);
    expect(lines(healthy, { histories: [drift((t) => 2 - t)] })).toMatch(/perplexity fell .*Try: if that is worse, put it/);
  });
  test('metrics that rewards mention may fall: that is the trade-off', () => {
    expect(findings(healthy, { histories: [history((t) => ({ metric: { velocity: 2 * t + noise(t), energy: 1 - t } }))] })).toEqual([]);
  });
  test('another reward counts where it loses all that it had gained, not where it only falls', () => {
    const reward = (calm: (t: number) => number) => history((t) => ({ metric: { velocity: 2 * t + noise(t) }, reward: { fast: 2 * t, calm: calm(t) + noise(t) } }));
    expect(lines(healthy, { histories: [reward((t) => (t < 0.4 ? t : 0.4 - 2 * (t - 0.4)))] })).toContain('the reward calm fell from');
    expect(findings(healthy, { histories: [reward((t) => -t)] })).toEqual([]);
    expect(findings(healthy, { histories: [reward((t) => t)] })).toEqual([]);
  });
  test('noise, and a log that is too short, are no trend', () => {
    expect(findings(healthy, { histories: [history((t) => ({ metric: { velocity: noise(t), alive: noise(1 - t) } }))] })).toEqual([]);
    const short = history((t) => ({ metric: { velocity: t, alive: -t } }));
    expect(findings(healthy, { histories: [{ ...short, rows: short.rows.slice(0, 10) }] })).toEqual([]);
  });
});
