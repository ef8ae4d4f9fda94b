import { readToInspector, type FromInspector, type InspectorSnapshot, type ShownComparison, type ToInspector } from '../../src/protocol/inspector';
import type { ChartOptions } from '../../webviews/kit/chart';
import { registerControls } from '../../webviews/kit/controls';
import { comparisonFacts } from '../../webviews/inspector/comparison';
import { mountInspector } from '../../webviews/inspector/inspector';
import { nestByName, type TreeNode } from '../../webviews/kit/tree';
import { openLine } from './line';

const snapshot: InspectorSnapshot = {
  path: '/lab/experts/risky',
  title: 'risky',
  description: 'expert',
  facts: [['Tensors', '3']],
  metadata: [['format', 'pt']],
  provenance: [{ label: 'Trained as', text: 'expert · succeeded', path: '/lab/experts/risky/run.json', opens: 'text' }, { label: 'Started from', text: 'base', path: '/lab/base', opens: 'checkpoint' }],
  tensors: [{ name: 'layers.0.weight', dtype: 'F32', shape: [64, 17], bytes: 4352 }, { name: 'layers.1.weight', dtype: 'F32', shape: [64, 17], bytes: 4352 }, { name: 'critic', dtype: 'BF16', shape: [], bytes: 2 }],
};
const statistics = { nan: 0, infinite: 0, zeros: 1, minimum: -0.5, maximum: 2, mean: 0.25, deviation: 0.5, norm: 12.5 };
const difference = (relative: number) => ({ norm: 2, relative, cosine: 0.999992, signConflict: 0.25 });
const comparison: ShownComparison = { of: 'base', reference: '/lab/base', base: null, total: difference(0.125), tensors: [{ name: 'layers.0.weight', ...difference(0.1) }, { name: 'layers.1.weight', ...difference(0.2) }, { name: 'critic', ...difference(0) }] };

function openInspector(saved?: unknown) {
  document.body.innerHTML = '<main id="root"></main>';
  const root = document.getElementById('root')!;
  const { host, posted, send, state } = openLine<ToInspector, FromInspector>(readToInspector, saved);
  const charts: { specs: object[]; options: ChartOptions }[] = [];
  Element.prototype.scrollIntoView = () => undefined;
  registerControls();
  mountInspector(root, host, (_, options) => {
    const specs: object[] = [];
    charts.push({ specs, options });
    return { show: async (spec) => void specs.push(spec), signal: () => undefined, setSignal: async () => undefined, domain: () => null, showCursor: () => undefined, toSvg: async () => '<svg/>', toPng: async () => 'cG5n', dispose: () => undefined };
  });
  const item = (label: string) => [...root.querySelectorAll<HTMLElement>('.tree-item')].find((candidate) => candidate.querySelector('.tree-label')!.textContent === label)!;
  return { root, posted, charts, item, state, send: (message: ToInspector) => send(message), open: (label: string) => (item(label).querySelector('.tree-row') as HTMLElement).click() };
}

test('the tree nests by dots, numbers in order, and a branch with one child is one with it', () => {
  const names = ['model.layers.10.mlp.weight', 'model.layers.2.mlp.weight', 'model.layers.2.mlp.bias', 'head.weight'];
  const text = (nodes: readonly TreeNode<{ readonly name: string }>[]): unknown => nodes.map(({ label, children }) => (children.length === 0 ? label : [label, text(children)]));
  expect(text(nestByName(names.map((name) => ({ name }))))).toEqual(['head.weight', ['model.layers', [['2.mlp', ['bias', 'weight']], '10.mlp.weight']]]);
});

test('statistics are asked for as tensors come into sight, and stand beside them when they arrive', () => {
  const { posted, item, open, send } = openInspector();
  expect(posted).toEqual([{ type: 'ready' }]);
  send({ type: 'checkpoint', snapshot });
  expect(posted.at(-1)).toEqual({ type: 'statistics', tensors: ['critic'] });
  open('layers');
  expect(posted.at(-1)).toEqual({ type: 'statistics', tensors: ['layers.0.weight', 'layers.1.weight'] });
  send({ type: 'statistics', tensor: 'layers.1.weight', result: statistics });
  expect(item('1.weight').textContent).toContain('64 × 17 · F32 · 4.4 kB · [−0.5000, 2.000] · mean 0.2500 · ‖·‖ 12.50');
  send({ type: 'statistics', tensor: 'critic', result: { error: 'C64: its elements are no single numbers' } });
  expect(item('critic').textContent).toContain('no statistics');
});

test('a tensor whose reading was stopped says so, and is marked once its branch is opened', () => {
  const { root, charts, item, open, send } = openInspector();
  send({ type: 'checkpoint', snapshot });
  send({ type: 'comparison', result: comparison });
  charts.find(({ specs }) => specs.length > 0)!.options.onSignal!('picked', { tensor: ['layers.1.weight'] });
  const chosen = () => root.querySelector('section[aria-label="Chosen tensor"]')!.textContent;
  expect(chosen()).toContain('being read…');
  send({ type: 'work', text: null, fraction: null });
  expect(chosen()).toContain('not read: choose the tensor again');
  expect(chosen()).toContain('Not counted: choose the tensor again.');
  send({ type: 'statistics', tensor: 'layers.1.weight', result: statistics });
  expect(chosen()).toContain('12.50');
  open('layers');
  expect(['0.weight', '1.weight'].map((label) => item(label).getAttribute('aria-selected'))).toEqual(['false', 'true']);
});

