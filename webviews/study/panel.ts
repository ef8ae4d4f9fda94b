import * as l10n from '@vscode/l10n';
import { studyChartSpec } from '../../src/charts/study-chart';
import { isFlag, isObject } from '../../src/protocol/check';
import type { StudySnapshot } from '../../src/protocol/study';
import type { StudySection } from '../../src/studies/study';
import { progressBar } from '../kit/controls';
import { counts } from '../kit/counts';
import { element, setChildren, setText } from '../kit/element';
import { figure, type Figure, type FigureContent } from '../kit/figure';
import type { PanelContext, PanelDefinition } from '../kit/panel';
import { columnsOf } from './columns';
import { chartRows } from './chart-rows';
import { findingItem } from './finding';
import { progressText, stateText } from './words';

interface View {
  readonly isTableShown: boolean;
}
type Row = readonly string[];

/** What a study asks, what its cells answer so far, and a chart with its table for each of its sections. */
export const study: PanelDefinition<'study', View> = {
  kind: 'study',
  initial: { isTableShown: true },
  isView: isObject<View>({ isTableShown: isFlag }),
  create(context) {
    const figures = new Map<string, Figure<Row>>();
    const [title, question, state] = [element('h1', {}, l10n.t('Study')), element('p'), element('p', { class: 'muted', attributes: { role: 'status' } })];
    const progress = progressBar(l10n.t('Progress of the study'));
    const findings = element('ul', { class: 'findings', attributes: { 'aria-label': l10n.t('Findings') } });
    const grid = element('div', { class: 'figures stacked' });
    const figureOf = (heading: string): Figure<Row> => {
      const known = figures.get(heading);
      if (known) return known;
      const made = figure<Row>({
        fileName: heading.toLowerCase().replace(/[^a-z0-9]+/g, '-'),
        chart: context.chart,
        chartOptions: { height: (width) => (width < 600 ? 240 : 280), maxWidth: 900 },
        post: context.post,
        isTableShown: context.choices().isTableShown,
        onTableShown: (isTableShown) => context.choose({ isTableShown }),
      });
      figures.set(heading, made);
      return made;
    };
    return {
      element: element('div', {}, element('header', { class: 'panel-head' }, title, question, state), progress.element, findings, grid),
      update(snapshot) {
        setText(title, l10n.t('Study: {0}', snapshot.type));
        setText(question, snapshot.question);
        setText(state, stateText(snapshot));
        const working = progressText(snapshot);
        progress.element.hidden = working === null;
        progress.update(snapshot.points.done, snapshot.points.of, working ?? '');
        const { findings: found, sections } = snapshot.report ?? { findings: [], sections: [] };
        findings.hidden = found.length === 0;
        findings.replaceChildren(...found.map(findingItem));
        for (const [heading, drawn] of figures) {
          if (sections.some((section) => section.heading === heading)) continue;
          drawn.dispose();
          figures.delete(heading);
        }
        for (const section of sections) figureOf(section.heading).update(contentOf(section, snapshot, context));
        setChildren(grid, ...sections.map(({ heading }) => figureOf(heading).element));
      },
    };
  },
};

function contentOf({ heading, note, chart, table }: StudySection, { type }: StudySnapshot, { theme }: PanelContext<View>): FigureContent<Row> {
  return {
    title: heading,
    description: `${l10n.t('{0}, of the study {1}: {2}.', chart.title, type, counts.points(chart.points.length))} ${note}`,
    spec: (size) => studyChartSpec(chart, { theme: theme(), isInPanel: true, ...size }),
    note,
    columns: columnsOf(table),
    rows: table.slice(1),
    csv: () => chartRows(chart),
  };
}
