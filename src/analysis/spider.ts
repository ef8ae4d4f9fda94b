import { SoupError } from '../errors';
import type { ResultPoint, SpiderMap, SpiderSeries } from './results';
import type { Weights } from './simplex';

const sameWeights = (a: Weights, b: Weights) => [...new Set([...Object.keys(a), ...Object.keys(b)])].every((name) => Math.abs((a[name] ?? 0) - (b[name] ?? 0)) < 1e-6);

/** The evaluated soup at exactly these weights, or null: a value that was not measured is not shown. */
export function soupAt(points: readonly ResultPoint[], weights: Weights): ResultPoint | null {
  return points.find((point) => point.kind === 'soup' && point.weights !== null && sameWeights(point.weights, weights)) ?? null;
}

/**
 * Init, experts, MORL runs, the uniform soup and a chosen one over one axis a reward (Ramé et al. 2023, Figure 5); with
 * fewer than three rewards the metrics are axes too. A reward's axis runs from init (0; the worst expert where init was
 * not evaluated, or where no expert beats it) to the best of experts and init (1). A metric has no better end: its axis runs from its lowest to its highest value.
 * @throws SoupError when the results hold no expert
 */
export function spiderMap(points: readonly ResultPoint[], options: { readonly chosen?: Weights } = {}): SpiderMap {
  const experts = points.filter(({ kind }) => kind === 'expert');
  if (experts.length === 0) throw new SoupError('NoExpertsError', 'the results hold no expert: the spider map is scaled by them');
  const names = [...new Set(experts.flatMap(({ weights, name }) => (weights ? Object.keys(weights) : [name])))];
  const uniform = soupAt(points, Object.fromEntries(names.map((name) => [name, 1 / names.length])));
  const chosen = options.chosen ? soupAt(points, options.chosen) : null;
  const shown = [...points.filter(({ kind }) => kind === 'init'), ...experts, ...points.filter(({ kind }) => kind === 'morl'), ...(uniform ? [uniform] : []), ...(chosen && chosen !== uniform ? [chosen] : [])];

  const rewards = Object.keys(experts[0].rewards);
  const metrics = rewards.length < 3 ? Object.keys(experts[0].metrics ?? {}).filter((metric) => !rewards.includes(metric)) : [];
  const valueOf = (point: ResultPoint, name: string, isMetric: boolean) => (isMetric ? point.metrics?.[name]?.mean : point.rewards[name]?.mean) ?? NaN;
  const init = points.find(({ kind }) => kind === 'init');
  const axes = [...rewards.map((name) => ({ name, isMetric: false })), ...metrics.map((name) => ({ name, isMetric: true }))].map(({ name, isMetric }) => {
    const values = (isMetric ? shown : experts).map((point) => valueOf(point, name, isMetric)).filter(Number.isFinite);
    const best = Math.max(...values);
    const start = !isMetric && init ? valueOf(init, name, false) : NaN;
    // an init that no expert beats cannot be the low end: the axis would point inwards
    if (start >= best) return { name, isMetric, low: Math.min(...values), high: start };
    return { name, isMetric, low: Number.isFinite(start) ? start : Math.min(...values), high: best };
  });
  const series = shown.map((point): SpiderSeries => {
    const values = axes.map(({ name, isMetric }) => [name, valueOf(point, name, isMetric)] as const);
    const normalised = axes.map(({ name, low, high }, index) => [name, high === low ? 1 : (values[index][1] - low) / (high - low)] as const);
    return { kind: point.kind, name: point === uniform ? 'uniform soup' : point.name, weights: point.weights, values: Object.fromEntries(values), normalised: Object.fromEntries(normalised) };
  });
  return { axes, series };
}
