import * as l10n from '@vscode/l10n';
import { dominatingTexts } from '../../src/analysis/front-text';
import type { MeasuredMean } from '../../src/analysis/measured-mean';
import type { SearchAnswer } from '../../src/analysis/preference-search';
import type { FrontPoint, FrontReport } from '../../src/analysis/results';
import { pointText, weightsText } from '../../src/analysis/simplex';
import { frontSpec } from '../../src/charts/front';
import { isFlag, isObject, isText } from '../../src/protocol/check';
import type { PanelSelection, SnapshotOf } from '../../src/protocol/panels';
import { select } from '../kit/controls';
import { counts } from '../kit/counts';
import { element, setChildren, setText } from '../kit/element';
import { figure, type Figure, type FigureContent } from '../kit/figure';
import { formatConfidence, formatNumber } from '../kit/format';
import { measuredBasis, measuredText } from '../kit/measured';
import type { PanelContext, PanelDefinition } from '../kit/panel';
import { pointActions } from '../kit/point-actions';
import type { Column } from '../kit/table';
import { searchContent, type Trial } from './search';

interface View {
  /** rewards along x and y; the first two where they are not the results' */
  readonly x: string;
  readonly y: string;
  readonly isTableShown: boolean;
}

const kindNames: Readonly<Record<FrontPoint['kind'], string>> = { init: l10n.t('base'), expert: l10n.t('expert'), soup: l10n.t('soup'), morl: 'MORL' };

/** What can be had of two rewards at once, and which λ gives it. */
export const front: PanelDefinition<'front', View> = {
  kind: 'front',
  initial: { x: '', y: '', isTableShown: true },
  isView: isObject<View>({ x: isText, y: isText, isTableShown: isFlag }),
  create(context) {
    let latest: SnapshotOf['front'] = { report: null, rewards: [] };
    const choose = (change: Partial<View>): void => {
      context.choose(change);
      draw();
    };
    const volume = element('p', { attributes: { role: 'status' } });
    const [along, up] = [select<string>(l10n.t('Across'), (x) => choose({ x })), select<string>(l10n.t('Up'), (y) => choose({ y }))];
    const controls = element('div', { class: 'controls' }, along.element, up.element);
    const drawn = figure<FrontPoint>({
      fileName: 'front',
      chart: context.chart,
      chartOptions: { height: (width) => Math.round(Math.min(520, Math.max(260, width * 0.62))), maxWidth: 860 },
      post: context.post,
      isTableShown: context.choices().isTableShown,
      onTableShown: (isTableShown) => context.choose({ isTableShown }),
      onPick: (point) => context.inspect(selectionOf(point), true),
    });
    const searches = new Map<string, Figure<Trial>>();
    const searched = element('div', { class: 'figures stacked' }); // side by side their tables would be cut off
    const drawSearches = ({ searches: answers = [], alpha = 0.05 }: SnapshotOf['front']): void => {
      const wanted = new Map(answers.map((answer) => [answer.preference, answer]));
      for (const [preference, drawnSearch] of searches) {
        if (wanted.has(preference)) continue;
        drawnSearch.dispose();
        searches.delete(preference);
      }
      setChildren(searched, ...answers.map((answer, index) => {
        const known = searches.get(answer.preference) ?? searchFigure(context, `search-${index + 1}`, ({ name }) => name === answersOf(latest, answer.preference)?.name);
        searches.set(answer.preference, known);
        known.update(searchContent(answer, alpha, context));
        return known.element;
      }));
    };
    const draw = (): void => {
      const { report, rewards } = latest;
      drawSearches(latest);
      const isDrawable = report !== null && rewards.length > 1;
      setText(volume, describe(latest));
      controls.hidden = rewards.length <= 2;
      drawn.element.hidden = !isDrawable;
      if (!isDrawable) return;
      const [x, y] = chosenPair(rewards, context.choices());
      const options = rewards.map((reward) => ({ value: reward, label: reward }));
      along.update(options, x);
      up.update(options, y);
      drawn.update(contentOf({ ...latest, report }, [x, y], context));
    };
    return {
      element: element('div', {}, element('header', { class: 'panel-head' }, element('h1', {}, l10n.t('Pareto front')), volume), controls, drawn.element, searched),
      update(snapshot) {
        latest = snapshot;
        draw();
      },
    };
  },
};

function answersOf({ searches = [] }: SnapshotOf['front'], preference: string): SearchAnswer | undefined {
  return searches.find((answer) => answer.preference === preference);
}

function searchFigure(context: PanelContext<View>, fileName: string, isMarked: (trial: Trial) => boolean): Figure<Trial> {
  return figure<Trial>({
    fileName,
    chart: context.chart,
    chartOptions: { height: (width) => Math.round(Math.min(340, Math.max(230, width * 0.55))), maxWidth: 860 },
    post: context.post,
    isTableShown: context.choices().isTableShown,
    onTableShown: (isTableShown) => context.choose({ isTableShown }),
    isMarked,
    onPick: ({ weights }) => context.inspect({ weights }, true),
  });
}

