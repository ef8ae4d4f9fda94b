import { SoupError } from '../errors';
import type { PointKind, ResultPoint, SpiderMap, SpiderSeries } from './results';
import { sameWeights, vertexOf, weightsText, type Weights } from './simplex';

/** metrics that a map has room for beside the rewards */
const metricRoom = 8;

/** The evaluated soup at exactly these weights, or null: a value that was not measured is not shown. */
export function soupAt(points: readonly ResultPoint[], weights: Weights): ResultPoint | null {
  return points.find((point) => point.kind === 'soup' && point.weights !== null && sameWeights(point.weights, weights)) ?? null;
}

/** λ with equal weight for each expert of the results. @throws SoupError when the results hold no expert */
export function uniformWeights(points: readonly ResultPoint[]): Weights {
  const names = [...new Set(expertsOf(points).flatMap(({ weights, name }) => (weights ? Object.keys(weights) : [name])))];
  return Object.fromEntries(names.map((name) => [name, 1 / names.length]));
}

/**
 * Init, experts, MORL runs, the uniform soup and a chosen one over one axis a reward (Ramé et al. 2023, Figure 5); with
 * fewer than three rewards the metrics are axes too, of many those that tell the points apart best. Everywhere 0 is init
 * (the worst expert where init was not evaluated). On a reward's axis 1 is the best expert. A metric has no better end, and a reward that no expert improves
 * has none either: there 1 is as far from 0 as any point gets, and outwards is more. Nothing is inverted or cut off:
 * below init is negative.
 * @throws SoupError when the results hold no expert
 */
export function spiderMap(points: readonly ResultPoint[], options: { readonly chosen?: Weights; readonly isMorlShown?: boolean } = {}): SpiderMap {
  const experts = expertsOf(points);
  const uniform = soupAt(points, uniformWeights(points));
  const chosen = options.chosen ? soupAt(points, options.chosen) : null;
  const ofKind = (kind: PointKind) => points.filter((point) => point.kind === kind);
  const shown = [...ofKind('init'), ...experts, ...(options.isMorlShown === false ? [] : ofKind('morl')), ...(uniform ? [uniform] : []), ...(chosen && chosen !== uniform ? [chosen] : [])];

  const rewards = Object.keys(experts[0].rewards);
  const measuredMetrics = rewards.length < 3 ? Object.keys(experts[0].metrics ?? {}).filter((metric) => !rewards.includes(metric)) : [];
  const metrics = tellingMetrics(points, measuredMetrics);
  const valueOf = (point: ResultPoint, name: string, isMetric: boolean) => (isMetric ? point.metrics?.[name]?.mean : point.rewards[name]?.mean) ?? NaN;
  const axes = [...rewards.map((name) => ({ name, isMetric: false })), ...metrics.map((name) => ({ name, isMetric: true }))].map(({ name, isMetric }) => {
    const measured = (among: readonly ResultPoint[]) => among.map((point) => valueOf(point, name, isMetric)).filter(Number.isFinite);
    const low = measured(ofKind('init')).at(0) ?? Math.min(...measured(experts));
    const gain = Math.max(...measured(experts)) - low;
    const span = !isMetric && gain > 0 ? gain : Math.max(...measured(points).map((value) => Math.abs(value - low)));
    return { name, isMetric, low, high: low + span };
  });
  const normalise = (point: ResultPoint) => axes.map(({ name, isMetric, low, high }) => [name, (valueOf(point, name, isMetric) - low) / (high - low || 1)] as const);
  const series = shown.map((point): SpiderSeries => ({
    kind: point.kind,
    name: nameOf(point, point === uniform),
    weights: point.weights,
    values: Object.fromEntries(axes.map(({ name, isMetric }) => [name, valueOf(point, name, isMetric)])),
    normalised: Object.fromEntries(normalise(point)),
  }));
  const all = points.flatMap((point) => normalise(point).map(([, value]) => value)).filter(Number.isFinite);
  return { axes, omittedMetrics: measuredMetrics.length - metrics.length, series, range: [Math.min(...all), Math.max(...all)] };
}

/** The metrics whose means lie furthest apart, counted in their usual standard error; all where a map has room for them. In their own order. */
function tellingMetrics(points: readonly ResultPoint[], metrics: readonly string[]): readonly string[] {
  if (metrics.length <= metricRoom) return metrics;
  const separation = (metric: string): number => {
    const measured = points.flatMap((point) => point.metrics?.[metric] ?? []).filter(({ mean }) => Number.isFinite(mean));
    const means = measured.map(({ mean }) => mean);
    const noise = measured.reduce((sum, { stderr = 0 }) => sum + stderr, 0) / measured.length;
    return means.length === 0 ? 0 : (Math.max(...means) - Math.min(...means)) / (noise || Number.EPSILON);
  };
  const separations = new Map(metrics.map((metric) => [metric, separation(metric)]));
  const kept = new Set([...metrics].sort((a, b) => separations.get(b)! - separations.get(a)!).slice(0, metricRoom));
  return metrics.filter((metric) => kept.has(metric));
}

/** Points of kind expert; in tables made elsewhere an expert may stand as the soup with all of its weight. */
function expertsOf(points: readonly ResultPoint[]): ResultPoint[] {
  const experts = points.filter(({ kind }) => kind === 'expert');
  const named = new Set(experts.map(({ weights, name }) => (weights && vertexOf(weights)) ?? name));
  const corners = points.filter(({ kind, weights }) => kind === 'soup' && weights !== null && vertexOf(weights) !== null && !named.has(vertexOf(weights)!));
  if (experts.length + corners.length === 0) throw new SoupError('NoExpertsError', 'the results hold no expert: the spider map is scaled by them');
  return [...experts, ...corners];
}

function nameOf({ kind, name, weights }: ResultPoint, isUniform: boolean): string {
  if (isUniform) return 'uniform soup';
  if (kind === 'init') return 'base';
  const expert = weights && vertexOf(weights);
  if (kind === 'expert' || (kind === 'soup' && expert)) return expert ?? name;
  return weights ? `${kind === 'morl' ? 'MORL' : 'soup'} ${weightsText(weights)}` : name;
}
