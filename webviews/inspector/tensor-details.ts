import * as l10n from '@vscode/l10n';
import { histogramSpec, type HistogramBin } from '../../src/charts/histogram';
import type { FromPanel } from '../../src/protocol/panels';
import type { FromInspector, InspectedTensor, ToInspector } from '../../src/protocol/inspector';
import type { ChartFactory } from '../kit/chart';
import { element, setText } from '../kit/element';
import { figure } from '../kit/figure';
import { formatBytes, formatSignificant } from '../kit/format';
import { shapeText } from '../kit/tensor-search';
import { readTheme } from '../kit/theme';
import { factList } from './facts';

type Statistics = Extract<ToInspector, { readonly type: 'statistics' }>['result'];
type HistogramResult = Extract<ToInspector, { readonly type: 'histogram' }>['result'];

export interface TensorDetails {
  readonly element: HTMLElement;
  show(tensor: InspectedTensor | null, statistics: Statistics | undefined): void;
  receiveStatistics(tensor: string, statistics: Statistics): void;
  receiveHistogram(tensor: string, histogram: HistogramResult): void;
  /** Nothing is computed any more: says so of what has not come. */
  rest(): void;
  /** Draws again in the theme of now. */
  redraw(): void;
}

/** One tensor: its statistics, and how its values spread. */
export function tensorDetails(post: (message: FromInspector) => void, chart: ChartFactory): TensorDetails {
  let shown: InspectedTensor | null = null;
  let histogram: HistogramResult | null = null;
  let hasStatistics = false;
  const title = element('h2');
  const facts = element('div');
  const note = element('p', { class: 'hint', attributes: { role: 'status' } });
  const drawn = figure<HistogramBin>({
    fileName: 'histogram',
    chart,
    chartOptions: { height: () => 150, maxWidth: 700 },
    post: (message: FromPanel) => void (message.type === 'export' && post(message)),
    isTableShown: false,
    onTableShown: () => undefined,
  });
  const section = element('section', { attributes: { hidden: true, 'aria-label': l10n.t('Chosen tensor') } }, title, facts, note, drawn.element);

  const drawFacts = (statistics: Statistics | undefined, waiting = l10n.t('being read…')): void => {
    hasStatistics = statistics !== undefined;
    facts.replaceChildren(factList(shown === null ? [] : tensorFacts(shown, statistics, waiting)));
  };
  const draw = (): void => {
    const bins = histogram !== null && 'counts' in histogram ? binsOf(histogram) : [];
    drawn.element.hidden = bins.length === 0;
    setText(note, histogram === null ? l10n.t('Counting its values…') : 'error' in histogram ? histogram.error : histogram.outside > 0 ? l10n.t('{0} values are NaN or infinite and stand in no bin.', histogram.outside.toLocaleString('en')) : '');
    if (bins.length === 0 || shown === null) return;
    drawn.update({
      title: l10n.t('Values'),
      description: l10n.t('Histogram of {0} in {1} bins from {2} to {3}', shown.name, bins.length, formatSignificant(bins[0]!.from), formatSignificant(bins.at(-1)!.to)),
      spec: histogramSpec(bins, { theme: readTheme(document.body, 'sideBar'), isInPanel: true }),
      columns: [
        { title: l10n.t('from'), value: ({ from }) => from, text: ({ from }) => formatSignificant(from), isNumeric: true },
        { title: l10n.t('to'), value: ({ to }) => to, text: ({ to }) => formatSignificant(to), isNumeric: true },
        { title: l10n.t('values'), value: ({ count }) => count, text: ({ count }) => count.toLocaleString('en'), isNumeric: true },
      ],
      rows: bins,
    });
  };
  return {
    element: section,
    show(tensor, statistics) {
      shown = tensor;
      histogram = null;
      section.hidden = tensor === null;
      if (!tensor) return;
      setText(title, tensor.name);
      drawFacts(statistics);
      draw();
      if (!statistics) post({ type: 'statistics', tensors: [tensor.name] });
      post({ type: 'histogram', tensor: tensor.name });
    },
    receiveStatistics(tensor, statistics) {
      if (tensor === shown?.name) drawFacts(statistics);
    },
    receiveHistogram(tensor, result) {
      if (tensor !== shown?.name) return;
      histogram = result;
      draw();
    },
    rest() {
      if (!hasStatistics) drawFacts(undefined, l10n.t('not read: choose the tensor again'));
      if (histogram === null) setText(note, l10n.t('Not counted: choose the tensor again.'));
    },
    redraw: draw,
  };
}

function tensorFacts({ shape, dtype, bytes }: InspectedTensor, statistics: Statistics | undefined, waiting: string): [string, string][] {
  const header: [string, string][] = [[l10n.t('Shape'), shapeText(shape)], [l10n.t('Type'), `${dtype}, ${formatBytes(bytes)}`]];
  if (!statistics) return [...header, [l10n.t('Values'), waiting]];
  if ('error' in statistics) return [...header, [l10n.t('Values'), statistics.error]];
  const { nan, infinite, zeros, minimum, maximum, mean, deviation, norm } = statistics;
  return [
    ...header,
    [l10n.t('Least, greatest'), `${formatSignificant(minimum)}, ${formatSignificant(maximum)}`],
    [l10n.t('Mean'), l10n.t('{0}, standard deviation {1}', formatSignificant(mean), formatSignificant(deviation))],
    [l10n.t('L2 norm'), formatSignificant(norm)],
    [l10n.t('Zeros'), zeros.toLocaleString('en')],
    ...(nan + infinite === 0 ? [] : [[l10n.t('Not finite'), l10n.t('{0} NaN, {1} infinite; left out above', nan.toLocaleString('en'), infinite.toLocaleString('en'))] as [string, string]]),
  ];
}

function binsOf({ edges, counts }: { readonly edges: readonly number[]; readonly counts: readonly number[] }): HistogramBin[] {
  return counts.map((count, index) => ({ from: edges[index]!, to: edges[index + 1]!, count }));
}
