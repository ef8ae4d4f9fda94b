import * as l10n from '@vscode/l10n';
import type { FromSafetensorsEditor, ShownFile, ShownTensor, ToSafetensorsEditor } from '../../src/protocol/safetensors-editor';
import { button, searchField } from '../kit/controls';
import { counts } from '../kit/counts';
import { element, setText } from '../kit/element';
import { formatBytes } from '../kit/format';
import type { Host } from '../kit/host';
import { matching, shapeText } from '../kit/tensor-search';
import { dataTable, type Column } from '../kit/table';
import { valueGrid } from './value-grid';

/** What a reload brings back; states of another version are left alone. */
interface ViewState {
  readonly version: 1;
  readonly tensor: string | null;
  readonly origin: readonly number[];
  readonly filter: string;
}
const freshState: ViewState = { version: 1, tensor: null, origin: [], filter: '' };

/** rows drawn at once: a large model has thousands, and the filter finds the others */
const rowLimit = 400;

/** The page of a safetensors file: what its header says, and the values of one tensor at a time. */
export function mountSafetensorsEditor(root: HTMLElement, host: Host<ToSafetensorsEditor, FromSafetensorsEditor>): void {
  let state = restoredState(host.savedState());
  let file: ShownFile | null = null;
  const keep = (change: Partial<ViewState>): void => host.saveState((state = { ...state, ...change }));

  const grid = valueGrid(host.post, (origin) => keep({ origin }));
  const summary = element('div');
  const told = element('p', { class: 'hint told', attributes: { role: 'status' } });
  const count = element('p', { class: 'hint', attributes: { role: 'status' } });
  const table = dataTable<ShownTensor>({ caption: l10n.t('Tensors of the file'), isMarked: ({ name }) => name === state.tensor, limit: rowLimit });
  const choose = (tensor: ShownTensor, origin?: readonly number[]): void => {
    keep({ tensor: tensor.name, origin: origin ?? [] });
    drawTensors();
    grid.show(tensor, origin);
  };
  const columns: readonly Column<ShownTensor>[] = [
    { title: l10n.t('Tensor'), value: ({ name }) => name, content: (tensor) => element('button', { class: 'link', attributes: { type: 'button', 'aria-current': tensor.name === state.tensor }, on: { click: () => choose(tensor) } }, tensor.name), isRowHeader: true },
    { title: l10n.t('Shape'), value: ({ shape }) => shape.reduce((product, length) => product * length, 1), text: ({ shape }) => shapeText(shape), isNumeric: true },
    { title: l10n.t('Type'), value: ({ dtype }) => dtype },
    { title: l10n.t('Size'), value: ({ begin, end }) => end - begin, text: ({ begin, end }) => formatBytes(end - begin), isNumeric: true },
  ];
  const drawTensors = (): void => {
    const tensors = file?.tensors ?? [];
    const found = matching(tensors, state.filter);
    table.update(columns, found);
    setText(count, found.length > rowLimit ? l10n.t('The first {0} of {1}: filter to see others.', rowLimit, counts.tensors(found.length)) : state.filter === '' ? counts.tensors(found.length) : l10n.t('{0} of {1}', found.length, counts.tensors(tensors.length)));
  };
  const search = searchField(l10n.t('Find tensors by name or type'), state.filter, (text) => {
    keep({ filter: text.trim() });
    drawTensors();
  });
  const layout = element('div', { class: 'file-parts' }, element('section', {}, element('h2', {}, l10n.t('Tensors')), search, count, table.element), grid.element);

  host.listen((message) => {
    switch (message.type) {
      case 'file': {
        file = message.file;
        summary.replaceChildren(...summaryOf(file, () => host.post({ type: 'copy-header' })));
        root.replaceChildren(summary, told, layout);
        drawTensors();
        const chosen = file.tensors.find(({ name }) => name === state.tensor);
        grid.show(chosen ?? null, state.origin);
        break;
      }
      case 'failure':
        file = null;
        root.replaceChildren(
          element('div', { class: 'failure', attributes: { role: 'alert' } }, message.message),
          button({ label: l10n.t('Read again'), title: l10n.t('Read again from the disk'), onClick: () => host.post({ type: 'reload' }) }));
        break;
      case 'told':
        setText(told, message.message);
        break;
      default:
        grid.receive(message);
    }
  });
  host.post({ type: 'ready' });
}

function summaryOf({ name, sizeBytes, headerBytes, parameters, metadata, tensors }: ShownFile, copyHeader: () => void): Node[] {
  const dtypes = [...new Set(tensors.map(({ dtype }) => dtype))];
  const facts = [counts.tensors(tensors.length), counts.parameters(parameters), dtypes.join(', '), l10n.t('{0}, of which the header {1}', formatBytes(sizeBytes), formatBytes(headerBytes))].filter(Boolean);
  return [
    element('header', { class: 'panel-head' },
      element('h1', {}, name),
      element('p', {}, facts.join(' · ')),
      button({ label: l10n.t('Copy header as JSON'), title: l10n.t('Copy header as JSON'), onClick: copyHeader })),
    metadata.length === 0
      ? element('p', { class: 'hint' }, l10n.t('The header holds no metadata.'))
      : element('details', {}, element('summary', {}, l10n.t('Metadata ({0})', metadata.length)), element('dl', { class: 'facts' }, ...metadata.flatMap(([key, value]) => [element('dt', {}, key), element('dd', {}, value)]))),
  ];
}

function restoredState(saved: unknown): ViewState {
  const state = saved as Partial<ViewState> | undefined;
  const isState = state?.version === 1 && (state.tensor === null || typeof state.tensor === 'string') && typeof state.filter === 'string' && Array.isArray(state.origin) && state.origin.every((index) => Number.isSafeInteger(index) && index >= 0);
  return isState ? (state as ViewState) : freshState;
}
