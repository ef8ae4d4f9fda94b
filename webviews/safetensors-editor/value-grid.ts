import type { FromSafetensorsEditor, ShownTensor, ToSafetensorsEditor } from '../../src/protocol/safetensors-editor';
import { button, toolbar } from '../kit/controls';
import { element, setText } from '../kit/element';
import { shapeText } from '../kit/tensor-search';
import { moved, sliceOfWindow, windowLabels, type GridWindow } from './grid-window';

const rowsShown = 24;
/** pixels: nine digits with sign and point, and the index before each row */
const cellWidth = 112;
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
  let latestId = 0;

  const title = element('h2');
  const indices = element('div', { class: 'toolbar', attributes: { role: 'group', 'aria-label': 'Position' } });
  const head = element('tr');
  const body = element('tbody');
  const caption = element('caption', { class: 'visually-hidden' });
  const region = element('div', { class: 'grid-scroll', attributes: { tabindex: 0, role: 'region', 'aria-label': 'Values: the arrow keys, Page Up, Page Down, Home and End move through the tensor' } },
    element('table', { class: 'values' }, caption, element('thead', {}, head), body));
  const notice = element('p', { class: 'notice', attributes: { role: 'alert', hidden: true } });
  const place = element('p', { class: 'hint', attributes: { role: 'status' } });
  const slice = element('vscode-text-field', { class: 'slice', attributes: { 'aria-label': 'Slice to copy or export, in numpy\'s notation', title: 'As in numpy: an index or start:stop for each axis' } }) as HTMLElement & { value: string };
  const forSlice = (type: 'copy-values' | 'export') => (): void => {
    if (tensor) post({ type, tensor: tensor.name, slice: slice.value });
  };
  const actions = toolbar('Slice', element('label', { class: 'field' }, element('span', { class: 'field-label' }, 'Slice'), slice),
    button({ label: 'Copy as JSON', title: 'Copy as JSON: the values of the slice', onClick: forSlice('copy-values') }),
    button({ label: 'Export .npy…', title: 'Export .npy… of the slice', onClick: forSlice('export') }));
  const hint = element('p', { class: 'empty' }, 'Choose a tensor to see its values.');
  const parts = element('div', { attributes: { hidden: true } }, title, indices, notice, region, place, actions);

  const columnsThatFit = (): number => Math.max(2, Math.min(16, Math.floor(((region.clientWidth || 900) - indexWidth) / cellWidth)));
  const ask = (): void => {
    if (!tensor) return;
    onMove(shown.origin);
    post({ type: 'values', id: ++latestId, tensor: tensor.name, slice: sliceOfWindow(shown, tensor.shape) });
    for (const [axis, field] of [...indices.querySelectorAll('input')].entries()) field.value = String(shown.origin[axis]);
  };
  const move = (rows: number, columns: number): void => {
    if (!tensor) return;
    const next = moved(shown, tensor.shape, rows, columns);
    if (next.origin.join() === shown.origin.join()) return;
    shown = next;
    ask();
  };
  region.addEventListener('keydown', (event) => {
    const step = stepOfKey(event, shown);
    if (!step) return;
    event.preventDefault();
    move(...step);
  });
  region.addEventListener('wheel', (event) => {
    if (event.ctrlKey || event.deltaY === 0) return;
    event.preventDefault();
    move(Math.sign(event.deltaY) * 3, 0);
  }, { passive: false });
  new ResizeObserver(() => {
    if (!tensor || columnsThatFit() === shown.columns) return;
    shown = moved({ ...shown, columns: columnsThatFit() }, tensor.shape, 0, 0);
    ask();
  }).observe(region);

  const indexField = (axis: number, length: number): HTMLElement => {
    const input = element('input', { class: 'index', attributes: { type: 'number', min: 0, max: Math.max(0, length - 1), value: shown.origin[axis], 'aria-label': `axis ${axis}, 0 to ${length - 1}` } });
    input.addEventListener('change', () => {
      if (!tensor) return;
      const wanted = Math.max(0, Math.min(length - 1, Math.floor(input.valueAsNumber) || 0));
      shown = moved({ ...shown, origin: shown.origin.map((index, at) => (at === axis ? wanted : index)) }, tensor.shape, 0, 0);
      ask();
    });
    return element('label', { class: 'field' }, element('span', { class: 'field-label' }, `axis ${axis} of ${length.toLocaleString('en')}`), input);
  };

  return {
    element: element('section', { class: 'value-grid' }, hint, parts),
    show(next, origin) {
      tensor = next;
      hint.hidden = next !== null;
      parts.hidden = next === null;
      if (!next) return;
      const isUsable = origin?.length === next.shape.length && origin.every((index, axis) => index < next.shape[axis]!);
      shown = moved({ origin: isUsable ? origin : next.shape.map(() => 0), rows: rowsShown, columns: columnsThatFit() }, next.shape, 0, 0);
      setText(title, next.name);
      setText(caption, `Values of ${next.name}, ${next.dtype}, ${shapeText(next.shape)}`);
      indices.replaceChildren(...next.shape.map((length, axis) => indexField(axis, length)));
      slice.value = next.shape.map(() => ':').join(', ');
      if (next.shape.includes(0)) {
        fill(head, body, { rows: [], columns: [] }, []);
        setText(place, 'This tensor has no values: one of its axes has length 0.');
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
      fill(head, body, windowLabels(shown, tensor.shape), message.texts);
      setText(place, `${tensor.dtype} · ${shapeText(tensor.shape)} · showing [${sliceOfWindow(shown, tensor.shape)}]`);
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
  head.replaceChildren(element('th', { attributes: { scope: 'col' } }, element('span', { class: 'visually-hidden' }, 'index')), ...labels.columns.map((label) => element('th', { class: 'numeric', attributes: { scope: 'col' } }, label)));
  body.replaceChildren(...labels.rows.map((label, row) => element('tr', {},
    element('th', { class: 'numeric', attributes: { scope: 'row' } }, label),
    ...labels.columns.map((_, column) => element('td', { class: 'numeric', attributes: { title: texts[row * labels.columns.length + column] } }, texts[row * labels.columns.length + column] ?? '')))));
}
