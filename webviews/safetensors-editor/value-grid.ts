import * as l10n from '@vscode/l10n';
import type { FromSafetensorsEditor, ShownTensor, ToSafetensorsEditor } from '../../src/protocol/safetensors-editor';
import { button, textField, toolbar } from '../kit/controls';
import { element, setText } from '../kit/element';
import { shapeText } from '../kit/tensor-search';
import { moved, sliceOfWindow, windowLabels, type GridWindow } from './grid-window';

const rowsShown = 24;
/** of a value, unless some are longer: nine digits with sign, zero and point */
const usualLength = 12;
/** pixels: of a digit, of what is around a value, and of the index before each row */
const digitWidth = 8;
const cellPadding = 16;
const indexWidth = 84;

export interface ValueGrid {
  readonly element: HTMLElement;
  /** Shows a tensor from `origin` on; null empties the grid. */
  show(tensor: ShownTensor | null, origin?: readonly number[]): void;
  receive(message: Extract<ToSafetensorsEditor, { readonly type: 'values' | 'values-failure' }>): void;
}

/**
 * Values of a tensor, as many as fit: the window moves by keys, wheel and index, and each move asks the host for the
 * values of its slice.
 */
export function valueGrid(post: (message: FromSafetensorsEditor) => void, onMove: (origin: readonly number[]) => void): ValueGrid {
  let tensor: ShownTensor | null = null;
  let shown: GridWindow = { origin: [], rows: rowsShown, columns: 8 };
  /** characters of the longest value seen: a number that is cut off reads as another one */
  let longest = usualLength;
  let latestId = 0;

  const title = element('h2');
  const indices = element('div', { class: 'toolbar position', attributes: { role: 'group', 'aria-label': l10n.t('Position') } });
  const head = element('tr');
  const body = element('tbody');
  const caption = element('caption', { class: 'visually-hidden' });
  const region = element('div', { class: 'grid-scroll', attributes: { tabindex: 0, role: 'region', 'aria-label': l10n.t('Values: the arrow keys, Page Up, Page Down, Home and End move through the tensor') } },
    element('table', { class: 'values' }, caption, element('thead', {}, head), body));
  const notice = element('p', { class: 'notice', attributes: { role: 'alert', hidden: true } });
  const place = element('p', { class: 'hint', attributes: { role: 'status' } });
  const slice = textField({ class: 'text-field slice', 'aria-label': l10n.t('Slice to copy or export, in the notation of numpy'), title: l10n.t('As in numpy: an index or start:stop for each axis') });
  const forSlice = (type: 'copy-values' | 'export') => (): void => {
    if (tensor) post({ type, tensor: tensor.name, slice: slice.value });
  };
  const actions = toolbar(l10n.t('Slice'), element('label', { class: 'field' }, element('span', { class: 'field-label' }, l10n.t('Slice')), slice),
    button({ label: l10n.t('Copy as JSON'), title: l10n.t('Copy as JSON: the values of the slice'), onClick: forSlice('copy-values') }),
    button({ label: l10n.t('Export .npy…'), title: l10n.t('Export .npy… of the slice'), onClick: forSlice('export') }));
  const hint = element('p', { class: 'empty' }, l10n.t('Choose a tensor to see its values.'));
  const parts = element('div', { attributes: { hidden: true } }, title, indices, notice, region, place, actions);

  const columnsThatFit = (): number => Math.max(1, Math.min(16, Math.floor(((region.clientWidth || 900) - indexWidth) / (longest * digitWidth + cellPadding))));
  const ask = (): void => {
    if (!tensor) return;
    onMove(shown.origin);
    post({ type: 'values', id: ++latestId, tensor: tensor.name, slice: sliceOfWindow(shown, tensor.shape) });
    for (const [axis, field] of [...indices.querySelectorAll('input')].entries()) field.value = String(shown.origin[axis]);
  };
  /** Whether there was anywhere to go. */
  const move = (rows: number, columns: number): boolean => {
    if (!tensor) return false;
    const next = moved(shown, tensor.shape, rows, columns);
    if (next.origin.join() === shown.origin.join()) return false;
    shown = next;
    ask();
    return true;
  };
  region.addEventListener('keydown', (event) => {
    const step = stepOfKey(event, shown);
    if (!step) return;
    event.preventDefault();
    move(...step);
  });
  region.addEventListener('wheel', (event) => {
    if (event.ctrlKey || event.deltaY === 0) return;
    if (move(Math.sign(event.deltaY) * 3, 0)) event.preventDefault(); // at an end the page scrolls on
  }, { passive: false });
  /** Asks for another number of columns where those shown do not fit. */
  const refit = (): boolean => {
    if (!tensor || columnsThatFit() === shown.columns) return false;
    shown = moved({ ...shown, columns: columnsThatFit() }, tensor.shape, 0, 0);
    ask();
    return true;
  };
  new ResizeObserver(() => void refit()).observe(region);

  const indexField = (axis: number, length: number): HTMLElement => {
    const input = element('input', { class: 'index', attributes: { type: 'number', min: 0, max: Math.max(0, length - 1), value: shown.origin[axis], 'aria-label': l10n.t('axis {0}, 0 to {1}', axis, length - 1) } });
    input.addEventListener('change', () => {
      if (!tensor) return;
      const wanted = Math.max(0, Math.min(length - 1, Math.floor(input.valueAsNumber) || 0));
      shown = moved({ ...shown, origin: shown.origin.map((index, at) => (at === axis ? wanted : index)) }, tensor.shape, 0, 0);
      ask();
    });
    return element('label', { class: 'field' }, element('span', { class: 'field-label' }, l10n.t('axis {0} of {1}', axis, length.toLocaleString('en'))), input);
  };

  return {
    element: element('section', { class: 'value-grid' }, hint, parts),
    show(next, origin) {
      tensor = next;
      longest = usualLength;
      hint.hidden = next !== null;
      parts.hidden = next === null;
      if (!next) return;
      const isUsable = origin?.length === next.shape.length && origin.every((index, axis) => index < next.shape[axis]!);
      shown = moved({ origin: isUsable ? origin : next.shape.map(() => 0), rows: rowsShown, columns: columnsThatFit() }, next.shape, 0, 0);
      setText(title, next.name);
      setText(caption, l10n.t('Values of {0}, {1}, {2}', next.name, next.dtype, shapeText(next.shape)));
      indices.replaceChildren(...next.shape.map((length, axis) => indexField(axis, length)));
      slice.value = next.shape.map(() => ':').join(', ');
      if (next.shape.includes(0)) {
        fill(head, body, { rows: [], columns: [] }, []);
        setText(place, l10n.t('This tensor has no values: one of its axes has length 0.'));
      } else ask();
    },
    receive(message) {
      if (message.id !== latestId || !tensor) return; // of a window that has moved on
      notice.hidden = message.type === 'values';
      if (message.type === 'values-failure') {
        setText(notice, message.message);
        fill(head, body, { rows: [], columns: [] }, []);
        setText(place, '');
        return;
      }
      longest = message.texts.reduce((most, { length }) => Math.max(most, length), longest);
      if (refit()) return;
      fill(head, body, windowLabels(shown, tensor.shape), message.texts);
      setText(place, l10n.t('{0} · {1} · showing [{2}]', tensor.dtype, shapeText(tensor.shape), sliceOfWindow(shown, tensor.shape)));
    },
  };
}

