import * as l10n from '@vscode/l10n';
import type { FromInspector, InspectedTensor, InspectorSnapshot, ToInspector } from '../../src/protocol/inspector';
import type { ChartFactory } from '../kit/chart';
import { button, linkButton, progressBar } from '../kit/controls';
import { element } from '../kit/element';
import type { Host } from '../kit/host';
import { watchTheme } from '../kit/theme';
import { comparisonSection, type Measure } from './comparison';
import { factList } from './facts';
import { tensorDetails } from './tensor-details';
import { tensorSection } from './tensor-section';

/** What a reload brings back; states of another version are left alone. */
interface ViewState {
  readonly version: 1;
  readonly path: string | null;
  readonly tensor: string | null;
  readonly filter: string;
  readonly measure: Measure;
}
const freshState: ViewState = { version: 1, path: null, tensor: null, filter: '', measure: 'relative' };

/** The side panel on the selected checkpoint: its headers, its tensors, and how it compares with its base or another. */
export function mountInspector(root: HTMLElement, host: Host<ToInspector, FromInspector>, chart: ChartFactory): void {
  let state = restoredState(host.savedState());
  let shown: InspectorSnapshot | null = null;
  const keep = (change: Partial<ViewState>): void => host.saveState((state = { ...state, ...change }));

  const head = element('div');
  const details = tensorDetails(host.post, chart);
  const choose = (tensor: InspectedTensor | null): void => {
    keep({ tensor: tensor?.name ?? null });
    tensors.mark(tensor?.name ?? null);
    details.show(tensor, tensor === null ? undefined : tensors.statisticsOf(tensor.name));
  };
  const tensors = tensorSection(host.post, (filter) => keep({ filter }), choose);
  const comparison = comparisonSection(host.post, chart, state.measure, (measure) => keep({ measure }), (name) => {
    choose(shown?.tensors.find((tensor) => tensor.name === name) ?? null);
    details.element.scrollIntoView({ block: 'nearest' });
  });
  const progress = progressBar(l10n.t('Computing'));
  const work = element('div', { class: 'work', attributes: { hidden: true } }, progress.element, button({ label: l10n.t('Stop'), title: l10n.t('Stop computing'), onClick: () => host.post({ type: 'stop' }) }));

  host.listen((message) => {
    switch (message.type) {
      case 'checkpoint': {
        if (state.path !== message.snapshot.path) keep({ path: message.snapshot.path, tensor: null, filter: '' });
        shown = message.snapshot;
        head.replaceChildren(...summary(shown, host.post));
        root.replaceChildren(head, work, comparison.element, tensors.element, details.element);
        comparison.update(null);
        tensors.update(shown.tensors, state.filter);
        choose(shown.tensors.find(({ name }) => name === state.tensor) ?? null);
        break;
      }
      case 'work':
        work.hidden = message.text === null;
        if (message.text === null) details.rest();
        progress.update(message.fraction ?? 0, message.fraction === null ? null : 1, message.text ?? '');
        break;
      case 'statistics':
        tensors.receive(message.tensor, message.result);
        details.receiveStatistics(message.tensor, message.result);
        break;
      case 'histogram':
        details.receiveHistogram(message.tensor, message.result);
        break;
      case 'comparison':
        comparison.update(message.result);
        break;
      case 'failure':
        root.replaceChildren(element('div', { class: 'failure', attributes: { role: 'alert' } }, message.message), ...(message.message.includes(message.path) ? [] : [element('p', { class: 'hint' }, message.path)]));
        break;
      case 'empty':
        root.replaceChildren(element('p', { class: 'empty' }, l10n.t('Select a checkpoint in the Checkpoints view, or open a safetensors file, to see its tensors, where it comes from and its distance to the base.')));
    }
  });
  watchTheme(() => {
    comparison.redraw();
    details.redraw();
  });
  host.post({ type: 'ready' });
}

function summary({ path, title, description, facts, metadata, provenance }: InspectorSnapshot, post: (message: FromInspector) => void): Node[] {
  const links = provenance.map(({ label, text, path: to, opens }): [string, Node] => [label, linkButton({ label: text, title: opens === 'text' ? l10n.t('Open {0}', to) : l10n.t('Inspect {0}', to), onClick: () => post({ type: 'open', path: to, opens }) })]);
  return [
    element('header', { class: 'panel-head' }, element('h1', { attributes: { title: path } }, title), element('p', {}, description), linkButton({ label: l10n.t('Show in Explorer'), title: l10n.t('Show {0} in the Explorer', path), onClick: () => post({ type: 'reveal', path }) })),
    factList(facts),
    ...(links.length === 0 ? [] : [element('section', {}, element('h2', {}, l10n.t('Provenance')), factList(links))]),
    ...(metadata.length === 0 ? [] : [element('details', {}, element('summary', {}, l10n.t('Metadata ({0})', metadata.length)), factList(metadata))]),
  ];
}

const measures: readonly unknown[] = ['norm', 'relative', 'cosine', 'signConflict'];

function restoredState(saved: unknown): ViewState {
  const state = saved as Partial<ViewState> | undefined;
  const isTextOrNull = (value: unknown): boolean => value === null || typeof value === 'string';
  const isState = state?.version === 1 && isTextOrNull(state.path) && isTextOrNull(state.tensor) && typeof state.filter === 'string' && measures.includes(state.measure);
  return isState ? (state as ViewState) : freshState;
}
