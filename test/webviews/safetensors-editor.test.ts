import fc from 'fast-check';
import { parseSlice, sliceShape } from '../../src/checkpoint/slice';
import { readToSafetensorsEditor, type FromSafetensorsEditor, type ToSafetensorsEditor } from '../../src/protocol/safetensors-editor';
import { registerControls } from '../../webviews/kit/controls';
import { mountSafetensorsEditor } from '../../webviews/safetensors-editor/editor';
import { moved, sliceOfWindow, windowLabels } from '../../webviews/safetensors-editor/grid-window';
import { openLine } from './line';

const file = {
  name: 'a.safetensors', sizeBytes: 1000, headerBytes: 200, parameters: 605, metadata: [['format', 'pt']] as [string, string][],
  tensors: [{ name: 'layers.0.weight', dtype: 'F32', shape: [2, 3, 100], begin: 0, end: 2400 }, { name: 'bias', dtype: 'BF16', shape: [5], begin: 2400, end: 2410 }],
};

function openEditor(saved?: unknown) {
  document.body.innerHTML = '<main id="root"></main>';
  const root = document.getElementById('root')!;
  const { host, posted, send, state } = openLine<ToSafetensorsEditor, FromSafetensorsEditor>(readToSafetensorsEditor, saved);
  globalThis.ResizeObserver ??= class { observe() {} unobserve() {} disconnect() {} };
  registerControls();
  mountSafetensorsEditor(root, host);
  const press = (label: string) => [...root.querySelectorAll<HTMLElement>('button, vscode-button')].find(({ textContent }) => textContent === label)!.click();
  return { root, posted, press, send: (message: ToSafetensorsEditor) => send(message), state, region: () => root.querySelector<HTMLElement>('.grid-scroll')! };
}

test('values too long for their columns get fewer columns: a number that is cut off reads as another one', () => {
  const { root, posted, press, send } = openEditor();
  send({ type: 'file', file });
  press('layers.0.weight');
  const value = '-1.2345678e-12';
  send({ type: 'values', id: 1, texts: Array.from({ length: 21 }, () => value) });
  expect(posted.at(-1)).toEqual({ type: 'values', id: 2, tensor: 'layers.0.weight', slice: '0, 0:3, 0:6' });
  expect(root.querySelector('.values td')).toBeNull();
  send({ type: 'values', id: 2, texts: Array.from({ length: 18 }, () => value) });
  expect(root.querySelector('.values td')!.textContent).toBe(value);
});

test('in a narrow tab one column at least, and no more than are shown whole', () => {
  const width = jest.spyOn(HTMLElement.prototype, 'clientWidth', 'get').mockReturnValue(310);
  try {
    const { posted, press, send } = openEditor();
    send({ type: 'file', file });
    press('layers.0.weight');
    send({ type: 'values', id: 1, texts: Array.from({ length: 6 }, () => '-0.0032082628') });
    expect(posted.at(-1)).toMatchObject({ id: 2, slice: '0, 0:3, 0:1' });
  } finally {
    width.mockRestore();
  }
});

test('a tensor that is chosen asks for its first window; keys move it; late answers are dropped', () => {
  const { root, posted, press, send, region } = openEditor();
  send({ type: 'file', file });
  expect(root.textContent).toContain('2 tensors · 605 parameters · F32, BF16');
  press('layers.0.weight');
  expect(posted.at(-1)).toEqual({ type: 'values', id: 1, tensor: 'layers.0.weight', slice: '0, 0:3, 0:7' });
  region().dispatchEvent(new KeyboardEvent('keydown', { key: 'End', cancelable: true }));
  expect(posted.at(-1)).toMatchObject({ id: 2, slice: '0, 0:3, 93:100' });
  send({ type: 'values', id: 1, texts: Array.from({ length: 21 }, () => 'old') });
  expect(region().textContent).not.toContain('old');
  send({ type: 'values', id: 2, texts: Array.from({ length: 21 }, (_, index) => `v${index}`) });
  const rows = [...root.querySelectorAll('.values tbody tr')].map((row) => [...row.children].map(({ textContent }) => textContent));
  expect(rows[1]).toEqual(['1', ...Array.from({ length: 7 }, (_, index) => `v${7 + index}`)]);
  expect([...root.querySelectorAll('.values thead th')].map(({ textContent }) => textContent)).toEqual(['index', '93', '94', '95', '96', '97', '98', '99']);
});

