import * as l10n from '@vscode/l10n';
import { layerHeatMapSpec, pickedSignal } from '../../src/charts/layer-heat-map';
import { placeOf } from '../../src/charts/layers';
import type { FromInspector, ShownComparison, ShownDifference, ToInspector } from '../../src/protocol/inspector';
import type { FromPanel } from '../../src/protocol/panels';
import type { ChartFactory } from '../kit/chart';
import { button, linkButton, segmented, toolbar } from '../kit/controls';
import { counts } from '../kit/counts';
import { element } from '../kit/element';
import { figure } from '../kit/figure';
import { formatSignificant } from '../kit/format';
import { readTheme } from '../kit/theme';
import { factList } from './facts';

type Result = Extract<ToInspector, { readonly type: 'comparison' }>['result'];
export type Measure = 'norm' | 'relative' | 'cosine' | 'signConflict';

export interface ComparisonSection {
  readonly element: HTMLElement;
  /** null: nothing has been compared yet */
  update(result: Result | null): void;
  redraw(): void;
}

/** How far the checkpoint is from another: in all, and by layer as a heat map whose cells lead to their tensors. */
export function comparisonSection(post: (message: FromInspector) => void, chart: ChartFactory, measure: Measure, onMeasure: (measure: Measure) => void, onChoose: (tensor: string) => void): ComparisonSection {
  let result: Result | null = null;
  let chosen = measure;
  const facts = element('div', { attributes: { role: 'status' } });
  const drawn = figure<ShownComparison['tensors'][number]>({
    fileName: 'comparison',
    chart,
    chartOptions: {
      height: () => heightFor(result),
      maxWidth: 900,
      signals: [pickedSignal],
      onSignal: (_, value) => {
        const tensor = pickedTensor(value);
        if (tensor !== null) onChoose(tensor);
      },
    },
    post: (message: FromPanel) => void (message.type === 'export' && post(message)),
    isTableShown: false,
    onTableShown: () => undefined,
  });
  const measures = segmented<Measure>(l10n.t('By layer'), [{ value: 'norm', label: '‖·‖' }, { value: 'relative', label: l10n.t('relative') }, { value: 'cosine', label: l10n.t('cosine') }, { value: 'signConflict', label: l10n.t('signs') }], measure, (next) => {
    chosen = next;
    onMeasure(next);
    draw();
  });
  const byLayer = element('div', {}, measures, drawn.element);
  const draw = (): void => {
    const comparison = result !== null && 'tensors' in result ? result : null;
    byLayer.hidden = comparison === null || comparison.tensors.length === 0;
    facts.replaceChildren(result === null || 'error' in result ? element('p', { class: 'hint' }, result === null ? l10n.t('Not compared yet.') : result.error) : factList(comparisonFacts(result)));
    if (comparison === null || byLayer.hidden) return;
    const names = measureNames(comparison.of);
    drawn.update({
      title: names[chosen],
      description: l10n.t('{0} of {1}, from {2} to {3}', names[chosen], counts.tensors(comparison.tensors.length), formatMeasure(chosen, least(comparison, chosen)), formatMeasure(chosen, greatest(comparison, chosen))),
      spec: layerHeatMapSpec(comparison.tensors.map((tensor) => ({ tensor: tensor.name, value: tensor[chosen] })), names[chosen], { theme: readTheme(document.body, 'sideBar'), isInPanel: true }),
      columns: [
        { title: l10n.t('Tensor'), value: ({ name }) => name, content: ({ name }) => linkButton({ label: name, title: l10n.t('Show {0}', name), onClick: () => onChoose(name) }), isRowHeader: true },
        ...(['norm', 'relative', 'cosine', 'signConflict'] as const).map((key) => ({ title: names[key], value: (row: ShownDifference) => row[key], text: (row: ShownDifference) => formatMeasure(key, row[key]), isNumeric: true })),
      ],
      rows: comparison.tensors,
    });
  };
  return {
    element: element('section', {}, element('h2', {}, l10n.t('Compared')), facts, byLayer,
      toolbar(l10n.t('Compare'),
        button({ label: l10n.t('With its base'), title: l10n.t('Compare with its base'), onClick: () => post({ type: 'compare', with: 'base' }) }),
        button({ label: l10n.t('With another…'), title: l10n.t('Compare with another…'), onClick: () => post({ type: 'compare', with: 'other' }) }))),
    update(next) {
      result = next;
      draw();
    },
    redraw: draw,
  };
}

const heightFor = (result: Result | null): number => (result !== null && 'tensors' in result ? Math.min(520, 90 + 16 * new Set(result.tensors.map(({ name }) => placeOf(name).part)).size) : 160);

function pickedTensor(value: unknown): string | null {
  const names = typeof value === 'object' && value !== null && 'tensor' in value ? value.tensor : null;
  return Array.isArray(names) && typeof names[0] === 'string' ? names[0] : null;
}

function measureNames(of: ShownComparison['of']): Readonly<Record<Measure, string>> {
  const [theta, other] = of === 'base' ? ['θ', 'θ₀'] : of === 'other' ? ['θ', 'θ′'] : ['τ', 'τ′'];
  return {
    norm: of === 'task-vectors' ? '‖τ‖' : `‖${theta} − ${other}‖`,
    relative: of === 'task-vectors' ? '‖τ‖ / ‖θ₀‖' : `‖${theta} − ${other}‖ / ‖${other}‖`,
    cosine: `cos(${theta}, ${other})`,
    signConflict: l10n.t('opposite signs'),
  };
}

/** The comparison in words. */
export function comparisonFacts({ of, reference, base, total }: ShownComparison): [string, string][] {
  const names = measureNames(of);
  const entries: [string, string][] = (['norm', 'relative', 'cosine', 'signConflict'] as const).map((key) => [names[key], formatMeasure(key, total[key])]);
  const where: [string, string][] = of === 'base' ? [[l10n.t('Base {0}', 'θ₀'), reference]] : of === 'other' ? [[l10n.t('Compared with {0}', 'θ′'), reference]] : [[l10n.t('Task vectors'), 'τ = θ − θ₀, τ′ = θ′ − θ₀'], [l10n.t('Compared with {0}', 'θ′'), reference], [l10n.t('Base {0}', 'θ₀'), base ?? '']];
  return [...entries, ...where];
}

function formatMeasure(measure: Measure, value: number | null): string {
  if (value === null) return '–';
  if (measure === 'relative' || measure === 'signConflict') return `${formatSignificant(100 * value)} %`;
  return measure === 'cosine' ? formatCosine(value) : formatSignificant(value);
}

/** Experts lie close to their base: three digits after the nines, where the ordinary four digits would say 1. */
function formatCosine(cosine: number): string {
  const gap = Math.abs(1 - cosine);
  return gap > 0 && gap < 1e-3 ? `1 ${cosine < 1 ? '−' : '+'} ${gap.toExponential(2).replace('-', '−')}` : formatSignificant(cosine);
}

const values = ({ tensors }: ShownComparison, measure: Measure): number[] => tensors.flatMap((tensor) => tensor[measure] ?? []);
const least = (comparison: ShownComparison, measure: Measure): number | null => values(comparison, measure).reduce<number | null>((low, value) => (low === null || value < low ? value : low), null);
const greatest = (comparison: ShownComparison, measure: Measure): number | null => values(comparison, measure).reduce<number | null>((high, value) => (high === null || value > high ? value : high), null);