/** A soup is found by its λ, what was trained by its name. */
function selectionOf({ kind, name, weights }: FrontPoint): PanelSelection {
  return kind === 'soup' && weights ? { weights } : { run: kind === 'init' ? 'base' : name };
}

/** The chosen two rewards; where a choice is not among the results, or both are one, the first that is free. */
function chosenPair(rewards: readonly string[], { x, y }: View): [string, string] {
  const first = rewards.includes(x) ? x : rewards[0]!;
  return [first, rewards.includes(y) && y !== first ? y : rewards.find((reward) => reward !== first)!];
}

/** Hypervolumes in words, or why there are none. */
export function describe({ report, rewards, alpha, intervals }: SnapshotOf['front']): string {
  if (report === null) return l10n.t('Nothing is evaluated yet: run the sweep of the experiment to measure experts and soups.');
  if (rewards.length < 2) return l10n.t('There is one reward only: a front needs two.');
  const { soup, morl } = report.hypervolume;
  const pending = intervals === undefined ? ` ${l10n.t('Intervals are being computed.')}` : '';
  const estimate = (value: number, ci: readonly [number, number] | null | undefined) => (ci ? l10n.t('{0} ({1} interval {2} to {3})', formatNumber(value), formatConfidence(alpha), formatNumber(ci[0]), formatNumber(ci[1])) : formatNumber(value));
  const reference = Object.entries(report.reference).map(([reward, value]) => `${reward} ${formatNumber(value)}`).join(', ');
  const covered = l10n.t('Soups and experts cover a hypervolume of {0} above {1}.', estimate(soup, intervals?.soup), reference);
  if (morl === null) return `${covered}${pending} ${l10n.t('No MORL run was evaluated to compare with.')}`;
  const alone = estimate(morl, intervals?.morl);
  return `${covered} ${morl > 0 ? l10n.t('MORL runs alone cover {0}, so soups reach {1} % of it.', alone, Math.round((100 * soup) / morl)) : l10n.t('MORL runs alone cover {0}.', alone)}${pending}`;
}

function contentOf({ report, rewards, measured = [], alpha }: SnapshotOf['front'] & { readonly report: FrontReport }, [x, y]: readonly [string, string], context: PanelContext<View>): FigureContent<FrontPoint> {
  const onFront = report.points.filter(({ dominated, kind }) => !dominated && kind !== 'init').length;
  const dominating = dominatingTexts(report);
  const means = new Map(report.points.map((point, index) => [point, measured[index]]));
  const meanOf = (point: FrontPoint, reward: string): MeasuredMean => means.get(point)?.[reward] ?? { mean: point.rewards[reward]!, ci: null, n: null };
  const columns: Column<FrontPoint>[] = [
    { title: l10n.t('Point'), value: pointText, isRowHeader: true },
    { title: l10n.t('Kind'), value: ({ kind }) => kindNames[kind] },
    ...rewards.map((reward): Column<FrontPoint> => ({ title: reward, value: ({ rewards: of }) => of[reward] ?? null, text: (point) => measuredText(meanOf(point, reward)), isNumeric: true })),
    { title: l10n.t('Dominated by'), value: (point) => dominating(point).join('; '), text: (point) => shortList(dominating(point)) },
    ...pointActions<FrontPoint>((point) => ({ name: pointText(point), selection: selectionOf(point), weights: point.kind === 'soup' ? point.weights : null }), context),
  ];
  return {
    title: l10n.t('{0} against {1}', y, x),
    description: l10n.t('{0} over {1} and {2}; {3} of them are dominated by no other.', counts.points(report.points.length), x, y, onFront),
    spec: (size) => frontSpec(report, [x, y], { theme: context.theme(), ...size, isInPanel: true, isPickable: context.hasCheckpoints() }),
    note: `${l10n.t('Filled points are on the front; hollow ones are dominated: another is as good in every reward and better in one. The line joins the front of {0} and {1} alone.', x, y)} ${measuredBasis(measured.flatMap((of) => Object.values(of)), alpha)}`.trim(),
    columns,
    rows: report.points,
    csv: () => ({ header: ['kind', 'name', 'weights', ...rewards.flatMap((reward) => [reward, `${reward} ci low`, `${reward} ci high`]), 'dominated by'], rows: report.points.map((point) => [point.kind, point.name, weightsText(point.weights), ...rewards.flatMap((reward) => [point.rewards[reward] ?? null, ...(meanOf(point, reward).ci ?? [null, null])]), point.dominatedBy.join('; ')]) }),
  };
}

function shortList(names: readonly string[]): string {
  return names.length === 0 ? '–' : names.length === 1 ? names[0]! : l10n.t('{0} and {1} more', names[0]!, names.length - 1);
}