function stepOfKey({ key, ctrlKey, metaKey }: KeyboardEvent, { rows, columns }: GridWindow): [rows: number, columns: number] | null {
  const isWhole = ctrlKey || metaKey;
  switch (key) {
    case 'ArrowDown':
      return [1, 0];
    case 'ArrowUp':
      return [-1, 0];
    case 'ArrowRight':
      return [0, 1];
    case 'ArrowLeft':
      return [0, -1];
    case 'PageDown':
      return isWhole ? [0, columns] : [rows, 0];
    case 'PageUp':
      return isWhole ? [0, -columns] : [-rows, 0];
    case 'Home':
      return isWhole ? [-Infinity, -Infinity] : [0, -Infinity];
    case 'End':
      return isWhole ? [Infinity, Infinity] : [0, Infinity];
    default:
      return null;
  }
}

function fill(head: HTMLElement, body: HTMLTableSectionElement, labels: { readonly rows: readonly string[]; readonly columns: readonly string[] }, texts: readonly string[]): void {
  head.replaceChildren(element('th', { attributes: { scope: 'col' } }, element('span', { class: 'visually-hidden' }, l10n.t('index'))), ...labels.columns.map((label) => element('th', { class: 'numeric', attributes: { scope: 'col' } }, label)));
  body.replaceChildren(...labels.rows.map((label, row) => element('tr', {},
    element('th', { class: 'numeric', attributes: { scope: 'row' } }, label),
    ...labels.columns.map((_, column) => element('td', { class: 'numeric', attributes: { title: texts[row * labels.columns.length + column] } }, texts[row * labels.columns.length + column] ?? '')))));
}
