import * as l10n from '@vscode/l10n';
import type { CurvePoint } from '../../src/charts/reward-curves';
import type { CurveAxis, CurveLine, CurveRun } from '../../src/protocol/panels';

export type Axis = CurveAxis;

/**
 * Exponential moving average with the bias of its start taken out, as TensorBoard draws it:
 * m_t = s·m_{t−1} + (1 − s)·v_t, shown as m_t / (1 − s^t). Values that are not finite are passed over.
 * @param smoothing s in [0, 1); 0 leaves the values as they are
 */
export function smooth(values: readonly number[], smoothing: number): number[] {
  let mean = 0;
  let weight = 0;
  return values.map((value) => {
    if (!Number.isFinite(value)) return value;
    mean = smoothing * mean + (1 - smoothing) * value;
    weight = smoothing * weight + (1 - smoothing);
    return mean / weight;
  });
}

/** Points of one logged quantity over all runs that log it, along the chosen axis. */
export function curvePoints(runs: readonly CurveRun[], quantity: string, axis: Axis, smoothing: number): Required<Pick<CurvePoint, 'run' | 'x' | 'y' | 'raw'>>[] {
  return runs.flatMap((run) => {
    const line = run.lines[quantity];
    if (!line) return [];
    const along = axisOf(line, axis);
    const smoothed = smooth(line.value, smoothing);
    return line.value.flatMap((raw, index) => (Number.isFinite(raw) ? [{ run: run.name, x: along[index]!, y: smoothed[index]!, raw }] : []));
  });
}

/** The drawn value of each run at a place of the axis: that of its nearest point, where the run has come so far. Points run by run, along the axis. */
export function valuesAt(points: readonly { readonly run: string; readonly x: number; readonly y: number }[], x: number): { readonly run: string; readonly y: number }[] {
  const runs = new Map<string, { first: number; last: number; count: number; nearest: { readonly x: number; readonly y: number } }>();
  for (const point of points) {
    const seen = runs.get(point.run);
    if (!seen) {
      runs.set(point.run, { first: point.x, last: point.x, count: 1, nearest: point });
      continue;
    }
    seen.last = point.x;
    seen.count++;
    if (Math.abs(point.x - x) < Math.abs(seen.nearest.x - x)) seen.nearest = point;
  }
  return [...runs].flatMap(([run, { first, last, count, nearest }]) => {
    const spacing = (last - first) / Math.max(1, count - 1);
    return x < first - spacing || x > last + spacing ? [] : [{ run, y: nearest.y }];
  });
}

/** Where along the axis a line's points lie; steps stand in for samples that a trainer does not log. */
export function axisOf(line: CurveLine, axis: Axis): readonly number[] {
  return axis === 'samples' ? (line.samples ?? line.step) : line[axis];
}

/** A group of quantities that are drawn together: `reward.*` is one, and so is everything that has no prefix. */
export interface QuantityGroup {
  readonly name: string;
  readonly label: string;
  readonly quantities: readonly string[];
}

const groupLabels: Readonly<Record<string, string>> = { reward: l10n.t('Rewards'), metric: l10n.t('Metrics'), loss: l10n.t('Losses'), throughput: l10n.t('Throughput'), memory: l10n.t('Memory'), kl: l10n.t('KL divergence'), lr: l10n.t('Learning rate') };

/** Groups of what any run has logged, rewards first and in the experiment's order. */
export function quantityGroups(logged: readonly string[], rewards: readonly string[]): QuantityGroup[] {
  const known = new Map<string, Set<string>>([['reward', new Set(rewards.map((reward) => `reward.${reward}`))]]);
  for (const quantity of logged) {
    const group = quantity.split('.', 1)[0]!;
    known.set(group, (known.get(group) ?? new Set()).add(quantity));
  }
  const order = Object.keys(groupLabels);
  const rank = (group: string): number => (order.includes(group) ? order.indexOf(group) : order.length);
  return [...known]
    .filter(([, quantities]) => quantities.size > 0)
    .map(([name, quantities]) => ({ name, label: groupLabels[name] ?? name, quantities: [...quantities] }))
    .sort((a, b) => rank(a.name) - rank(b.name));
}

/** A quantity in words: `reward.risky` is the reward "risky", `kl` is the KL divergence. */
export function quantityTitle(quantity: string): string {
  const [group, ...rest] = quantity.split('.');
  if (rest.length === 0) return groupLabels[quantity] ?? quantity;
  return group === 'loss' ? l10n.t('{0} loss', rest.join('.')) : rest.join('.');
}

/** What the table says of a run: where the curve stands now, and its best. */
export interface CurveSummary {
  readonly run: CurveRun;
  readonly x: number | null;
  readonly last: number | null;
  readonly smoothed: number | null;
  readonly best: number | null;
}

/** Last, smoothed and best value of each run. Best is the largest: rewards are maximised. */
export function summarise(runs: readonly CurveRun[], quantity: string, axis: Axis, smoothing: number): CurveSummary[] {
  return runs.filter((run) => run.lines[quantity]).map((run) => {
    const points = curvePoints([run], quantity, axis, smoothing);
    const end = points.at(-1);
    return { run, x: end?.x ?? null, last: end?.raw ?? null, smoothed: end?.y ?? null, best: points.length === 0 ? null : points.reduce((best, { raw }) => Math.max(best, raw), -Infinity) };
  });
}
