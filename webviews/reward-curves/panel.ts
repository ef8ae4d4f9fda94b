import * as l10n from '@vscode/l10n';
import { lineStyle, rewardCurvesSpec, type LineStyle } from '../../src/charts/reward-curves';
import { isFlag, isFraction, isListOf, isObject, isOneOf, isSuch, isText } from '../../src/protocol/check';
import type { CurveRun, CurveView, SnapshotOf } from '../../src/protocol/panels';
import { checkbox, segmented, select, slider, type Choice } from '../kit/controls';
import { element, setChildren, setText } from '../kit/element';
import { figure, type Figure, type FigureContent } from '../kit/figure';
import { formatNumber } from '../kit/format';
import type { PanelContext, PanelDefinition } from '../kit/panel';
import type { Column } from '../kit/table';
import { axisOf, curvePoints, quantityGroups, quantityTitle, smooth, summarise, type Axis, type CurveSummary, type QuantityGroup } from './curves';
import { legend } from './legend';
import { shownRange } from './outliers';
import { readingLine, sharedCursor } from './shared-cursor';

interface View {
  readonly group: string;
  readonly axis: Axis;
  readonly smoothing: number;
  /** single spikes do not stretch the y axis */
  readonly isClipped: boolean;
  /** runs that are shown alone; all where empty */
  readonly pinned: readonly string[];
  readonly isTableShown: boolean;
}

const axes: readonly Choice<Axis>[] = [{ value: 'step', label: l10n.t('Steps') }, { value: 'samples', label: l10n.t('Samples') }, { value: 'seconds', label: l10n.t('Time') }];
const axisTitles: Readonly<Record<Axis, string>> = { step: l10n.t('steps of training'), samples: l10n.t('samples seen'), seconds: l10n.t('seconds of training') };

const zoomRestMs = 250;

/** The group that is shown: the chosen one, or the first where it has not been logged. */
function groupOf({ quantities, rewards }: SnapshotOf['reward-curves'], wanted: string): QuantityGroup | undefined {
  const known = quantityGroups(quantities, rewards);
  return known.find(({ name }) => name === wanted) ?? known[0];
}

/** Whether a sweep measures these quantities as well. */
function isEvaluatedToo(group: QuantityGroup | undefined): boolean {
  return group?.name === 'reward' || group?.name === 'metric';
}

/** Every reward of every run while it trains: the cross-rewards are what a soup trades off. */
export const rewardCurves: PanelDefinition<'reward-curves', View> = {
  kind: 'reward-curves',
  initial: { group: 'reward', axis: 'step', smoothing: 0, isClipped: true, pinned: [], isTableShown: false },
  isView: isObject<View>({ group: isText, axis: isOneOf('step', 'samples', 'seconds'), smoothing: isSuch(isFraction, (share) => share < 1), isClipped: isFlag, pinned: isListOf(isText), isTableShown: isFlag }),
  create(context) {
    const figures = new Map<string, Figure<CurveSummary>>();
    const cursor = sharedCursor(() => axisTitles[context.choices().axis]);
    const order: string[] = []; // as first seen, so that a run keeps its style when others begin
    let latest: SnapshotOf['reward-curves'] = { runs: [], rewards: [], quantities: [], unread: 0 };
    let range: CurveView['range'] = null;
    let asked = JSON.stringify({ group: 'reward', axis: 'step', range } satisfies CurveView);
    const styleOf = (run: string): LineStyle => lineStyle(order.indexOf(run), context.theme());
    /** The host sends what is looked at; a zoom that still moves is asked for when it rests. */
    const ask = (view: CurveView): void => {
      const text = JSON.stringify(view);
      if (text === asked) return;
      asked = text;
      context.post({ type: 'view', view });
    };
    let resting: ReturnType<typeof setTimeout> | undefined;
    const zoomed = (value: unknown): void => {
      const shown = (value as { readonly x?: readonly number[] } | null)?.x;
      range = shown?.length === 2 ? [Math.min(...shown), Math.max(...shown)] : null;
      clearTimeout(resting);
      resting = setTimeout(() => ask({ group: asGroup(context.choices().group), axis: context.choices().axis, range }), zoomRestMs);
    };
    const asGroup = (wanted: string): string => groupOf(latest, wanted)?.name ?? wanted;
    const choose = (change: Partial<View>): void => {
      context.choose(change);
      draw();
    };

    const groups = select<string>(l10n.t('Show'), (group) => choose({ group }));
    const smoothing = slider(l10n.t('Smoothing'), (value) => choose({ smoothing: value }));
    const along = segmented(l10n.t('Along'), axes, context.choices().axis, (axis) => {
      range = null;
      choose({ axis });
    });
    const clipping = checkbox(l10n.t('Clip outliers'), context.choices().isClipped, (isClipped) => choose({ isClipped }));
    const controls = element('div', { class: 'controls' }, groups.element, along, smoothing.element, clipping);
    const reading = element('p', { class: 'notice', attributes: { role: 'status', hidden: true } });
    const onPin = (pinned: readonly string[]): void => {
      choose({ pinned });
      if (pinned.length === 1) context.inspect({ run: pinned[0]! }, false);
    };
    const runList = legend({ onPin, onLog: (run) => context.post({ type: 'open-log', run }) });
    const empty = element('p', { class: 'empty', attributes: { role: 'status' } }, l10n.t('No run has logged anything yet. The curves appear with the first lines of metrics.jsonl.'));
    const origin = element('p', { class: 'remark' }, l10n.t('Logged while training, on what each policy sampled with its exploration. The sweep measures the trained policies anew, on seeds or prompts that all points share and in control tasks without exploration: its values differ from where these curves end.'));
    const grid = element('div', { class: 'figures' });

    const draw = (): void => {
      const view = context.choices();
      const known = quantityGroups(latest.quantities, latest.rewards);
      const group = groupOf(latest, view.group);
      const hasLogged = latest.quantities.length > 0;
      reading.hidden = latest.unread === 0;
      setText(reading, l10n.t('Reading the logs: {0} % so far.', Math.floor(100 * (1 - latest.unread))));
      empty.hidden = hasLogged;
      controls.hidden = grid.hidden = !hasLogged;
      runList.update(latest.runs, view.pinned, styleOf);
      origin.hidden = !hasLogged || !isEvaluatedToo(group);
      if (!group || !hasLogged) return;
      ask({ group: group.name, axis: view.axis, range });
      groups.update(known.map(({ name, label }) => ({ value: name, label })), group.name);
      smoothing.update({ minimum: 0, maximum: 0.95, step: 0.05, value: view.smoothing, text: view.smoothing === 0 ? l10n.t('none') : view.smoothing.toFixed(2) });
      const shown = latest.runs.filter(({ name }) => !latest.runs.some((run) => view.pinned.includes(run.name)) || view.pinned.includes(name));
      for (const [quantity, drawn] of figures) {
        if (group.quantities.includes(quantity)) continue;
        drawn.dispose();
        figures.delete(quantity);
        cursor.remove(quantity);
      }
      for (const quantity of group.quantities) {
        figureOf(quantity).update(contentOf(quantity, shown, order, view, context));
        cursor.update(quantity, curvePoints(shown, quantity, view.axis, view.smoothing));
      }
      setChildren(grid, ...group.quantities.map((quantity) => figureOf(quantity).element));
    };
    const figureOf = (quantity: string): Figure<CurveSummary> => {
      let drawn = figures.get(quantity);
      if (!drawn) {
        const line = readingLine();
        drawn = figure<CurveSummary>({
          fileName: quantity,
          chart: context.chart,
          chartOptions: {
            height: (width) => Math.round(Math.min(300, Math.max(180, width * 0.5))),
            signals: ['zoom'],
            onSignal: (_, value) => zoomed(value),
            onPointer: (x) => cursor.point(x),
          },
          below: line,
          post: context.post,
          isTableShown: context.choices().isTableShown,
          onTableShown: (isTableShown) => context.choose({ isTableShown }),
        });
        cursor.add(quantity, drawn, line);
        figures.set(quantity, drawn);
      }
      return drawn;
    };
    return {
      element: element('div', {}, element('header', { class: 'panel-head' }, element('h1', {}, l10n.t('Reward curves'))), runList.element, controls, origin, reading, empty, grid),
      update(snapshot) {
        latest = snapshot;
        for (const { name } of latest.runs) if (!order.includes(name)) order.push(name);
        draw();
      },
    };
  },
};

