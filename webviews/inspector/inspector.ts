import type { FromInspector, InspectorSnapshot, ToInspector } from '../../src/protocol/panels';
import { linkButton, searchField } from '../kit/controls';
import { element, setText } from '../kit/element';
import { formatBytes, formatCount, formatNumber } from '../kit/format';
import type { Host } from '../kit/host';
import { dataTable, type Column } from '../kit/table';

type Tensor = InspectorSnapshot['tensors'][number];

const columns: readonly Column<Tensor>[] = [
  { title: 'Tensor', value: ({ name }) => name, isRowHeader: true },
  { title: 'Shape', value: ({ shape }) => shape.reduce((product, length) => product * length, 1), text: ({ shape }) => (shape.length === 0 ? 'scalar' : shape.join(' × ')), isNumeric: true },
  { title: 'Type', value: ({ dtype }) => dtype },
  { title: 'Size', value: ({ bytes }) => bytes, text: ({ bytes }) => formatBytes(bytes), isNumeric: true },
];
/** rows drawn at once: a large model has thousands, and the filter finds the others */
const rowLimit = 400;

/** The side panel on the selected checkpoint: what its headers say, and how far it lies from its base. */
export function mountInspector(root: HTMLElement, host: Host<ToInspector, FromInspector>): void {
  let shown: InspectorSnapshot | null = null;
  let filter = '';
  const table = dataTable<Tensor>({ caption: 'Tensors of the checkpoint' });
  const count = element('p', { class: 'hint', attributes: { role: 'status' } });
  const drawTensors = (): void => {
    if (!shown) return;
    const found = matching(shown.tensors, filter);
    table.update(columns, found.slice(0, rowLimit));
    setText(count, found.length > rowLimit ? `The first ${rowLimit} of ${formatCount(found.length, 'tensor')}: filter to see others.` : filter === '' ? formatCount(found.length, 'tensor') : `${found.length} of ${formatCount(shown.tensors.length, 'tensor')}`);
  };
  const search = searchField('Filter tensors by name or type', '', (text) => {
    filter = text.trim();
    drawTensors();
  });
  const tensors = element('section', {}, element('h2', {}, 'Tensors'), search, count, table.element);

  host.listen((message) => {
    if (message.type === 'checkpoint') {
      shown = message.snapshot;
      root.replaceChildren(...summary(shown, () => host.post({ type: 'reveal', path: message.snapshot.path })), tensors);
      drawTensors();
    } else if (message.type === 'failure') {
      shown = null;
      root.replaceChildren(element('div', { class: 'failure', attributes: { role: 'alert' } }, message.message), element('p', { class: 'hint' }, message.path));
    } else if (message.type === 'empty') {
      shown = null;
      root.replaceChildren(element('p', { class: 'empty' }, 'Select a checkpoint in the Checkpoints view to see its tensors, its metadata and its distance to the base.'));
    }
  });
  host.post({ type: 'ready' });
}

function summary({ path, title, description, facts, metadata, distance }: InspectorSnapshot, reveal: () => void): Node[] {
  return [
    element('header', { class: 'panel-head' }, element('h1', { attributes: { title: path } }, title), element('p', {}, description), linkButton({ label: 'Show in Explorer', title: `Show ${path} in the Explorer`, onClick: reveal })),
    list([...facts, ...distanceFacts(distance)]),
    ...(metadata.length === 0 ? [] : [element('details', {}, element('summary', {}, `Metadata (${metadata.length})`), list(metadata))]),
  ];
}

/** The distance to the base in words. */
export function distanceFacts(distance: InspectorSnapshot['distance']): [string, string][] {
  if (distance === null) return [['Distance to base', 'being computed…']];
  if ('error' in distance) return [['Distance to base', distance.error]];
  return [
    ['Distance to base', `‖θ − θ₀‖ = ${formatNumber(distance.norm)}, ${formatNumber(100 * distance.relative)} % of ‖θ₀‖`],
    ['Cosine with base', formatCosine(distance.cosine)],
    ['Base checkpoint', distance.base],
  ];
}

/** Experts lie close to their base: four digits after the nines, where the ordinary four digits would say 1. */
function formatCosine(cosine: number): string {
  const gap = Math.abs(1 - cosine);
  return gap > 0 && gap < 1e-3 ? `1 ${cosine < 1 ? '−' : '+'} ${gap.toExponential(2)}` : formatNumber(cosine);
}

/** Tensors whose name or type holds every word of the filter. */
export function matching(tensors: readonly Tensor[], filter: string): readonly Tensor[] {
  const words = filter.toLowerCase().split(/\s+/).filter(Boolean);
  return words.length === 0 ? tensors : tensors.filter(({ name, dtype }) => words.every((word) => `${name} ${dtype}`.toLowerCase().includes(word)));
}

function list(entries: readonly (readonly [string, string])[]): HTMLElement {
  return element('dl', { class: 'facts' }, ...entries.flatMap(([label, value]) => [element('dt', {}, label), element('dd', {}, value)]));
}