test('of many tensors the first in the order of the table are shown, not the first of the file', () => {
  const { root, press, send } = openEditor();
  const tensors = Array.from({ length: 500 }, (_, index) => ({ name: `t${index}`, dtype: 'F32', shape: [index + 1], begin: 0, end: 4 * (index + 1) }));
  send({ type: 'file', file: { ...file, tensors } });
  const shown = () => [...root.querySelectorAll('.table-scroll tbody th')].map(({ textContent }) => textContent);
  expect([shown().length, shown()[0]]).toEqual([400, 't0']);
  press('Size');
  press('Size');
  expect([shown().length, shown()[0], shown().at(-1)]).toEqual([400, 't499', 't100']);
  expect(root.textContent).toContain('The first 400 of 500 tensors: filter to see others.');
});

test('the wheel moves through the values, and past their end the page', () => {
  const { posted, press, send, region } = openEditor();
  send({ type: 'file', file: { ...file, metadata: [], tensors: [{ name: 'tall', dtype: 'F32', shape: [27, 2], begin: 0, end: 216 }] } });
  press('tall');
  const wheel = (deltaY: number) => {
    const event = new WheelEvent('wheel', { deltaY, cancelable: true });
    region().dispatchEvent(event);
    return event.defaultPrevented;
  };
  expect([wheel(-1), wheel(1), wheel(1)]).toEqual([false, true, false]); // 24 rows are shown
  expect(posted.at(-1)).toMatchObject({ slice: '3:27, 0:2' });
});

test('the other axes are chosen by number, and a reload comes back to the place', () => {
  const { root, posted, press, send, state } = openEditor();
  send({ type: 'file', file });
  press('layers.0.weight');
  const field = root.querySelector<HTMLInputElement>('.index')!;
  field.value = '1';
  field.dispatchEvent(new Event('change'));
  expect(posted.at(-1)).toMatchObject({ slice: '1, 0:3, 0:7' });
  const again = openEditor(state());
  again.send({ type: 'file', file });
  expect(again.posted.at(-1)).toMatchObject({ tensor: 'layers.0.weight', slice: '1, 0:3, 0:7' });
  const other = openEditor({ version: 2, tensor: 'layers.0.weight' });
  other.send({ type: 'file', file });
  expect(other.posted).toEqual([{ type: 'ready' }]);
});

test('a screen reader hears what each field is for', () => {
  const { root, press, send } = openEditor();
  send({ type: 'file', file });
  press('bias');
  expect([...root.querySelectorAll('.text-field')].map((field) => field.getAttribute('aria-label'))).toEqual(['Find tensors by name or type', 'Slice to copy or export, in the notation of numpy']);
});

test('copy and export send the slice that was typed', () => {
  const { root, posted, press, send } = openEditor();
  send({ type: 'file', file });
  press('bias');
  press('Export .npy…');
  expect(posted.at(-1)).toEqual({ type: 'export', tensor: 'bias', slice: ':' });
  root.querySelector<HTMLElement & { value: string }>('.slice')!.value = '1:3';
  press('Copy as JSON');
  expect(posted.at(-1)).toEqual({ type: 'copy-values', tensor: 'bias', slice: '1:3' });
});

test('a damaged file says what is wrong, and can be read again', () => {
  const { root, posted, press, send } = openEditor();
  send({ type: 'failure', message: 'a.safetensors: truncated' });
  expect(root.querySelector('[role=alert]')!.textContent).toContain('truncated');
  press('Read again');
  expect(posted.at(-1)).toEqual({ type: 'reload' });
});

test('however the window is moved it stays inside the tensor, and its slice has a value for each cell', () => {
  const moves = fc.array(fc.tuple(fc.constantFrom(-Infinity, -24, -1, 0, 1, 24, Infinity), fc.constantFrom(-Infinity, -8, -1, 0, 1, 8, Infinity)), { maxLength: 6 });
  fc.assert(fc.property(fc.array(fc.integer({ min: 1, max: 60 }), { maxLength: 4 }), fc.integer({ min: 1, max: 30 }), fc.integer({ min: 2, max: 16 }), moves, (shape, rows, columns, steps) => {
    let window = { origin: shape.map(() => 0), rows, columns };
    for (const [byRows, byColumns] of steps) window = moved(window, shape, byRows, byColumns) as typeof window;
    const taken = sliceShape(parseSlice(sliceOfWindow(window, shape), shape)).reduce((a, b) => a * b, 1);
    const labels = windowLabels(window, shape);
    const cells = labels.rows.length * labels.columns.length;
    expect(taken).toBeGreaterThan(0);
    // a vector's last row may be short
    expect(shape.length === 1 ? cells - taken < labels.columns.length && cells >= taken : cells === taken).toBe(true);
  }));
});
