import * as l10n from '@vscode/l10n';
import type { ResultPoint, SpiderSeries } from '../../src/analysis/results';
import { vertexOf, weightsText, type Weights } from '../../src/analysis/simplex';
import { soupAt, spiderMap, uniformWeights } from '../../src/analysis/spider';
import { offScale, spiderMapSpec, spiderNote } from '../../src/charts/spider-map';
import { isFlag, isNullOr, isNumber, isObject, isRecordOf } from '../../src/protocol/check';
import type { SnapshotOf } from '../../src/protocol/panels';
import { button, checkbox, select, slider } from '../kit/controls';
import { counts } from '../kit/counts';
import { element, setText } from '../kit/element';
import { figure } from '../kit/figure';
import { formatNumber } from '../kit/format';
import type { PanelDefinition } from '../kit/panel';
import type { Column } from '../kit/table';

interface View {
  /** chosen λ by expert; the uniform one where null or not among the results */
  readonly chosen: Weights | null;
  readonly isMorlShown: boolean;
  readonly isTableShown: boolean;
}

/** Base, experts, the uniform soup and a chosen one over every reward at once. */
export const spiderMapPanel: PanelDefinition<'spider-map', View> = {
  kind: 'spider-map',
  initial: { chosen: null, isMorlShown: true, isTableShown: true },
  isView: isObject<View>({ chosen: isNullOr(isRecordOf(isNumber)), isMorlShown: isFlag, isTableShown: isFlag }),
  create(context) {
    let points: SnapshotOf['spider-map']['points'] = [];
    let offered: readonly (ResultPoint & { readonly weights: Weights })[] = [];
    const choose = (change: Partial<View>): void => {
      context.choose(change);
      draw();
    };
    const chooseSoup = (chosen: Weights | null): void => {
      choose({ chosen });
      if (chosen) context.inspect({ weights: chosen }, false);
    };
    const note = element('p', { attributes: { role: 'status' } });
    const beyond = element('p', { class: 'remark' });
    const along = slider(l10n.t('λ of the chosen soup'), (index) => chooseSoup(offered[index]?.weights ?? null));
    const among = select<string>(l10n.t('Chosen soup'), (index) => chooseSoup(offered[Number(index)]?.weights ?? null));
    const morl = checkbox(l10n.t('Show MORL runs'), context.choices().isMorlShown, (isMorlShown) => choose({ isMorlShown }));
    const create = button({ label: l10n.t('Create Soup…'), isPrimary: true, onClick: () => context.post({ type: 'create-soup', weights: chosenOf(offered, context.choices().chosen, points).weights }) });
    const controls = element('div', { class: 'controls' }, along.element, among.element, morl, create);
    const drawn = figure<SpiderSeries>({
      fileName: 'spider-map',
      chart: context.chart,
      chartOptions: { height: (width) => Math.round(Math.min(560, Math.max(380, width * 0.8))), maxWidth: 720 },
      post: context.post,
      isTableShown: context.choices().isTableShown,
      onTableShown: (isTableShown) => context.choose({ isTableShown }),
    });

    const draw = (): void => {
      offered = chooseable(points);
      const state = stateText(points, offered.length);
      const isDrawable = state === null;
      controls.hidden = drawn.element.hidden = !isDrawable;
      beyond.hidden = true;
      setText(note, state ?? '');
      if (!isDrawable) return;
      const { chosen, isMorlShown } = context.choices();
      const current = chosenOf(offered, chosen, points);
      const index = offered.indexOf(current);
      const isLine = Object.keys(current.weights).length === 2;
      along.element.hidden = !isLine;
      among.element.hidden = isLine;
      create.hidden = !context.hasCheckpoints();
      morl.hidden = !points.some(({ kind }) => kind === 'morl');
      along.update({ minimum: 0, maximum: offered.length - 1, step: 1, value: index, text: weightsText(current.weights) });
      if (!isLine) among.update(offered.map(({ weights }, position) => ({ value: String(position), label: weightsText(weights) })), String(index));

      const map = spiderMap(points, { chosen: current.weights, isMorlShown });
      setText(note, spiderNote(map));
      const outside = offScale(map);
      beyond.hidden = outside.length === 0;
      setText(beyond, outside.map(({ series, axis, value }) => l10n.t('{0} has {1} {2}, beyond the chart: drawn hollow at its edge.', series, axis, formatNumber(value))).join(' '));
      const columns: Column<SpiderSeries>[] = [
        { title: l10n.t('Point'), value: ({ name }) => name, isRowHeader: true },
        ...map.axes.map((axis): Column<SpiderSeries> => ({ title: axis.isMetric ? l10n.t('{0} (metric)', axis.name) : axis.name, value: ({ values }) => values[axis.name] ?? null, text: ({ values }) => formatNumber(values[axis.name]), isNumeric: true })),
      ];
      drawn.update({
        title: l10n.t('{0} over {1} axes', counts.points(map.series.length), map.axes.length),
        description: `${l10n.t('Spider map of {0} over {1}.', map.series.map(({ name }) => name).join(', '), map.axes.map(({ name }) => name).join(', '))} ${spiderNote(map)}`,
        spec: spiderMapSpec(map, { theme: context.theme(), isInPanel: true }),
        columns,
        rows: map.series,
        csv: () => ({
          header: ['point', 'kind', 'weights', ...map.axes.flatMap(({ name }) => [name, `${name} (normalised)`])],
          rows: map.series.map((series) => [series.name, series.kind, weightsText(series.weights), ...map.axes.flatMap(({ name }) => [series.values[name] ?? null, series.normalised[name] ?? null])]),
        }),
      });
    };
    return {
      element: element('div', {}, element('header', { class: 'panel-head' }, element('h1', {}, l10n.t('Spider map')), note), controls, beyond, drawn.element),
      update(snapshot) {
        points = snapshot.points;
        draw();
      },
    };
  },
};

/** Measured soups between experts; of two experts in the order of the second's weight. */
function chooseable(points: readonly ResultPoint[]): (ResultPoint & { readonly weights: Weights })[] {
  const soups = points.filter((point): point is ResultPoint & { readonly weights: Weights } => point.kind === 'soup' && point.weights !== null && vertexOf(point.weights) === null);
  const second = Object.keys(soups[0]?.weights ?? {})[1];
  return second && Object.keys(soups[0]!.weights).length === 2 ? soups.sort((a, b) => a.weights[second]! - b.weights[second]!) : soups;
}

/** The chosen soup, else the uniform one, else that in the middle of the list. */
function chosenOf<P extends ResultPoint>(offered: readonly P[], chosen: Weights | null, points: readonly ResultPoint[]): P {
  const wanted = (chosen && soupAt(offered, chosen)) ?? soupAt(offered, uniformWeights(points));
  return offered.find((point) => point === wanted) ?? offered[offered.length >> 1]!;
}

/** Why there is nothing to draw; null where there is. */
function stateText(points: readonly ResultPoint[], soups: number): string | null {
  const hasExpert = points.some(({ kind, weights }) => kind === 'expert' || (weights !== null && vertexOf(weights) !== null));
  if (!hasExpert) return l10n.t('No expert is evaluated yet: run the sweep of the experiment. The map is scaled by the experts.');
  return soups === 0 ? l10n.t('No soup is evaluated yet: the map appears with the first one.') : null;
}
