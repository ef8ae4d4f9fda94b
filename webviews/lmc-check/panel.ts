import * as l10n from '@vscode/l10n';
import type { LmcPoint, RewardLmc } from '../../src/analysis/results';
import { weightText, weightsText } from '../../src/analysis/simplex';
import { lmcCheckSpec } from '../../src/charts/lmc-check';
import { isTriangle, simplexSpec } from '../../src/charts/simplex';
import { isFlag, isObject, isOneOf } from '../../src/protocol/check';
import type { SnapshotOf } from '../../src/protocol/panels';
import { progressBar, segmented, type Choice } from '../kit/controls';
import { element, setChildren, setText } from '../kit/element';
import { figure, type Figure, type FigureContent } from '../kit/figure';
import { formatNumber, formatSigned } from '../kit/format';
import type { PanelContext, PanelDefinition } from '../kit/panel';
import { pointActions } from '../kit/point-actions';
import type { Column } from '../kit/table';
import { badgeOf, basis, headline, progressText, reason } from './verdict';

interface View {
  readonly show: Shown;
  readonly isTableShown: boolean;
}
type Shown = 'margins' | 'values';

const shownChoices: readonly Choice<Shown>[] = [{ value: 'margins', label: l10n.t('Margins') }, { value: 'values', label: l10n.t('Values') }];

/** Whether every soup lies on or above the chord between its experts, and what that answer rests on. */
export const lmcCheck: PanelDefinition<'lmc-check', View> = {
  kind: 'lmc-check',
  initial: { show: 'margins', isTableShown: false },
  isView: isObject<View>({ show: isOneOf('margins', 'values'), isTableShown: isFlag }),
  create(context) {
    const figures = new Map<string, Figure<LmcPoint>>();
    let latest: SnapshotOf['lmc-check'] | null = null;
    const verdict = element('div', { class: 'verdict', attributes: { role: 'status' } });
    const progress = progressBar(l10n.t('Progress of the sweep'));
    const reasons = element('ul', { class: 'reasons' });
    const grid = element('div', { class: 'figures' });
    const controls = element('div', { class: 'controls' }, segmented(l10n.t('Show'), shownChoices, context.choices().show, (show) => {
      context.choose({ show });
      draw();
    }));

    const draw = (): void => {
      if (latest === null) return;
      const { report, evaluated, planned, alpha } = latest;
      const rewards = Object.entries(report?.rewards ?? {});
      const text = headline(latest);
      if (verdict.firstElementChild?.textContent !== text) verdict.replaceChildren(badgeOf(latest), element('p', {}));
      setText(verdict.lastElementChild!, basis(latest));
      const pending = progressText(latest);
      progress.element.hidden = pending === null;
      if (pending !== null) progress.update(evaluated, planned, pending);
      setChildren(reasons, ...rewards.map(([name, reward], index) => {
        const line = reasons.children[index] ?? element('li');
        setText(line, reason(name, reward, alpha));
        return line;
      }));
      controls.hidden = reasons.hidden = rewards.length === 0;
      for (const [name, drawn] of figures) {
        if (rewards.some(([reward]) => reward === name)) continue;
        drawn.dispose();
        figures.delete(name);
      }
      for (const [name, reward] of rewards) figureOf(name).update(contentOf(name, reward, context));
      setChildren(grid, ...rewards.map(([name]) => figureOf(name).element));
    };
    const figureOf = (reward: string): Figure<LmcPoint> => {
      let drawn = figures.get(reward);
      if (!drawn) {
        drawn = figure<LmcPoint>({
          fileName: `lmc-${reward}`,
          chart: context.chart,
          chartOptions: { height: (width) => Math.round(Math.min(340, Math.max(230, width * 0.55))) },
          post: context.post,
          isTableShown: context.choices().isTableShown,
          onTableShown: (isTableShown) => context.choose({ isTableShown }),
          isMarked: (point) => latest?.report?.rewards[reward]?.worst.margin === point.margin,
          onPick: ({ weights }) => context.inspect({ weights }, true),
        });
        figures.set(reward, drawn);
      }
      return drawn;
    };
    return {
      element: element('div', {}, element('header', { class: 'panel-head' }, element('h1', {}, l10n.t('LMC check')), verdict, reasons), progress.element, controls, grid),
      update(snapshot) {
        latest = snapshot;
        draw();
      },
    };
  },
};

function contentOf(name: string, reward: RewardLmc, context: PanelContext<View>): FigureContent<LmcPoint> {
  const { show } = context.choices();
  const experts = [...new Set(reward.points.flatMap(({ weights }) => Object.keys(weights)))];
  const columns: Column<LmcPoint>[] = [
    // of two experts one weight says both
    ...experts.slice(experts.length === 2 ? 1 : 0).map((expert, index): Column<LmcPoint> => ({ title: `λ ${expert}`, value: ({ weights }) => weights[expert] ?? 0, text: ({ weights }) => weightText(weights[expert] ?? 0), isNumeric: true, isRowHeader: index === 0 })),
    { title: l10n.t('Soup'), value: ({ value }) => value, text: ({ value }) => formatNumber(value), isNumeric: true },
    { title: l10n.t('Chord'), value: ({ chord }) => chord, text: ({ chord }) => formatNumber(chord), isNumeric: true },
    { title: l10n.t('Margin'), value: ({ margin }) => margin, text: ({ margin }) => formatSigned(margin), isNumeric: true },
    { title: l10n.t('Interval'), value: ({ ci }) => ci?.[0] ?? null, text: ({ ci }) => (ci ? l10n.t('{0} to {1}', formatSigned(ci[0]), formatSigned(ci[1])) : '–'), isNumeric: true },
    { title: l10n.t('p below'), value: ({ pValue }) => pValue, text: ({ pValue }) => formatNumber(pValue), isNumeric: true },
    { title: l10n.t('after Holm'), value: ({ pAdjusted }) => pAdjusted, text: ({ pAdjusted }) => formatNumber(pAdjusted), isNumeric: true },
    ...pointActions<LmcPoint>(({ weights }) => ({ name: weightsText(weights), selection: { weights }, weights }), context),
  ];
  return {
    title: name,
    description: reason(name, reward),
    spec: (isTriangle(reward) ? simplexSpec : lmcCheckSpec)(name, reward, { theme: context.theme(), show, isInPanel: true, isPickable: context.hasCheckpoints() }),
    columns,
    rows: reward.points,
    csv: () => ({
      header: [...experts.map((expert) => `w:${expert}`), 'value', 'chord', 'margin', 'ci low', 'ci high', 'p', 'p after Holm'],
      rows: reward.points.map(({ weights, value, chord, margin, ci, pValue, pAdjusted }) => [...experts.map((expert) => weights[expert] ?? 0), value, chord, margin, ci?.[0] ?? null, ci?.[1] ?? null, pValue, pAdjusted]),
    }),
  };
}