function contentOf(quantity: string, runs: readonly CurveRun[], order: readonly string[], { axis, smoothing, isClipped }: View, context: PanelContext<View>): FigureContent<CurveSummary> {
  const title = quantityTitle(quantity);
  const xTitle = axisTitles[axis];
  const summaries = summarise(runs, quantity, axis, smoothing);
  const columns: Column<CurveSummary>[] = [
    { title: l10n.t('Run'), value: ({ run }) => run.name, isRowHeader: true },
    { title: l10n.t('State'), value: ({ run }) => run.state },
    { title: xTitle, value: ({ x }) => x, text: ({ x }) => (x === null ? '–' : Math.round(x).toLocaleString('en')), isNumeric: true },
    { title: l10n.t('Last'), value: ({ last }) => last, text: ({ last }) => formatNumber(last), isNumeric: true },
    ...(smoothing > 0 ? [{ title: l10n.t('Smoothed'), value: ({ smoothed }: CurveSummary) => smoothed, text: ({ smoothed }: CurveSummary) => formatNumber(smoothed), isNumeric: true }] : []),
    { title: l10n.t('Highest'), value: ({ best }) => best, text: ({ best }) => formatNumber(best), isNumeric: true },
  ];
  const points = curvePoints(runs, quantity, axis, smoothing);
  const shown = shownRange(points.map(({ raw }) => raw));
  const within = (value: number): number => (isClipped ? Math.min(shown.high, Math.max(shown.low, value)) : value);
  const drawn = points.map(({ run, x, y, raw }) => ({ run, x, y: within(y), raw: within(raw), value: y, logged: raw }));
  return {
    title,
    note: isClipped && shown.outside > 0 ? l10n.t('{0} of {1} points lie outside and are drawn at the edge.', shown.outside.toLocaleString('en'), points.length.toLocaleString('en')) : '',
    description: l10n.t('{0} along {1}: {2}.', title, xTitle, summaries.map(({ run, last }) => `${run.name} ${formatNumber(last)}`).join(', ')),
    spec: rewardCurvesSpec(title, drawn, { theme: context.theme(), runs: order, xTitle, isSmoothed: smoothing > 0, isInPanel: true }),
    columns,
    rows: summaries,
    csv: () => ({ header: ['run', 'step', 'samples', 'seconds', 'value', 'smoothed'], rows: runs.flatMap((run) => curveRows(run, quantity, smoothing)) }),
  };
}

/** Every point that is drawn, for the CSV. */
function curveRows(run: CurveRun, quantity: string, smoothing: number): (string | number)[][] {
  const line = run.lines[quantity];
  if (!line) return [];
  const smoothed = smooth(line.value, smoothing);
  return line.value.map((value, index) => [run.name, line.step[index]!, axisOf(line, 'samples')[index]!, line.seconds[index]!, value, smoothed[index]!]);
}