test('by keyboard: open a branch, go to a tensor, choose it', () => {
  const { root, posted, item, send } = openInspector();
  send({ type: 'checkpoint', snapshot });
  const press = (key: string) => document.activeElement!.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true }));
  item('critic').focus();
  press('ArrowDown');
  press('ArrowRight');
  expect(item('layers').getAttribute('aria-expanded')).toBe('true');
  press('ArrowRight');
  press('Enter');
  expect(posted.at(-1)).toEqual({ type: 'histogram', tensor: 'layers.0.weight' });
  expect(item('0.weight').getAttribute('aria-selected')).toBe('true');
  expect(root.querySelector('section[aria-label="Chosen tensor"]')!.textContent).toContain('64 × 17');
  press('ArrowLeft');
  press('ArrowLeft');
  expect(item('layers').getAttribute('aria-expanded')).toBe('false');
});

test('the heat map leads to its tensors, by a click on a cell and from the table', () => {
  const { root, posted, charts, send } = openInspector();
  send({ type: 'checkpoint', snapshot });
  send({ type: 'comparison', result: comparison });
  const drawn = charts.find(({ specs }) => specs.length > 0)!;
  expect((drawn.specs.at(-1) as { data: { values: object[] } }).data.values).toEqual([
    { tensor: 'layers.0.weight', value: 0.1, layer: '0', part: 'weight' }, { tensor: 'layers.1.weight', value: 0.2, layer: '1', part: 'weight' }, { tensor: 'critic', value: 0, layer: '–', part: 'critic' },
  ]);
  drawn.options.onSignal!('picked', { tensor: ['layers.1.weight'] });
  expect(posted.at(-1)).toEqual({ type: 'histogram', tensor: 'layers.1.weight' });
  const links = [...root.querySelectorAll<HTMLElement>('.figure tbody th button')];
  expect(links.map(({ textContent }) => textContent)).toEqual(comparison.tensors.map(({ name }) => name));
  links[0]!.click();
  expect(posted.at(-1)).toEqual({ type: 'histogram', tensor: 'layers.0.weight' });
});

test('a histogram of the chosen tensor is drawn, one of another is not', () => {
  const { charts, open, root, send } = openInspector();
  send({ type: 'checkpoint', snapshot });
  open('critic');
  const drawn = () => charts.flatMap(({ specs }) => specs) as { data: { values: object[] } }[];
  send({ type: 'histogram', tensor: 'layers.0.weight', result: { edges: [0, 1], counts: [9], outside: 0 } });
  expect(drawn()).toEqual([]);
  send({ type: 'histogram', tensor: 'critic', result: { edges: [0, 0.5, 1], counts: [3, 4], outside: 2 } });
  expect(drawn().at(-1)!.data.values).toEqual([{ from: 0, to: 0.5, count: 3 }, { from: 0.5, to: 1, count: 4 }]);
  expect(root.textContent).toContain('2 values are NaN or infinite');
});

test('links, comparisons and Stop post what they say', () => {
  const { root, posted, send } = openInspector();
  send({ type: 'checkpoint', snapshot });
  const press = (text: string) => [...root.querySelectorAll<HTMLElement>('button, vscode-button')].find(({ textContent }) => textContent === text)!.click();
  press('Show in Explorer');
  press('base');
  press('With another…');
  send({ type: 'work', text: 'Measuring', fraction: 0.5 });
  expect(root.querySelector('progress')!.value).toBe(0.5);
  press('Stop');
  expect(posted.slice(-4)).toEqual([{ type: 'reveal', path: snapshot.path }, { type: 'open', path: '/lab/base', opens: 'checkpoint' }, { type: 'compare', with: 'other' }, { type: 'stop' }]);
});

test('the chosen tensor and the filter come back for the same checkpoint only', () => {
  const first = openInspector();
  first.send({ type: 'checkpoint', snapshot });
  first.open('critic');
  const again = openInspector(first.state());
  again.send({ type: 'checkpoint', snapshot });
  expect(again.posted.at(-1)).toEqual({ type: 'histogram', tensor: 'critic' });
  const other = openInspector(first.state());
  other.send({ type: 'checkpoint', snapshot: { ...snapshot, path: '/lab/other' } });
  expect(other.posted.some(({ type }) => type === 'histogram')).toBe(false);
});

test('nothing selected, and a file that cannot be read', () => {
  const { root, send } = openInspector();
  send({ type: 'empty' });
  expect(root.textContent).toContain('Select a checkpoint');
  send({ type: 'failure', path: '/lab/broken.safetensors', message: 'truncated' });
  expect(root.querySelector('[role=alert]')!.textContent).toBe('truncated');
  expect(root.textContent).toBe('truncated/lab/broken.safetensors');
  send({ type: 'failure', path: '/lab/broken.safetensors', message: '/lab/broken.safetensors: truncated' });
  expect(root.textContent).toBe('/lab/broken.safetensors: truncated'); // once
});

test('a comparison in words: a cosine near 1 keeps its digits', () => {
  expect(comparisonFacts(comparison)).toEqual([['‖θ − θ₀‖', '2.000'], ['‖θ − θ₀‖ / ‖θ₀‖', '12.50 %'], ['cos(θ, θ₀)', '1 − 8.00e−6'], ['opposite signs', '25.00 %'], ['Base θ₀', '/lab/base']]);
  expect(comparisonFacts({ ...comparison, of: 'task-vectors', base: '/lab/base', reference: '/lab/b', total: { norm: 1, relative: 0.5, cosine: null, signConflict: null } })[2]).toEqual(['cos(τ, τ′)', '–']);
});
